#include "workflows/expressions/path_use.h"

#include <algorithm>
#include <array>

namespace cairn::jq {
namespace {

// Builtins that never do, in libjq 1.6 and in the prelude; sorted. What is not here may.
constexpr std::array k_without_paths = std::to_array<std::string_view>({
    "add",
    "all",
    "any",
    "arrays",
    "ascii_downcase",
    "ascii_upcase",
    "booleans",
    "capture",
    "ceil",
    "contains",
    "empty",
    "endswith",
    "error",
    "explode",
    "fabs",
    "false",
    "first",
    "flatten",
    "floor",
    "format",
    "fromdate",
    "fromdateiso8601",
    "fromjson",
    "getpath",
    "gmtime",
    "group_by",
    "gsub",
    "has",
    "implode",
    "in",
    "index",
    "indices",
    "infinite",
    "inside",
    "isempty",
    "isnan",
    "join",
    "keys",
    "keys_unsorted",
    "last",
    "length",
    "limit",
    "log",
    "ltrimstr",
    "map",
    "match",
    "max",
    "max_by",
    "min",
    "min_by",
    "mktime",
    "nan",
    "not",
    "now",
    "null",
    "nulls",
    "numbers",
    "objects",
    "pow",
    "range",
    "recurse",
    "repeat",
    "reverse",
    "rindex",
    "round",
    "rtrimstr",
    "scalars",
    "scan",
    "select",
    "sort",
    "sort_by",
    "split",
    "splits",
    "sqrt",
    "startswith",
    "strftime",
    "strings",
    "strptime",
    "sub",
    "test",
    "to_entries",
    "todate",
    "todateiso8601",
    "tojson",
    "tonumber",
    "tostring",
    "true",
    "type",
    "unique",
    "unique_by",
    "until",
    "values",
    "walk",
    "while",
});
static_assert(std::is_sorted(k_without_paths.begin(), k_without_paths.end()));

}  // namespace

bool is_assignment(const std::vector<Token>& tokens, std::size_t at) {
  if (tokens[at].kind != TokenKind::Symbol || tokens[at].text != "=") return false;
  const auto touches = [&](std::size_t left, std::size_t other, std::string_view symbols) {
    return tokens[other].kind == TokenKind::Symbol && tokens[left].offset + 1 == tokens[left + 1].offset &&
           symbols.find(tokens[other].text) != std::string_view::npos;
  };
  const bool comparison =
      (at > 0 && touches(at - 1, at - 1, "=<>!")) || (at + 1 < tokens.size() && touches(at, at + 1, "="));
  return !comparison;
}

bool may_track_paths(const std::vector<Token>& tokens) {
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (is_assignment(tokens, at)) return true;
    if (tokens[at].kind != TokenKind::Name || is_keyword(tokens[at].text)) continue;
    if (!std::binary_search(k_without_paths.begin(), k_without_paths.end(), tokens[at].text)) return true;
  }
  return false;
}

}  // namespace cairn::jq
