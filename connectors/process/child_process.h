#pragma once
// ChildProcess: one child from start to end, its streams read as they come.

#include "connectors/http/executor.h"
#include "connectors/process/output_buffer.h"
#include "connectors/process/spawn.h"
#include "workflows/core/error.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// Between SIGTERM and SIGKILL of a process that is stopped.
inline constexpr std::int64_t k_stop_grace_ms = 2'000;
/// How long output is still read after the process has ended: what it left in the background may hold the pipes for
/// ever.
inline constexpr std::int64_t k_output_grace_ms = 1'000;

/// How a process ended.
struct ProcessEnd {
  std::int64_t code = 0;   ///< 128 + signal when a signal ended it
  int signal = 0;          ///< 0: it ended by itself
  bool too_large = false;  ///< killed: its kept output went beyond the limit
  int exec_error = 0;      ///< errno: the program was never executed
  OutputBuffer output{OutputBuffer::Keep::tail};
  OutputBuffer error{OutputBuffer::Keep::tail};
};

struct ProcessOptions {
  std::optional<std::string> input;  ///< written to its stdin, which is then closed
  OutputBuffer::Keep output = OutputBuffer::Keep::all;
  OutputBuffer::Keep error = OutputBuffer::Keep::all;
  std::size_t max_output_bytes = 0;  ///< of both streams together, where all is kept
  std::shared_ptr<void> keep_alive;  ///< let go when the process has ended
};

struct ProcessCallbacks {
  /// A piece of "stdout" or "stderr", valid UTF-8.
  std::function<void(std::string_view stream, std::string_view text)> progress;
  /// Once, when it has ended and its streams are read.
  std::function<void(ProcessEnd)> ended;
};

/// Starts a process on `executor` (one thread at a time). Nothing is called back before this returns. Destroying the
/// result ends the callbacks and stops the process group: SIGTERM at once, SIGKILL after k_stop_grace_ms, or when the
/// executor is torn down before.
Result<std::shared_ptr<void>> start_process(const boost::asio::any_io_executor& executor, const SpawnRequest& request,
                                            ProcessOptions options, ProcessCallbacks callbacks);

}  // namespace cairn
