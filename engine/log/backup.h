#pragma once
// Copies of a log: a backup is a directory with a log in it like any other, whole, verified, and independent of the one
// it was made of. EventLog::back_up() makes one while runs go on; copy_log() copies one that nobody has open, to make a
// backup or to restore one.

#include "engine/log/event_log.h"

#include <rocksdb/env.h>

#include <string>

namespace cairn {

/// Copies the log of directory `from`, which nobody may have open, to DIRECTORY/log of `to`, and verifies the copy.
/// `to` is created if missing; its log appears when it is complete, durable and sound, and not before. Errors:
/// not_found (no log in `from`), conflict (`to` has a log), corrupt (the copy is damaged as its source is: where names
/// the first place), io, among them a full disk. After an error `to` has no log.
Result<VerifyReport> copy_log(const std::string& from, const std::string& to, const CopyProgress& progress = {},
                              rocksdb::Env* env = nullptr);

/// The same for the files of a store, `source`: for a checkpoint, which has no HEAD file of its own.
Result<VerifyReport> copy_store(rocksdb::Env& env, const std::string& source, const std::string& to,
                                const CopyProgress& progress);

/// Removes the links to the files of the store `path` that a backup works with, as far as that can be done: behind it,
/// and when the log is opened after a crash.
void remove_checkpoint(rocksdb::Env& env, const std::string& path);

}  // namespace cairn
