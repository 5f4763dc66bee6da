// The rows that are FlatBuffers tables, because they will grow: run summaries and definitions.

#include "engine/log/rows.h"
#include "engine/log/schema.h"

namespace cairn::rows {
namespace {

flatbuffers::Offset<fb::Identity> put_identity(flatbuffers::FlatBufferBuilder& builder, const WorkflowIdentity& id) {
  const auto space = builder.CreateString(id.workflow_namespace);
  const auto name = builder.CreateString(id.name);
  return fb::CreateIdentity(builder, space, name, builder.CreateString(id.version));
}

WorkflowIdentity from_fb(const fb::Identity* id) {
  if (id == nullptr) return {};
  return {cairn::from_fb(id->space()), cairn::from_fb(id->name()), cairn::from_fb(id->version())};
}

std::string bytes_of_finished(const flatbuffers::FlatBufferBuilder& builder) {
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

/// The table in `body`, verified; nullptr when it is none. `aligned` keeps the copy that the table lives in.
template <class Table>
const Table* verified(std::string_view body, std::vector<std::uint64_t>& aligned) {
  if (body.size() < sizeof(flatbuffers::uoffset_t) || body.size() >= (std::size_t{1} << 31)) return nullptr;
  aligned.resize((body.size() + 7) / 8);
  std::copy(body.begin(), body.end(), reinterpret_cast<char*>(aligned.data()));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  flatbuffers::Verifier verifier(bytes, body.size(), 4, 16);
  if (!verifier.VerifyBuffer<Table>(nullptr)) return nullptr;
  return flatbuffers::GetRoot<Table>(bytes);
}

}  // namespace

std::string encode_summary(const RunSummary& summary) {
  thread_local flatbuffers::FlatBufferBuilder builder(512);
  builder.Clear();
  const auto workflow = put_identity(builder, summary.workflow);
  const auto key = summary.key.empty() ? 0 : builder.CreateString(summary.key);
  const auto singleton_key = summary.singleton_key ? builder.CreateString(*summary.singleton_key) : 0;
  const auto definition = to_fb(summary.definition);
  const auto parent = to_fb(summary.parent);
  const auto head = to_fb(summary.head);
  const auto retry_of = to_fb(summary.retry_of);
  const auto retried_by = to_fb(summary.retried_by);
  fb::RunRowBuilder row(builder);
  row.add_status(static_cast<fb::Status>(summary.status));
  row.add_open(summary.open);
  row.add_workflow(workflow);
  row.add_definition(&definition);
  row.add_started_ms(summary.started_at.ms);
  row.add_updated_ms(summary.updated_at.ms);
  if (summary.ended_at) row.add_ended_ms(summary.ended_at->ms);
  row.add_key(key);
  row.add_priority(summary.priority);
  if (!summary.parent.is_nil()) row.add_parent(&parent);
  row.add_length(summary.length);
  row.add_records(summary.records);
  row.add_head(&head);
  row.add_active(summary.active);
  row.add_singleton_key(singleton_key);
  row.add_fault_cause(summary.fault_cause);
  if (!summary.retry_of.is_nil()) row.add_retry_of(&retry_of);
  if (!summary.retried_by.is_nil()) row.add_retried_by(&retried_by);
  builder.Finish(row.Finish());
  return bytes_of_finished(builder);
}

std::optional<RunSummary> parse_summary(const RunId& id, std::string_view body) {
  std::vector<std::uint64_t> aligned;
  const auto* row = verified<fb::RunRow>(body, aligned);
  if (row == nullptr || row->status() > fb::Status::MAX) return std::nullopt;
  RunSummary out;
  out.id = id;
  out.status = static_cast<RunStatus>(row->status());
  out.open = row->open();
  out.workflow = from_fb(row->workflow());
  out.definition = cairn::from_fb(row->definition());
  out.started_at = Timestamp{row->started_ms()};
  out.updated_at = Timestamp{row->updated_ms()};
  if (row->ended_ms()) out.ended_at = Timestamp{*row->ended_ms()};
  out.key = cairn::from_fb(row->key());
  out.priority = row->priority();
  out.parent = cairn::from_fb(row->parent());
  out.length = row->length();
  out.records = row->records();
  out.head = cairn::from_fb(row->head());
  out.active = row->active();
  if (row->singleton_key() != nullptr) out.singleton_key = row->singleton_key()->str();
  out.fault_cause = row->fault_cause();
  out.retry_of = cairn::from_fb(row->retry_of());
  out.retried_by = cairn::from_fb(row->retried_by());
  return out;
}

std::string encode_removal(const Removal& removal) {
  flatbuffers::FlatBufferBuilder builder(512);
  const auto workflow = put_identity(builder, removal.workflow);
  const auto why = builder.CreateString(removal.why);
  const auto head = to_fb(removal.head);
  builder.Finish(fb::CreateRemovalRow(builder, workflow, static_cast<fb::Status>(removal.status), removal.started_at.ms,
                                      removal.ended_at.ms, removal.removed_at.ms, why, removal.length, removal.records,
                                      &head, number_of(removal.lsn), number_of(removal.first_lsn),
                                      number_of(removal.last_lsn)));
  return bytes_of_finished(builder);
}

std::optional<Removal> parse_removal(const RunId& run, std::string_view body) {
  std::vector<std::uint64_t> aligned;
  const auto* row = verified<fb::RemovalRow>(body, aligned);
  if (row == nullptr || row->status() > fb::Status::MAX) return std::nullopt;
  Removal out;
  out.run = run;
  out.workflow = from_fb(row->workflow());
  out.status = static_cast<RunStatus>(row->status());
  out.started_at = Timestamp{row->started_ms()};
  out.ended_at = Timestamp{row->ended_ms()};
  out.removed_at = Timestamp{row->removed_ms()};
  out.why = cairn::from_fb(row->why());
  out.length = row->length();
  out.records = row->records();
  out.head = cairn::from_fb(row->head());
  out.lsn = Lsn{row->lsn()};
  out.first_lsn = Lsn{row->first_lsn()};
  out.last_lsn = Lsn{row->last_lsn()};
  return out;
}

std::string encode_definition(const StoredDefinition& definition) {
  flatbuffers::FlatBufferBuilder builder(definition.text.size() + 256);
  const auto workflow = put_identity(builder, definition.workflow);
  const auto text = builder.CreateString(definition.text);
  builder.Finish(fb::CreateDefinitionRow(builder, workflow, definition.registered_at.ms, text));
  return bytes_of_finished(builder);
}

std::optional<StoredDefinition> parse_definition(const Hash256& hash, std::string_view body) {
  std::vector<std::uint64_t> aligned;
  const auto* row = verified<fb::DefinitionRow>(body, aligned);
  if (row == nullptr) return std::nullopt;
  return StoredDefinition{hash, from_fb(row->workflow()), cairn::from_fb(row->text()), Timestamp{row->registered_ms()}};
}

}  // namespace cairn::rows
