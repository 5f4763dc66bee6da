#pragma once
// Bringing the store of an older version up to this one's format, in the opening for writing.

#include "workflows/core/error.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

namespace cairn {

/// Adds the meta rows that say that a store has this version's format and indexes.
void put_upgraded(rocksdb::WriteBatch& batch);

/// Does nothing to a store that has them. Format 1 had no indexes of faults and ended runs: they are built, with as much
/// memory as a thousand rows take. A crash meanwhile leaves the old format; then it is done anew.
Result<void> upgrade_store(rocksdb::DB& db);

/// Whether the store has the indexes of faults and ended runs.
Result<bool> has_ended_index(rocksdb::DB& db, const rocksdb::Snapshot* snapshot);

}  // namespace cairn
