#pragma once
// What happened in a simulation, line by line, and the first thing that was not as promised.

#include "engine/machine/ids.h"
#include "tests/simulation/clock.h"

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace cairn::simulation {

class Trace {
 public:
  explicit Trace(const SimulatedTime& time) : time_(time) {}

  template <class... Parts>
  void line(fmt::format_string<Parts...> format, Parts&&... parts) {
    add(fmt::format(format, std::forward<Parts>(parts)...));
  }
  /// A promise was broken. The first one counts; the simulation stops when it looks at violation().
  template <class... Parts>
  void violated(fmt::format_string<Parts...> format, Parts&&... parts) {
    std::string what = fmt::format(format, std::forward<Parts>(parts)...);
    add("VIOLATED: " + what);
    if (!violation_) violation_ = std::move(what);
  }
  [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }

  /// "r1", "r2", … in the order in which they are first named.
  const std::string& name(const RunId& run);

  /// Print lines as they come.
  void print(bool on) { printing_ = on; }
  /// Of all lines so far; equal histories have equal ones.
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] const std::deque<std::string>& last_lines() const { return last_; }

 private:
  void add(const std::string& text);

  const SimulatedTime& time_;
  std::map<RunId, std::string> names_;
  std::optional<std::string> violation_;
  std::deque<std::string> last_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::uint64_t lines_ = 0;
  bool printing_ = false;
};

}  // namespace cairn::simulation
