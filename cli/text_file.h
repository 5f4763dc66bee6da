#pragma once
// Files as text, within a limit.

#include "workflows/core/error.h"

#include <cstddef>
#include <string>

namespace cairn {

/// All of a file; "-" is standard input. Reads no more than `limit` bytes: limit_exceeded. not_found, io.
Result<std::string> read_text_file(const std::string& path, std::size_t limit);

/// Writes a file, in the place of one that is there.
Result<void> write_text_file(const std::string& path, const std::string& text);

/// Writes a new file. conflict: there is one already.
Result<void> write_new_file(const std::string& path, const std::string& text);

}  // namespace cairn
