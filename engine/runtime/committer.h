#pragma once
// Committer: who appends to the log, so that deciding can go on while a batch is made durable.

#include "engine/log/event_log.h"

#include <functional>
#include <memory>
#include <optional>

namespace cairn {

class Committer {
 public:
  /// Told once, when the batch is durable or has failed. May be called on another thread, and before commit() returns.
  using Done = std::function<void(const Result<void>&)>;

  /// Does what was given before it returns.
  virtual ~Committer() = default;
  /// Appends `batch` behind all that was given before. What it borrows must live until `done` is called. After a batch
  /// that failed none is appended any more (unavailable): it was decided on top of the one that is missing.
  virtual void commit(AppendBatch batch, Done done) = 0;
  /// Why what was given cannot be appended for now, though it will be: the disk is full. Any thread.
  [[nodiscard]] virtual std::optional<Error> trouble() const { return std::nullopt; }
  /// Whoever commits has nothing else to do until a batch is done: one without a thread of its own gets on with it.
  virtual void help() {}
};

/// Appends on the calling thread: for tests that want one thread only.
std::unique_ptr<Committer> make_direct_committer(EventLog& log);
/// Appends on a thread of its own. What waits while a batch is synced is written together, with one sync. While the disk
/// is full, it tries again until there is room, or it is destroyed: then what was given fails.
std::unique_ptr<Committer> make_threaded_committer(EventLog& log);

}  // namespace cairn
