// RocksLog's reads.

#include "engine/log/record_codec.h"
#include "engine/log/rocks_log.h"
#include "engine/log/row_range.h"
#include "engine/log/semver.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "workflows/value/codec.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <algorithm>

namespace cairn {
namespace {

/// Follows one run's records, each held against its seal and the one before.
class RecordReader {
 public:
  explicit RecordReader(const RunId& run) : run_(run) {}

  Result<Record> next(std::string_view key, std::string_view row) {
    const auto place = keys::parse_record(key);
    if (!place) return damaged(place_of(key), "its key is no record's");
    const auto where = event_place(run_, place->first);
    if (started_ && place->first != EventSeq{length_ + 1}) {
      return damaged(event_place(run_, EventSeq{length_ + 1}), "its record is missing");
    }
    const auto body = rows::unseal(key, row);
    if (!body) return damaged(where, std::string(k_bad_seal));
    const auto parsed = rows::parse_record(*body);
    if (!parsed) return damaged(where, "its record cannot be read");
    if ((started_ || number_of(place->first) == 1) && parsed->previous != head_) {
      return damaged(where, "the chain is broken: the record before is not the one this was written after");
    }
    auto record = decode_record(parsed->payload);
    if (!record) {
      auto error = std::move(record).error();
      error.where = where;
      if (error.remedy.empty()) error.remedy = damage_remedy();
      return error;
    }
    if (record.value().first != place->first || record.value().events.empty()) {
      return damaged(where, "its record belongs to another place");
    }
    started_ = true;
    length_ = number_of(place->first) + record.value().events.size() - 1;
    head_ = rows::hash_of(key, row);
    return record;
  }

  [[nodiscard]] std::uint64_t length() const { return length_; }
  [[nodiscard]] const Hash256& head() const { return head_; }

 private:
  RunId run_;
  bool started_ = false;
  std::uint64_t length_ = 0;
  Hash256 head_;
};

}  // namespace

Result<void> RocksLog::read(const RunId& run, EventSeq from, const std::function<bool(const Record&)>& visit) const {
  const ReadView snapshot(*db_);
  CAIRN_TRY(const auto summary, get_summary(*db_, snapshot.get(), run));
  if (!summary) return make_error(ErrorCode::not_found, "there is no such run", run_place(run));
  if (number_of(from) > summary->length) return success();
  const auto prefix = keys::records_of(run);
  const Range records(*db_, snapshot.get(), prefix, keys::after(prefix));
  const bool from_the_start = number_of(from) <= 1;
  if (from_the_start) {
    records->SeekToFirst();
  } else {
    records->SeekForPrev(keys::record(run, from));  // the record that holds it begins at it or before it
  }
  RecordReader reader(run);
  bool first = true;
  for (; records->Valid(); records->Next()) {
    CAIRN_TRY(const auto record, reader.next(records.key(), records.value()));
    if (first && (from_the_start ? number_of(record.first) != 1 : reader.length() < number_of(from))) break;
    first = false;
    if (!visit(record)) return success();
  }
  if (!records->status().ok()) return to_error(records->status(), event_place(run, EventSeq{reader.length() + 1}));
  if (reader.length() != summary->length) {
    const auto missing = first && from_the_start ? 1
                         : first                 ? std::max(number_of(from), reader.length() + 1)
                                                 : reader.length() + 1;
    return damaged(event_place(run, EventSeq{missing}),
                   fmt::format("its record is missing; the run has {} events", summary->length));
  }
  if (reader.head() != summary->head) {
    return damaged(event_place(run, EventSeq{reader.length()}),
                   "the last record is not the one that the run index names");
  }
  return success();
}

Result<std::optional<EventLog::Snapshot>> RocksLog::snapshot(const RunId& run, EventSeq at) const {
  const ReadView view_of(*db_);
  const auto prefix = keys::snapshot(run, EventSeq{0});
  const Range snapshots(*db_, view_of.get(), prefix, keys::after(prefix.substr(0, prefix.size() - 8)));
  const auto record_prefix = keys::records_of(run);
  const Range records(*db_, view_of.get(), record_prefix, keys::after(record_prefix));
  for (snapshots->SeekForPrev(keys::snapshot(run, at)); snapshots->Valid(); snapshots->Prev()) {
    const auto event = keys::parse_snapshot_event(snapshots.key());
    const auto body = rows::unseal(snapshots.key(), snapshots.value());
    const auto row = body ? rows::parse_snapshot(*body) : std::nullopt;
    if (!event || !row) continue;
    records->SeekForPrev(keys::record(run, *event));
    if (!records->Valid() || rows::hash_of(records.key(), records.value()) != row->record) continue;
    if (auto state = decode_value(row->state)) return std::optional(Snapshot{*event, std::move(state).value()});
  }
  if (!snapshots->status().ok()) return to_error(snapshots->status(), run_place(run) + " snapshots");
  return std::optional<Snapshot>();
}

Result<std::optional<RunSummary>> RocksLog::summary(const RunId& run) const { return get_summary(*db_, nullptr, run); }

Result<void> RocksLog::each_run(const std::function<bool(const RunSummary&)>& visit) const {
  return each_run_up_to(keys::after(kind_prefix(keys::k_run)), visit);
}

Result<void> RocksLog::each_run_before(const RunId& run, const std::function<bool(const RunSummary&)>& visit) const {
  return each_run_up_to(keys::run(run), visit);
}

Result<void> RocksLog::each_run_up_to(const std::string& end,
                                      const std::function<bool(const RunSummary&)>& visit) const {
  const auto prefix = kind_prefix(keys::k_run);
  const Range lines(*db_, nullptr, prefix, end);
  std::optional<Error> first;
  for (lines->SeekToLast(); lines->Valid(); lines->Prev()) {
    const auto id = keys::parse_run(lines.key());
    const auto body = rows::unseal(lines.key(), lines.value());
    const auto summary = id && body ? rows::parse_summary(*id, *body) : std::nullopt;
    if (!summary) {
      if (!first) first = damaged(place_of(lines.key()), "its line in the run index cannot be read");
    } else if (!visit(*summary)) {
      break;
    }
  }
  if (!lines->status().ok()) return to_error(lines->status(), "run index");
  if (first) return std::move(*first);
  return success();
}

Result<void> RocksLog::each_open_run(const std::function<bool(const RunSummary&)>& visit) const {
  const ReadView snapshot(*db_);
  const auto prefix = kind_prefix(keys::k_open_run);
  const Range open(*db_, snapshot.get(), prefix, keys::after(prefix));
  std::optional<Error> first;
  for (open->SeekToFirst(); open->Valid(); open->Next()) {
    const auto id = keys::parse_run(open.key());
    auto summary =
        id ? get_summary(*db_, snapshot.get(), *id) : Result<std::optional<RunSummary>>(std::optional<RunSummary>());
    if (!summary || !summary.value()) {
      if (!first) first = summary ? damaged(place_of(open.key()), "there is no such run") : std::move(summary).error();
    } else if (!visit(*summary.value())) {
      break;
    }
  }
  if (!open->status().ok()) return to_error(open->status(), "index of open runs");
  if (first) return std::move(*first);
  return success();
}

Result<void> RocksLog::each_active_run(const RunId& after, const std::function<bool(const RunId&)>& visit) const {
  const Range active(*db_, nullptr, keys::active_run(after), keys::after(kind_prefix(keys::k_active_run)));
  std::optional<Error> first;
  for (active->SeekToFirst(); active->Valid(); active->Next()) {
    const auto id = keys::parse_run(active.key());
    if (!id || !rows::unseal(active.key(), active.value())) {
      if (!first) first = damaged(place_of(active.key()), "cannot be read");
    } else if (*id != after && !visit(*id)) {
      break;
    }
  }
  if (!active->status().ok()) return to_error(active->status(), "index of active runs");
  if (first) return std::move(*first);
  return success();
}

Result<void> RocksLog::each_timer(const DueTimer& after, const std::function<bool(const DueTimer&)>& visit) const {
  const Range timers(*db_, nullptr, keys::timer(after), keys::after(kind_prefix(keys::k_timer)));
  std::optional<Error> first;
  for (timers->SeekToFirst(); timers->Valid(); timers->Next()) {
    const auto timer = keys::parse_timer(timers.key());
    if (!timer || !rows::unseal(timers.key(), timers.value())) {
      if (!first) first = damaged(place_of(timers.key()), "cannot be read");
    } else if (*timer != after && !visit(*timer)) {
      break;
    }
  }
  if (!timers->status().ok()) return to_error(timers->status(), "index of timers");
  if (first) return std::move(*first);
  return success();
}

Result<std::vector<RunId>> RocksLog::runs_with_prefix(std::string_view prefix, std::size_t limit) const {
  std::vector<RunId> out;
  const auto ids = ids_with_prefix(keys::k_run, prefix);
  if (!ids) return out;
  const Range lines(*db_, nullptr, ids->lowest, keys::after(kind_prefix(keys::k_run)));
  for (lines->SeekForPrev(ids->highest); lines->Valid() && out.size() < limit; lines->Prev()) {
    if (const auto id = keys::parse_run(lines.key())) out.push_back(*id);
  }
  if (!lines->status().ok()) return to_error(lines->status(), "run index");
  return out;
}

Result<std::optional<RunId>> RocksLog::run_of_key(const WorkflowIdentity& workflow, std::string_view key) const {
  const auto row_key = keys::start_key(workflow, key);
  CAIRN_TRY(const auto body, get_body(*db_, nullptr, row_key));
  if (!body) return std::optional<RunId>();
  const auto run = rows::parse_run_id(*body);
  if (!run) return damaged(place_of(row_key), "cannot be read");
  return run;
}

Result<std::optional<StoredDefinition>> RocksLog::definition(const Hash256& hash) const {
  const auto key = keys::definition(hash);
  CAIRN_TRY(const auto body, get_body(*db_, nullptr, key));
  if (!body) return std::optional<StoredDefinition>();
  auto definition = rows::parse_definition(hash, *body);
  if (!definition || sha256(definition->text) != hash)
    return damaged(place_of(key), "its text is not the one with this hash");
  return definition;
}

Result<std::optional<StoredDefinition>> RocksLog::find_definition(const WorkflowIdentity& workflow) const {
  constexpr std::string_view k_latest = "latest";
  WorkflowIdentity wanted = workflow;
  if (workflow.version == k_latest) {
    const auto prefix = keys::definition_names(workflow);
    const Range names(*db_, nullptr, prefix, keys::after(prefix));
    std::optional<std::string> latest;
    for (names->SeekToFirst(); names->Valid(); names->Next()) {
      const auto identity = keys::parse_definition_name(names.key());
      if (!identity) return damaged(place_of(names.key()), "its key cannot be read");
      if (!latest || compare_versions(identity->version, *latest) > 0) latest = identity->version;
    }
    if (!names->status().ok()) return to_error(names->status(), "definition " + workflow.to_string());
    if (!latest) return std::optional<StoredDefinition>();
    wanted.version = *latest;
  }
  const auto key = keys::definition_name(wanted);
  CAIRN_TRY(const auto body, get_body(*db_, nullptr, key));
  if (!body) return std::optional<StoredDefinition>();
  const auto hash = rows::parse_hash(*body);
  if (!hash) return damaged(place_of(key), "cannot be read");
  CAIRN_TRY(auto found, definition(*hash));
  if (!found) return damaged(place_of(keys::definition(*hash)), "its text is missing");
  return found;
}

}  // namespace cairn
