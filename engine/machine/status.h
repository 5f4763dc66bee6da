#pragma once
// The status phases of a run (dsl.md "Status Phases").

#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn {

struct RunState;

enum class RunStatus : std::uint8_t { pending, running, waiting, suspended, cancelled, faulted, completed };

std::string_view name_of(RunStatus status);
std::optional<RunStatus> parse_run_status(std::string_view text);

/// Whether its first task has not begun, since its start is delayed (metadata.cairn.debounce).
bool is_delayed(const RunState& state);

/// Whether there is something to do for it that nobody else will bring up: an effect without a result, work that a yield
/// left. What else is open waits: for a timer, a child, an operator.
bool is_active(const RunState& state);

/// waiting: everything that is under way waits for a timer or an event; running: something else is under way.
RunStatus status_of(const RunState& state);

}  // namespace cairn
