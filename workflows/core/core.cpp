#include "workflows/core/assert.h"
#include "workflows/core/error.h"

#include <cstdio>
#include <cstdlib>

namespace cairn {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_definition: return "invalid_definition";
    case ErrorCode::invalid_input: return "invalid_input";
    case ErrorCode::invalid_usage: return "invalid_usage";
    case ErrorCode::invalid_configuration: return "invalid_configuration";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::ambiguous: return "ambiguous";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::limit_exceeded: return "limit_exceeded";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::format_too_new: return "format_too_new";
    case ErrorCode::io: return "io";
    case ErrorCode::busy: return "busy";
    case ErrorCode::disk_full: return "disk_full";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

std::string Error::to_string() const {
  std::string text = where.empty() ? message : where + ": " + message;
  if (!remedy.empty()) {
    if (!text.ends_with('.')) text += '.';
    text += ' ' + remedy;
  }
  return text;
}

void assertion_failed(std::string_view condition, std::string_view message, const char* file, int line) {
  std::fprintf(stderr, "cairn: bug: %.*s (%.*s) at %s:%d\n", static_cast<int>(message.size()), message.data(),
               static_cast<int>(condition.size()), condition.data(), file, line);
  std::abort();
}

}  // namespace cairn
