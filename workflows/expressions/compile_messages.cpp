#include "workflows/expressions/compile_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace cairn::jq {
namespace {

struct Located {
  std::string_view message;
  std::optional<std::size_t> line;  // in the program
};

// "jq: error: MESSAGE at <top-level>, line N:" and lines of the program.
Located located(std::string_view raw) {
  constexpr std::string_view k_prefix = "jq: error: ";
  constexpr std::string_view k_place = " at <top-level>, line ";
  if (raw.starts_with(k_prefix)) raw.remove_prefix(k_prefix.size());
  Located result;
  const std::size_t place = raw.find(k_place);
  if (place == std::string_view::npos) {
    result.message = raw.substr(0, raw.find('\n'));
    return result;
  }
  result.message = raw.substr(0, place);
  std::size_t line = 0;
  const std::string_view digits = raw.substr(place + k_place.size());
  if (std::from_chars(digits.data(), digits.data() + digits.size(), line).ec == std::errc{}) result.line = line;
  return result;
}

std::string token_name(std::string_view token) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> k_names = {{
      {"$end", "the end of the expression"},
      {"FIELD", "a field"},
      {"FORMAT", "a format"},
      {"IDENT", "a name"},
      {"INVALID_CHARACTER", "a character jq does not know"},
      {"LITERAL", "a number"},
      {"QQSTRING_END", "the end of the string"},
      {"QQSTRING_INTERP_END", "')'"},
      {"QQSTRING_INTERP_START", "'\\('"},
      {"QQSTRING_START", "a string"},
      {"QQSTRING_TEXT", "text"},
  }};
  for (const auto& [token_text, name] : k_names) {
    if (token == token_text) return std::string(name);
  }
  return token.starts_with('\'') ? std::string(token) : fmt::format("'{}'", token);
}

// "syntax error, unexpected X, expecting Y or Z", with the names of tokens as people say them.
std::string syntax_error(std::string_view message, bool at_end) {
  constexpr std::string_view k_unexpected = "syntax error, unexpected ";
  constexpr std::string_view k_expecting = ", expecting ";
  constexpr std::string_view k_or = " or ";
  std::string_view rest = message.substr(k_unexpected.size());
  std::string_view expected;
  if (const std::size_t at = rest.find(k_expecting); at != std::string_view::npos) {
    expected = rest.substr(at + k_expecting.size());
    rest = rest.substr(0, at);
  }
  std::string result = fmt::format("{}{}", k_unexpected, token_name(at_end ? "$end" : rest));
  // At the end our own parenthesis is expected; the author cannot know of it.
  while (!expected.empty() && !at_end) {
    const std::size_t at = expected.find(k_or);
    result += fmt::format("{}{}", result.find(k_expecting) == std::string::npos ? k_expecting : k_or,
                          token_name(expected.substr(0, at)));
    expected = at == std::string_view::npos ? std::string_view() : expected.substr(at + k_or.size());
  }
  return result;
}

std::string without_noise(std::string_view message) {
  constexpr std::string_view k_noise = " (Unix shell quoting issues?)";
  std::string result(message);
  if (const std::size_t at = result.find(k_noise); at != std::string::npos) result.erase(at, k_noise.size());
  return result;
}

// "foo/0" of "foo/0 is not defined", or "$bar".
std::optional<std::string_view> undefined_name(std::string_view message) {
  constexpr std::string_view k_undefined = " is not defined";
  if (!message.ends_with(k_undefined)) return std::nullopt;
  return message.substr(0, message.size() - k_undefined.size());
}

std::optional<std::size_t> first_mention(const CheckedExpression& checked, TokenKind kind, std::string_view text) {
  for (const Token& token : checked.scan.tokens) {
    if (token.kind == kind && (kind == TokenKind::Variable ? name_of(token) : token.text) == text) return token.offset;
  }
  return std::nullopt;
}

CompileProblem undefined(std::string_view name, const ExpressionSource& source, const CheckedExpression& checked) {
  constexpr std::string_view k_label = "$*label-";
  if (name.starts_with(k_label)) {
    name.remove_prefix(k_label.size());
    return {fmt::format("break ${0}: there is no 'label ${0}' around it", name),
            first_mention(checked, TokenKind::Variable, name)};
  }
  if (name.starts_with('$')) {
    return {fmt::format("{} is not defined (available here: {})", name, variable_list(source)),
            first_mention(checked, TokenKind::Variable, name.substr(1))};
  }
  return {fmt::format("{} is not defined", name),
          first_mention(checked, TokenKind::Name, name.substr(0, name.find('/')))};
}

}  // namespace

std::vector<std::size_t> blamed(const CompileMessages& messages, const ProgramText& program) {
  std::vector<std::size_t> indexes;
  for (const std::string& message : messages) {
    const auto line = located(message).line;
    if (!line || program.first_line.empty() || *line < program.first_line.front() || *line >= program.end_line)
      continue;
    const auto after = std::upper_bound(program.first_line.begin(), program.first_line.end(), *line);
    indexes.push_back(static_cast<std::size_t>(after - program.first_line.begin()) - 1);
  }
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  return indexes;
}

CompileProblem explained(const CompileMessages& messages, const ProgramText& program, const ExpressionSource& source,
                         const CheckedExpression& checked) {
  const Located first = messages.empty() ? Located{"does not compile", std::nullopt} : located(messages.front());
  const std::string message = without_noise(first.message);
  if (const auto name = undefined_name(message)) return undefined(*name, source, checked);
  // The text begins on the line after its function's head; the parenthesis that closes it stands on the last line.
  const std::size_t text_line = program.first_line.front() + 1;
  const bool at_end = first.line && *first.line + 1 == program.end_line;
  std::optional<std::size_t> offset;
  if (first.line && *first.line >= text_line && !at_end) {
    std::size_t start = 0;
    for (std::size_t line = text_line; line < *first.line && start != std::string::npos; ++line) {
      start = source.text.find('\n', start);
      if (start != std::string::npos) ++start;
    }
    if (start != std::string::npos) offset = start;
  }
  if (at_end) offset = source.text.size();
  if (message.starts_with("syntax error, unexpected ")) return {syntax_error(message, at_end), offset};
  return {message, offset};
}

}  // namespace cairn::jq
