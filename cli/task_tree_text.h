#pragma once
// How runs and their trees of tasks look as text.

#include "cli/terminal.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <string>

namespace cairn {

Colour colour_of_status(std::string_view status);
/// ✓ ✗ … for a status.
std::string_view mark_of_status(std::string_view status);
/// Milliseconds from one time to another, both as they stand in messages.
std::int64_t ms_between(const std::string& from, const std::string& to);

/// The TASKs of service.h as lines: what they are, how long they took, attempts. Columns are aligned.
std::string tree_text(const Output& out, const Value& tasks);

}  // namespace cairn
