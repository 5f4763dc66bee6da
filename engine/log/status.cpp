#include "engine/log/status.h"

namespace cairn {

std::string damage_remedy() {
  return "run `cairn log verify` to see all damage, then restore the data directory from a backup";
}

Error to_error(const rocksdb::Status& status, std::string where) {
  const std::string text = status.ToString();
  if (status.IsIOError() && status.subcode() == rocksdb::Status::kNoSpace) {
    return make_error(ErrorCode::io, "the disk is full: " + text, std::move(where),
                      "free space on the disk of the data directory");
  }
  if (status.IsIOError() && text.find("lock") != std::string::npos) {
    return make_error(ErrorCode::busy, "another process has the log open: " + text, std::move(where),
                      "wait for that process to end, or go through it");
  }
  // RocksDB reports what it cannot make sense of under several codes; what is no trouble with the system is damage.
  if (status.IsIOError() || status.IsBusy() || status.IsTimedOut() || status.IsShutdownInProgress() ||
      status.IsTryAgain() || status.IsAborted() || status.IsMemoryLimit()) {
    return make_error(ErrorCode::io, text, std::move(where));
  }
  return make_error(ErrorCode::corrupt, text, std::move(where), damage_remedy());
}

}  // namespace cairn
