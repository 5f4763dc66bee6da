#include "workflows/schema/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cctype>
#include <string>

namespace cairn::schema {
namespace {

bool is_hex(std::string_view digits) {
  for (const char c : digits) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return false;
  }
  return true;
}

// The two spellings that differ: \uXXXX and (?<name>…).
std::string for_re2(std::string_view pattern) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::string_view rest = pattern.substr(at);
    constexpr std::size_t k_escape = 6;  // \uXXXX
    if (rest.starts_with("\\u") && rest.size() >= k_escape && is_hex(rest.substr(2, 4))) {
      out += fmt::format("\\x{{{}}}", rest.substr(2, 4));
      at += k_escape;
    } else if (rest.starts_with('\\')) {
      out += rest.substr(0, 2);
      at += 2;
    } else if (rest.starts_with("(?<") && rest.size() > 3 && rest[3] != '=' && rest[3] != '!') {
      out += "(?P<";
      at += 3;
    } else {
      out += pattern[at++];
    }
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<const re2::RE2>(for_re2(pattern), options);
  if (!compiled->ok()) {
    return make_error(ErrorCode::invalid_definition,
                      fmt::format("the pattern '{}' cannot be used: {}", pattern, compiled->error()), {},
                      "Write it without lookaround and backreferences (RE2's syntax)");
  }
  return compiled;
}

bool matches(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

}  // namespace cairn::schema
