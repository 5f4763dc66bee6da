#include "engine/log/batch_folder.h"

#include "engine/log/rocks_options.h"
#include "engine/log/status.h"
#include "engine/log/store.h"

#include <rocksdb/db.h>

#include <memory>
#include <utility>

namespace cairn {

Result<void> BatchFolder::look(std::size_t rows) {
  for (std::uint16_t number = 0; number < log_.partitions_; ++number) {
    CAIRN_TRY(look_at(PartitionId{number}, rows));
  }
  return success();
}

Result<void> BatchFolder::look_at(PartitionId partition, std::size_t rows) {
  const auto number = static_cast<std::uint16_t>(partition);
  const auto end = keys::batch(partition, log_.ends_[number].lsn);  // the newest row may not go: the head names it
  const rocksdb::Slice bound(end);
  auto options = read_options(nullptr);
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(log_.db_->NewIterator(options));
  Lsn next{};
  for (at->Seek(keys::batch(partition, log_.fold_at_[number])); at->Valid() && rows > 0; at->Next(), --rows) {
    const auto key = keys::parse_batch(view(at->key()));
    const auto body = rows::unseal(view(at->key()), view(at->value()));
    auto batch = body ? rows::parse_batch(*body) : std::nullopt;
    if (!key || !batch) {
      CAIRN_TRY(write(partition));
      continue;
    }
    const Seen seen{key->first, std::move(*batch), rows::hash_of(view(at->key()), view(at->value()))};
    next = Lsn{number_of(seen.last()) + 1};
    if (seen.last() >= log_.ends_[number].lsn) break;
    CAIRN_TRY(const bool goes, may_go(partition, seen));
    if (goes) {
      CAIRN_TRY(take(partition, seen));
    } else {
      CAIRN_TRY(write(partition));
    }
  }
  if (!at->status().ok()) return to_error(at->status(), partition_place(partition, next));
  new_fold_at_[number] = at->Valid() && rows == 0 ? next : Lsn{};
  return write(partition);
}

/// The fold that ends right before `lsn` or holds it.
Result<std::optional<BatchFolder::Stretch>> BatchFolder::fold_before(PartitionId partition, Lsn lsn) const {
  CAIRN_TRY(const auto found, find_fold(*log_.db_, nullptr, partition, lsn));
  if (!found || number_of(found->row.last) + 1 < number_of(lsn)) return std::optional<Stretch>();
  return std::optional(Stretch{found->first, found->row});
}

Result<void> BatchFolder::take(PartitionId partition, const Seen& seen) {
  if (stretch_ && number_of(stretch_->row.last) + 1 != number_of(seen.first)) {
    // Between the two lies what was folded before.
    CAIRN_TRY(const auto between, fold_before(partition, seen.first));
    if (between && number_of(between->first) == number_of(stretch_->row.last) + 1) {
      writes_.Delete(keys::fold(partition, between->first));
      stretch_->row.last = between->row.last;
    } else {
      CAIRN_TRY(write(partition));
    }
  }
  if (!stretch_) {
    CAIRN_TRY(const auto before, fold_before(partition, seen.first));
    stretch_ = before.value_or(Stretch{seen.first, {{}, seen.batch.previous, {}}});
  }
  stretch_->row.last = seen.last();
  stretch_->row.chain = seen.hash;
  writes_.Delete(keys::batch(partition, seen.first));
  for (const auto& entry : seen.batch.entries) {
    if (entry.is_removal()) writes_.Delete(keys::removal(entry.run));
  }
  return success();
}

/// Ends the stretch, together with what was folded right behind it before.
Result<void> BatchFolder::write(PartitionId partition) {
  if (!stretch_) return success();
  Stretch done = *std::exchange(stretch_, std::nullopt);
  const Lsn behind{number_of(done.row.last) + 1};
  CAIRN_TRY(const auto next, fold_before(partition, behind));
  if (next && next->first == behind) {
    writes_.Delete(keys::fold(partition, behind));
    done.row.last = next->row.last;
    done.row.chain = next->row.chain;
  }
  const auto key = keys::fold(partition, done.first);
  writes_.Put(key, rows::seal(key, rows::encode_fold(done.row)));
  return success();
}

Result<bool> BatchFolder::may_go(PartitionId partition, const Seen& seen) const {
  for (const auto& entry : seen.batch.entries) {
    if (entry.is_removal()) {
      CAIRN_TRY(const bool goes, removal_may_go(partition, entry));
      if (!goes) return false;
      continue;
    }
    CAIRN_TRY(const auto line, get_row(*log_.db_, nullptr, keys::run(entry.run)));
    if (line) return false;
    // Without a tombstone, or with its records still there, it did not go by retention: verify() has to see that.
    CAIRN_TRY(const auto removed, get_row(*log_.db_, nullptr, keys::removal(entry.run)));
    if (!removed) return false;
  }
  return true;
}

/// When nothing of the run is left in the chain.
Result<bool> BatchFolder::removal_may_go(PartitionId partition, const rows::BatchEntry& entry) const {
  const auto key = keys::removal(entry.run);
  CAIRN_TRY(const auto row, get_row(*log_.db_, nullptr, key));
  if (!row || rows::hash_of(key, *row) != entry.record) return false;
  const auto body = rows::unseal(key, *row);
  const auto removal = body ? rows::parse_removal(entry.run, *body) : std::nullopt;
  if (!removal) return false;
  const auto covers = [&](const Stretch& fold) {
    return fold.first <= removal->first_lsn && fold.row.last >= removal->last_lsn;
  };
  if (stretch_ && covers(*stretch_)) return true;
  CAIRN_TRY(const auto folded, fold_before(partition, removal->first_lsn));
  return folded && covers(*folded);
}

}  // namespace cairn
