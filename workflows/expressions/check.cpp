#include "workflows/expressions/check.h"

#include "workflows/core/limits.h"
#include "workflows/expressions/path_use.h"
#include "workflows/expressions/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace cairn::jq {
namespace {

constexpr std::uint64_t k_exact_limit = std::uint64_t{1} << 53U;

constexpr std::array<std::string_view, 18> k_unavailable = {
    "debug",      "env",       "get_jq_origin", "get_prog_origin", "get_search_list", "halt",
    "halt_error", "import",    "include",       "input",           "input_filename",  "input_line_number",
    "inputs",     "localtime", "modulemeta",    "module",          "stderr",          "strflocaltime"};

// Their results depend on every bit of a number, so one that was rounded must not go in.
constexpr std::array<std::string_view, 14> k_inexact = {"fma",        "fmod",  "fdim",  "drem",    "nextafter",
                                                        "nexttoward", "ldexp", "scalb", "scalbln", "significand",
                                                        "hypot",      "modf",  "frexp", "logb"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<ScanProblem> refuse(const Token& token) {
  const auto unavailable = [&] {
    return ScanProblem{fmt::format("'{}' is not available in workflow expressions", token.text), token.offset};
  };
  if (token.kind == TokenKind::Name) {
    if (contains(k_unavailable, token.text)) return unavailable();
    if (token.text.find("::") != std::string_view::npos) {
      return ScanProblem{fmt::format("'{}': modules are not available in workflow expressions", token.text),
                         token.offset};
    }
    if (token.text.starts_with('_')) {
      return ScanProblem{fmt::format("'{}': names of functions that begin with '_' are reserved", token.text),
                         token.offset};
    }
  }
  if (token.kind == TokenKind::Variable) {
    const std::string_view name = name_of(token);
    if (name == "ENV" || name == "__prog_args") return unavailable();
    if (name.starts_with("__") && name != "__loc__") {
      return ScanProblem{fmt::format("'{}': names of variables that begin with '__' are reserved", token.text),
                         token.offset};
    }
  }
  return std::nullopt;
}

// The literal's value, when it is an integer that a double may not hold.
std::optional<std::uint64_t> large_integer(const Token& token) {
  std::uint64_t integer = 0;
  const char* end = token.text.data() + token.text.size();
  if (token.kind != TokenKind::Number) return std::nullopt;
  const auto [stop, error] = std::from_chars(token.text.data(), end, integer);
  if (error != std::errc{} || stop != end || integer <= k_exact_limit) return std::nullopt;
  return integer;
}

// libjq computes constant arithmetic when it compiles, before the prelude could watch over it.
bool beside_arithmetic(const std::vector<Token>& tokens, std::size_t at) {
  const auto is_operator = [&](std::size_t index) {
    return index < tokens.size() && tokens[index].kind == TokenKind::Symbol &&
           std::string_view("+-*/%").find(tokens[index].text) != std::string_view::npos;
  };
  if (is_operator(at + 1)) return true;
  if (at == 0 || !is_operator(at - 1)) return false;
  if (tokens[at - 1].text != "-" || at == 1) return tokens[at - 1].text != "-";
  // A minus after something that ends an operand subtracts; else it is a sign.
  const Token& before = tokens[at - 2];
  if (before.kind == TokenKind::Symbol)
    return std::string_view(")]}?.+-*/%").find(before.text) != std::string_view::npos;
  return before.kind != TokenKind::Name || !is_keyword(before.text);
}

}  // namespace

std::variant<CheckedExpression, ScanProblem> check(const ExpressionSource& source) {
  if (source.text.size() > limits::k_expression_bytes) {
    return ScanProblem{fmt::format("the expression has {} bytes; the limit is {} (k_expression_bytes)",
                                   source.text.size(), limits::k_expression_bytes),
                       0};
  }
  CheckedExpression checked;
  checked.scan = scan(source.text);
  if (checked.scan.problem) return *checked.scan.problem;
  if (checked.scan.tokens.empty()) return ScanProblem{"the expression is empty", 0};
  std::vector<std::string_view> mentioned;
  const std::vector<Token>& tokens = checked.scan.tokens;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const Token& token = tokens[at];
    if (auto problem = refuse(token)) return *std::move(problem);
    if (token.kind == TokenKind::Variable) mentioned.push_back(name_of(token));
    if (token.kind == TokenKind::Name && contains(k_inexact, token.text)) checked.inexact_function = token.text;
    if (const auto integer = large_integer(token)) {
      if (beside_arithmetic(tokens, at)) {
        return ScanProblem{fmt::format("arithmetic would round {}: jq computes exactly up to 2^53 only", token.text),
                           token.offset};
      }
      checked.large_integers.push_back(Value::unsigned_integer(*integer));
    }
  }
  for (const std::string& name : source.variables) {
    if (contains(mentioned, name) && !contains(checked.variables, name)) checked.variables.push_back(name);
  }
  checked.tracks_paths = may_track_paths(tokens);
  checked.text = rewritten(source.text, tokens);
  return checked;
}

std::string variable_list(const ExpressionSource& source) {
  std::string list;
  for (const std::string& name : source.variables) list += fmt::format("{}${}", list.empty() ? "" : ", ", name);
  return list.empty() ? "none" : list;
}

}  // namespace cairn::jq
