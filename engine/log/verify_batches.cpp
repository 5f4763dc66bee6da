// The partitions' chains of batches, and by them the judgement on what does not fit: a batch row knows the hash of each record.

#include "engine/log/keys.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"

#include <fmt/format.h>

namespace cairn {

void RowVerifier::verify_batches() {
  std::optional<PartitionId> partition;
  std::optional<std::uint64_t> expected;  // first lsn of the next row; unknown after a row that cannot be read
  std::optional<Hash256> chain;
  each(std::string(1, static_cast<char>(keys::k_batch)), [&](std::string_view key, std::string_view row) {
    const auto place = keys::parse_batch(key);
    if (!place || static_cast<std::uint16_t>(place->partition) >= partitions_) {
      return findings_.add(place_of(key), "a batch where none belongs");
    }
    if (partition != place->partition) {
      partition = place->partition;
      expected = 1;
      chain = Hash256{};
    }
    const auto where = partition_place(place->partition, place->first);
    const std::uint64_t first = number_of(place->first);
    if (expected && first != *expected) {
      // Between the two may be what was folded.
      const auto fold = find_fold(db_, snapshot_, place->partition, Lsn{*expected});
      if (fold && fold.value() && number_of(fold.value()->first) == *expected &&
          number_of(fold.value()->row.last) + 1 == first) {
        ++folds_;
        if (chain && fold.value()->row.previous != *chain) {
          findings_.add(partition_place(place->partition, Lsn{*expected}),
                        "the partition's chain is broken: the batch before is not the one that the folded ones were "
                        "written after");
        }
        expected = first;
        chain = fold.value()->row.chain;
      }
    }
    if (expected && first != *expected) {
      findings_.add(partition_place(place->partition, Lsn{*expected}),
                    first > *expected ? fmt::format("the batches of lsn {} to {} are missing", *expected, first - 1)
                                      : fmt::format("the batch overlaps the one at lsn {}", first));
      chain.reset();
    }
    const auto body = rows::unseal(key, row);
    const auto batch = body ? rows::parse_batch(*body) : std::nullopt;
    if (!batch) {
      findings_.add(where, std::string(body ? "the batch's row cannot be read" : k_bad_seal));
      expected.reset();
      chain.reset();
      return;
    }
    if (chain && batch->previous != *chain) {
      findings_.add(where, "the partition's chain is broken: the batch before is not the one this was written after");
    }
    for (std::size_t i = 0; i < batch->entries.size(); ++i) {
      const auto& entry = batch->entries[i];
      if (entry.is_removal()) {
        visit_removal_entry(entry);
      } else if (!is_removed(entry.run)) {
        of_batches_.add(entry.record, Lsn{first + i});
      }
    }
    expected = first + batch->entries.size();
    chain = rows::hash_of(key, row);
  });
}

void RowVerifier::blame() {
  if (suspicions_.empty() && of_records_ == of_batches_) return;
  each(std::string(1, static_cast<char>(keys::k_batch)), [&](std::string_view key, std::string_view row) {
    const auto body = rows::unseal(key, row);
    const auto batch = body ? rows::parse_batch(*body) : std::nullopt;
    if (batch) blame_batch(*batch);
  });
  report_missing();
  for (const auto& [run, suspicions] : suspicions_) {
    const auto blamed = blamed_.find(run);
    for (const auto& suspicion : suspicions) {
      if (blamed != blamed_.end() && (suspicion.consequence || blamed->second.contains(suspicion.event))) continue;
      findings_.add(suspicion.where, suspicion.message);
      if (suspicion.consequence) break;  // the rest follows from it
    }
  }
}

void RowVerifier::blame_batch(const rows::BatchRow& batch) {
  for (const auto& entry : batch.entries) {
    if (entry.is_removal() || is_removed(entry.run)) continue;
    const auto key = keys::record(entry.run, entry.first);
    const auto row = get_row(db_, snapshot_, key);
    if (!row) {
      if (!unreadable_) findings_.add(row.error());
      blamed_[entry.run].insert(entry.first);
      continue;
    }
    if (!row.value()) {
      missing_[entry.run][number_of(entry.first)] = entry.events;
      blamed_[entry.run].insert(entry.first);
    } else if (rows::hash_of(key, *row.value()) != entry.record) {
      const bool sealed = rows::unseal(key, *row.value()).has_value();
      findings_.add(
          event_place(entry.run, entry.first),
          std::string(sealed ? "it is not the record that was written: the partition's chain knows another hash of it"
                             : k_bad_seal));
      blamed_[entry.run].insert(entry.first);
    }
  }
}

void RowVerifier::report_missing() {
  for (const auto& [run, ranges] : missing_) {
    for (auto at = ranges.begin(); at != ranges.end();) {
      const std::uint64_t first = at->first;
      std::uint64_t end = first;
      std::uint64_t records = 0;
      for (; at != ranges.end() && at->first == end; ++at, ++records) end += at->second;
      findings_.add(event_place(run, EventSeq{first}),
                    records == 1 ? fmt::format("its record is missing (events {} to {})", first, end - 1)
                                 : fmt::format("{} records are missing (events {} to {})", records, first, end - 1));
    }
  }
}

}  // namespace cairn
