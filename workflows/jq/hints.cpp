#include "workflows/jq/hints.h"

#include "workflows/core/suggest.h"
#include "workflows/jq/native.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace cairn::jq {
namespace {

constexpr std::string_view k_blanks = " \t\r\n";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether a value may begin here.
bool begins_value(std::string_view text) {
  for (const std::string_view word : {"then", "else", "elif", "end", "catch", "as"}) {
    if (text.starts_with(word) && !(text.size() > word.size() && is_letter(text[word.size()]))) return false;
  }
  return !text.empty() && (is_letter(text[0]) || is_digit(text[0]) ||
                           std::string_view("\"({[$.@").find(text[0]) != std::string_view::npos);
}

/// `a ? b : c`: what follows a question mark, or its colon.
bool is_ternary(std::string_view before, std::string_view here) {
  const auto last = before.find_last_not_of(k_blanks);
  if (last != std::string_view::npos && before[last] == '?' && begins_value(here)) return true;
  return here.starts_with(':') && before.find('?') != std::string_view::npos;
}

}  // namespace

std::string_view hint_at(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::string_view here = text.substr(at);
  const auto follows = [&](std::string_view first, std::string_view second) {
    return before.ends_with(first) && here.starts_with(second);
  };
  if (here.starts_with("${")) return "; an expression is written without ${ } around it";
  if (here.starts_with("$.")) return "; the input is \".\"";
  if (here.starts_with("&&")) return "; jq has \"and\"";
  if (here.starts_with("!")) return "; jq has \"| not\"";
  if (here.starts_with("'") || here.starts_with("`")) return "; strings take double quotes";
  if (follows("|", "|")) return "; jq has \"or\"";
  if (follows("==", "=")) return "; jq has \"==\"";
  if (follows("!=", "=")) return "; jq has \"!=\"";
  if (follows("=", ">")) return "; jq has \">=\" to compare, and \"def f(g): …;\" for functions";
  if (follows("[", "*")) return "; jq has \".[]\" for every element";
  if (follows("?", ":") || (before.substr(0, before.find_last_not_of(k_blanks) + 1).ends_with("??"))) {
    return "; jq has \"//\"";
  }
  if (is_ternary(before, here)) return "; jq has \"if … then … else … end\"";
  return {};
}

std::string quoting_hint(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  const auto holds = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '/'; };
  const auto end = std::ranges::find_if_not(rest, holds);
  return fmt::format("; a key that is no plain name is quoted: {{\"{}\": …}}", std::string_view(rest.begin(), end));
}

std::string format_hint(std::string_view name) {
  std::vector<std::string_view> candidates;
  std::ranges::copy(format_names(), std::back_inserter(candidates));
  const std::string_view nearest = nearest_name(name, candidates);
  return nearest.empty() ? std::string() : fmt::format("; did you mean @{}?", nearest);
}

}  // namespace cairn::jq
