// format_diagnostics: findings as a person reads them.

#include "workflows/definition/bundle.h"
#include "workflows/definition/load.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {

namespace {

constexpr std::size_t k_widest = 120;  // code points of a line that are shown

std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (std::uint32_t i = 1; i < number; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }

/// Drops `count` code points from the front.
std::string_view skip(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && count > 0) {
    ++at;
    while (at < text.size() && continues(text[at])) ++at;
    --count;
  }
  return text.substr(at);
}

/// The line, or the part of a long one around the column, with a caret below.
std::string excerpt(std::string_view line, SourcePosition position) {
  std::size_t column = position.column == 0 ? 0 : position.column - 1;
  const std::size_t begin = column > k_widest * 2 / 3 ? column - k_widest / 2 : 0;
  line = skip(line, begin);
  column -= begin;
  const std::string_view rest = skip(line, k_widest);
  std::string shown_line(line.substr(0, line.size() - rest.size()));
  std::replace(shown_line.begin(), shown_line.end(), '\t', ' ');
  const std::string cut_before = begin > 0 ? "…" : "";
  const std::string cut_after = rest.empty() ? "" : "…";
  return fmt::format("{:>6} | {}{}{}\n       | {:>{}}\n", position.line, cut_before, shown_line, cut_after, '^',
                     column + (begin > 0 ? 2 : 1));
}

}  // namespace

std::string format_diagnostics(const std::vector<Diagnostic>& diagnostics, std::string_view text,
                               std::string_view file) {
  const auto bundle = read_bundle(text);
  const auto text_of = [&](const std::string& source) -> std::string_view {
    if (!bundle) return {};
    const auto resource = bundle.value().resources.find(source);
    std::string_view found = source.empty() ? std::string_view(bundle.value().text) : std::string_view();
    if (resource != bundle.value().resources.end()) found = resource->second;
    if (found.starts_with("\xEF\xBB\xBF")) found.remove_prefix(3);
    return found;
  };
  std::string result;
  for (const Diagnostic& one : diagnostics) {
    const std::string_view in = one.source.empty() ? file : std::string_view(one.source);
    const std::string_view severity = one.severity == Severity::error ? "error" : "warning";
    if (one.position.line == 0) {
      result += fmt::format("{}: {}: {}\n", in, severity, one.message);
    } else {
      result += fmt::format("{}:{}:{}: {}: {}\n", in, one.position.line, one.position.column, severity, one.message);
      result += excerpt(line_of(text_of(one.source), one.position.line), one.position);
    }
    if (!one.pointer.empty()) result += fmt::format("       at {}\n", one.pointer);
    if (!one.hint.empty()) result += fmt::format("       hint: {}\n", one.hint);
  }
  return result;
}

}  // namespace cairn
