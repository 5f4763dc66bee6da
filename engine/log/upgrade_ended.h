#pragma once
// The step of an upgrade that builds the indexes of faults and of ended runs.

#include "workflows/core/error.h"

#include <rocksdb/db.h>

namespace cairn {

/// Builds them anew from the run index, and the last records of faulted runs, with as much memory as a thousand rows take.
Result<void> index_ended_runs(rocksdb::DB& db);

}  // namespace cairn
