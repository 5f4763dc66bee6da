#include "engine/log/store.h"

#include "engine/log/rocks_options.h"
#include "engine/log/status.h"

#include <fmt/format.h>

namespace cairn {

std::string run_place(const RunId& run) { return "run " + run.to_string(); }
std::string event_place(const RunId& run, EventSeq event) {
  return fmt::format("run {} event {}", run.to_string(), number_of(event));
}
std::string partition_place(PartitionId partition, Lsn lsn) {
  return fmt::format("partition {} lsn {}", static_cast<std::uint16_t>(partition), number_of(lsn));
}

std::string bus_place(BusPosition position) { return fmt::format("bus event {}", number_of(position)); }

std::string feed_place(FeedPosition position) { return fmt::format("feed position {}", number_of(position)); }

std::string place_of(std::string_view key) {
  if (const auto record = keys::parse_record(key)) return event_place(record->run, record->first);
  if (const auto batch = keys::parse_batch(key)) return partition_place(batch->partition, batch->first);
  const auto run = keys::parse_run(key);
  switch (key.empty() ? '\0' : key[0]) {
    case keys::k_run:
      if (run) return run_place(*run);
      break;
    case keys::k_open_run:
      if (run) return run_place(*run) + " in the index of open runs";
      break;
    case keys::k_removal:
      if (run) return run_place(*run) + " tombstone";
      break;
    case keys::k_fault:
      if (const auto fault = keys::parse_fault(key)) return run_place(fault->run) + " in the index of faults";
      break;
    case keys::k_ended_run:
      if (const auto ended = keys::parse_ended(key)) return run_place(ended->run) + " in the index of ended runs";
      break;
    case keys::k_fold:
      if (const auto fold = keys::parse_fold(key)) return partition_place(fold->partition, fold->first) + " fold";
      break;
    case keys::k_active_run:
      if (run) return run_place(*run) + " in the index of active runs";
      break;
    case keys::k_timer:
      if (const auto timer = keys::parse_timer(key)) {
        return event_place(timer->run, timer->timer) + " in the index of timers";
      }
      break;
    case keys::k_bus_event:
      if (const auto position = keys::parse_bus_event(key)) return bus_place(*position);
      break;
    case keys::k_listen_shape:
      if (const auto shape = keys::parse_listen_shape(key)) return fmt::format("filter {:016x}", number_of(*shape));
      break;
    case keys::k_listener:
      if (const auto listens = keys::parse_listener(key)) {
        return event_place(listens->run, listens->frame) + " in the index of listeners";
      }
      break;
    case keys::k_snapshot:
      if (const auto at = keys::parse_snapshot_event(key); run && at) return event_place(*run, *at) + " snapshot";
      break;
    case keys::k_definition:
      if (const auto hash = rows::parse_hash(key.substr(1))) return "definition " + hash->hex();
      break;
    case keys::k_definition_name:
      if (const auto workflow = keys::parse_definition_name(key)) return "definition " + workflow->to_string();
      break;
    case keys::k_feed:
      if (const auto position = keys::parse_feed(key)) return feed_place(*position);
      break;
    case keys::k_sink: return "sink " + std::string(key.substr(1));
    case keys::k_schedule:
    case keys::k_gathered: return keys::schedule_name(key);
    case keys::k_start_key:
      if (const auto hash = rows::parse_hash(key.substr(1))) return "start key " + hash->hex();
      break;
    case keys::k_partition_head:
      if (key.size() == 3) {
        return fmt::format("partition {} head",
                           (static_cast<unsigned char>(key[1]) << 8) | static_cast<unsigned char>(key[2]));
      }
      break;
    case keys::k_meta: return fmt::format("meta row {}", key.substr(1));
    default: break;
  }
  std::string hex;
  for (const char c : key.substr(0, 64)) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return "row with key " + hex;
}

Error damaged(std::string where, std::string message) {
  return make_error(ErrorCode::corrupt, std::move(message), std::move(where), damage_remedy());
}

Result<std::optional<std::string>> get_row(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::string_view key) {
  std::string row;
  const auto status = db.Get(read_options(snapshot), rocksdb::Slice(key.data(), key.size()), &row);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return to_error(status, place_of(key));
  return std::optional<std::string>(std::move(row));
}

Result<std::optional<std::string>> get_body(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::string_view key) {
  CAIRN_TRY(auto row, get_row(db, snapshot, key));
  if (!row) return row;
  const auto body = rows::unseal(key, *row);
  if (!body) return damaged(place_of(key), std::string(k_bad_seal));
  row->erase(0, row->size() - body->size());
  return row;
}

Result<std::optional<RunSummary>> get_summary(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, const RunId& run) {
  const auto key = keys::run(run);
  CAIRN_TRY(const auto body, get_body(db, snapshot, key));
  if (!body) return std::optional<RunSummary>();
  auto summary = rows::parse_summary(run, *body);
  if (!summary) return damaged(place_of(key), "its line in the run index cannot be read");
  return summary;
}

Result<rows::BusRow> get_bus(rocksdb::DB& db, const rocksdb::Snapshot* snapshot) {
  const auto key = keys::meta(k_bus_row);
  CAIRN_TRY(const auto body, get_body(db, snapshot, key));
  if (!body) return rows::BusRow{};
  const auto row = rows::parse_bus(*body);
  if (!row) return damaged(place_of(key), "cannot be read");
  return *row;
}

Result<rows::PartitionHead> get_partition_head(rocksdb::DB& db, const rocksdb::Snapshot* snapshot,
                                               PartitionId partition) {
  const auto key = keys::partition_head(partition);
  CAIRN_TRY(const auto body, get_body(db, snapshot, key));
  if (!body) return rows::PartitionHead{};
  const auto head = rows::parse_head(*body);
  if (!head) return damaged(place_of(key), "cannot be read");
  return *head;
}

Result<std::optional<FoundBatch>> find_batch(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, PartitionId partition,
                                             Lsn lsn) {
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(read_options(snapshot)));
  at->SeekForPrev(keys::batch(partition, lsn));
  if (!at->status().ok()) return to_error(at->status(), partition_place(partition, lsn));
  if (!at->Valid()) return std::optional<FoundBatch>();
  const auto key = keys::parse_batch(view(at->key()));
  if (!key || key->partition != partition) return std::optional<FoundBatch>();
  const auto body = rows::unseal(view(at->key()), view(at->value()));
  if (!body) return damaged(place_of(view(at->key())), std::string(k_bad_seal));
  auto row = rows::parse_batch(*body);
  if (!row) return damaged(place_of(view(at->key())), "the batch's row cannot be read");
  FoundBatch found{key->first, std::move(*row), rows::hash_of(view(at->key()), view(at->value()))};
  if (found.last() < lsn) return std::optional<FoundBatch>();
  return std::optional<FoundBatch>(std::move(found));
}

Result<std::optional<FoundFold>> find_fold(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, PartitionId partition,
                                           Lsn lsn) {
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(read_options(snapshot)));
  at->SeekForPrev(keys::fold(partition, lsn));
  if (!at->status().ok()) return to_error(at->status(), partition_place(partition, lsn));
  const auto key = at->Valid() ? keys::parse_fold(view(at->key())) : std::nullopt;
  if (!key || key->partition != partition) return std::optional<FoundFold>();
  const auto body = rows::unseal(view(at->key()), view(at->value()));
  if (!body) return damaged(place_of(view(at->key())), std::string(k_bad_seal));
  const auto row = rows::parse_fold(*body);
  if (!row) return damaged(place_of(view(at->key())), "the folded batches' row cannot be read");
  return std::optional(FoundFold{key->first, *row});
}

}  // namespace cairn
