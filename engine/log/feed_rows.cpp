// The order of all that was recorded (feed.h): its rows written, read, let go and verified.

#include "engine/log/batch_writer.h"
#include "engine/log/bytes.h"
#include "engine/log/row_range.h"
#include "engine/log/status.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace cairn {
namespace {

/// A row as it stands in the store.
struct FeedRow {
  FeedPosition first{};
  std::vector<FeedRecord> records;
};

Result<FeedRow> read_row(std::string_view key, std::string_view row) {
  const auto first = keys::parse_feed(key);
  const auto body = rows::unseal(key, row);
  auto records = first && body ? rows::parse_feed(*first, *body) : std::nullopt;
  if (!records) return damaged(place_of(key), std::string(body ? "cannot be read" : k_bad_seal));
  return FeedRow{*first, *std::move(records)};
}

}  // namespace

std::string rows::encode_feed(const std::vector<FeedRecord>& records) {
  std::string body;
  for (const auto& record : records) {
    body.append(reinterpret_cast<const char*>(record.run.bytes.data()), record.run.bytes.size());
    put_big_endian(body, number_of(record.event));
    put_big_endian(body, record.events);
  }
  return body;
}

std::optional<std::vector<FeedRecord>> rows::parse_feed(FeedPosition first, std::string_view body) {
  std::vector<FeedRecord> records;
  ByteReader in(body);
  while (records.empty() || !in.at_end()) {
    FeedRecord record;
    record.first = first;
    const auto id = in.take(record.run.bytes.size());
    std::copy(id.begin(), id.end(), record.run.bytes.begin());
    record.event = EventSeq{in.big_endian<std::uint64_t>()};
    record.events = in.big_endian<std::uint32_t>();
    if (!in.ok() || record.events == 0 || record.event == k_no_event) return std::nullopt;
    first = FeedPosition{number_of(first) + record.events};
    records.push_back(record);
  }
  return records;
}

void BatchWriter::add_feed(const AppendBatch& batch) {
  if (batch.records.empty()) return;
  const FeedPosition first{number_of(log_.feed_head_) + 1};
  std::vector<FeedRecord> records;
  records.reserve(batch.records.size());
  std::uint64_t next = number_of(first);
  for (const auto& item : batch.records) {
    const auto events = static_cast<std::uint32_t>(item.record->events.size());
    records.push_back({FeedPosition{next}, item.run, item.record->first, events});
    next += events;
  }
  put(keys::feed(first), rows::encode_feed(records));
  new_feed_head_ = FeedPosition{next - 1};
}

/// Deletes rows that name removed runs only. The newest stays: it says where the count has come to. So does one that cannot be read.
Result<void> BatchWriter::trim_feed(std::size_t rows) {
  const Range at(*log_.db_, nullptr, keys::feed(log_.feed_trim_at_), keys::after(kind_prefix(keys::k_feed)));
  FeedPosition next{};
  for (at->SeekToFirst(); at->Valid() && rows > 0; at->Next(), --rows) {
    const auto row = read_row(at.key(), at.value());
    if (!row) continue;
    const FeedPosition last = row.value().records.back().last();
    if (last >= log_.feed_head_) break;
    next = FeedPosition{number_of(last) + 1};
    bool goes = true;
    for (const auto& record : row.value().records) {
      CAIRN_TRY(const auto line, get_row(*log_.db_, nullptr, keys::run(record.run)));
      goes = !line;
      if (!goes) break;
    }
    if (goes) writes_.Delete(keys::feed(row.value().first));
  }
  if (!at->status().ok() && !at->status().IsCorruption()) return to_error(at->status(), "feed");
  new_feed_trim_at_ = at->Valid() && rows == 0 ? next : FeedPosition{};
  return success();
}

Result<FeedEnds> RocksLog::feed() const {
  const ReadView snapshot(*db_);
  const auto prefix = kind_prefix(keys::k_feed);
  const Range rows(*db_, snapshot.get(), prefix, keys::after(prefix));
  FeedEnds ends;
  rows->SeekToLast();
  if (rows->Valid()) {
    CAIRN_TRY(const auto newest, read_row(rows.key(), rows.value()));
    ends.head = newest.records.back().last();
    rows->SeekToFirst();
    const auto oldest = rows->Valid() ? keys::parse_feed(rows.key()) : std::nullopt;
    ends.first = oldest.value_or(newest.first);
  }
  if (!rows->status().ok()) return to_error(rows->status(), "feed");
  return ends;
}

Result<void> RocksLog::each_feed_record(FeedPosition after, const std::function<bool(const FeedRecord&)>& visit) const {
  const auto prefix = kind_prefix(keys::k_feed);
  const Range rows(*db_, nullptr, prefix, keys::after(prefix));
  // The row that holds the next position begins at it or before it.
  rows->SeekForPrev(keys::feed(FeedPosition{number_of(after) + 1}));
  if (!rows->Valid() && rows->status().ok()) rows->SeekToFirst();
  for (; rows->Valid(); rows->Next()) {
    CAIRN_TRY(const auto row, read_row(rows.key(), rows.value()));
    for (const auto& record : row.records) {
      if (record.last() > after && !visit(record)) return success();
    }
  }
  if (!rows->status().ok()) return to_error(rows->status(), "feed");
  return success();
}

void RowVerifier::verify_feed() {
  FeedPosition expected{1};
  const bool sound = findings_.empty();
  each(kind_prefix(keys::k_feed), [&](std::string_view key, std::string_view bytes) {
    const auto row = read_row(key, bytes);
    if (!row) return findings_.add(row.error());
    if (row.value().first < expected) return findings_.add(place_of(key), "it begins before the one before ends");
    expected = FeedPosition{number_of(row.value().records.back().last()) + 1};
    for (const auto& record : row.value().records) {
      // What is missing elsewhere is missing here, too: enough has been said of it.
      if (unreadable_ || !sound) continue;
      const auto line = line_of(record.run);
      if (line && number_of(record.event) + record.events - 1 > line->length) {
        findings_.add(feed_place(record.first),
                      event_place(record.run, record.event) + ", which it names, is not there");
      }
    }
  });
}

}  // namespace cairn
