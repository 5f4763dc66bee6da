#pragma once
// Bugs, not failures: checked in release builds too.

#include <string_view>

namespace cairn {
/// Writes the condition and its place to stderr and aborts.
[[noreturn]] void assertion_failed(std::string_view condition, std::string_view message, const char* file, int line);
}  // namespace cairn

#define CAIRN_ASSERT(condition, message)                                    \
  do {                                                                      \
    if (!(condition)) [[unlikely]]                                          \
      ::cairn::assertion_failed(#condition, (message), __FILE__, __LINE__); \
  } while (false)
