#pragma once
// Watching runs to their end: shows them as they go, and goes on with them when their owner goes away.

#include "cli/session.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// How runs look while they go.
class RunDisplay {
 public:
  virtual ~RunDisplay() = default;
  virtual void on_run(const std::string& run) = 0;
  virtual void on_event(const std::string& run, const Value& event) = 0;
  virtual void on_output(const std::string& run, const Value& output) = 0;
  virtual void on_end(const std::string& run, const Value& end) = 0;
  /// Something a person should know, between what is shown.
  virtual void note(const std::string& text) = 0;
  /// Moves what moves by itself.
  virtual void tick() = 0;
  /// Leaves the terminal as it should be; nothing is shown afterwards.
  virtual void close() = 0;
};

/// The display that fits: live on a terminal, lines with `progress`, none otherwise.
std::unique_ptr<RunDisplay> make_display(bool progress);

/// What became of the runs.
struct Watched {
  CallEnd end = CallEnd::answered;
  std::vector<std::string> runs;       ///< in the order they were named
  std::map<std::string, Value> ended;  ///< run → RUN of service.h
  std::optional<std::string> last;     ///< the last to end
  Value first_answer;                  ///< of start or resume; null: none has come
};

/// Sends a `start` or `resume` (with its secrets) and watches the runs it names. `on_first` gets the first answer,
/// before anything is shown.
Result<Watched> watch(Session& session, const Value& request, RunDisplay* display,
                      const std::function<void(const Value& answer)>& on_first = {});

/// Says how the runs that have not ended can go on.
void print_how_to_go_on(const Session& session, const Watched& watched);

/// Prints what `run` came to: the output on stdout, or the problem on stderr. The exit code.
int print_result(const Value& run, bool compact);

}  // namespace cairn
