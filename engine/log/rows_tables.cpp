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
