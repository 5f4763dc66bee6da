#pragma once
// BatchFolder: what keeps the chains of the partitions from growing for ever. Rows of a partition's chain all of whose runs are
// gone are replaced by one fold row, which keeps both ends of the gap; with a removal's place in the chain its tombstone goes too.

#include "engine/log/rocks_log.h"
#include "engine/log/rows.h"

#include <rocksdb/write_batch.h>

#include <map>
#include <optional>

namespace rocksdb {
class Iterator;
}

namespace cairn {

class BatchFolder {
 public:
  /// Adds to `writes`; `new_fold_at` gets where the next look begins, for when the batch is durable.
  BatchFolder(const RocksLog& log, rocksdb::WriteBatch& writes, std::map<std::uint16_t, Lsn>& new_fold_at)
      : log_(log), writes_(writes), new_fold_at_(new_fold_at) {}

  /// Looks at up to `rows` rows of each partition. A row that is damaged stays, and so do its neighbours.
  Result<void> look(std::size_t rows);

 private:
  /// Rows that lie one after the other and may go.
  struct Stretch {
    Lsn first{};
    rows::FoldRow row;
  };
  /// A row of the chain as it stands in the store.
  struct Seen {
    Lsn first{};
    rows::BatchRow batch;
    Hash256 hash;
    [[nodiscard]] Lsn last() const { return Lsn{number_of(first) + batch.entries.size() - 1}; }
  };

  Result<void> look_at(PartitionId partition, std::size_t rows);
  Result<void> take(PartitionId partition, const Seen& seen);
  Result<void> write(PartitionId partition);
  [[nodiscard]] Result<bool> may_go(PartitionId partition, const Seen& seen) const;
  [[nodiscard]] Result<bool> removal_may_go(PartitionId partition, const rows::BatchEntry& entry) const;
  [[nodiscard]] Result<std::optional<Stretch>> fold_before(PartitionId partition, Lsn lsn) const;

  const RocksLog& log_;
  rocksdb::WriteBatch& writes_;
  std::map<std::uint16_t, Lsn>& new_fold_at_;
  std::optional<Stretch> stretch_;
};

}  // namespace cairn
