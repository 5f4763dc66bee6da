#pragma once
// The key by which tokens of approvals are made (docs/log-format.md, the meta row "approval_key"). It is the log's: a backup has
// it too, so links that were sent stay good when the backup takes the log's place.

#include "workflows/core/error.h"

#include <rocksdb/db.h>

namespace cairn {

/// Writes one by the operating system's randomness when there is none. io: no randomness, or a failed write.
Result<void> ensure_approval_key(rocksdb::DB& db);

}  // namespace cairn
