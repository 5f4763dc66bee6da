#include "workflows/jq/patterns.h"

#include "workflows/jq/native.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace cairn::jq {
namespace {

struct Searcher {
  std::string_view name;
  std::size_t arity;
  std::size_t flags;  // the argument that they are; 0 when it takes none
};
constexpr Searcher k_searchers[] = {
    {"test", 1, 0},    {"test", 2, 1}, {"match", 1, 0}, {"match", 2, 1}, {"capture", 1, 0},
    {"capture", 2, 1}, {"scan", 1, 0}, {"scan", 2, 1},  {"split", 2, 1}, {"splits", 1, 0},
    {"splits", 2, 1},  {"sub", 2, 0},  {"sub", 3, 2},   {"gsub", 2, 0},  {"gsub", 3, 2},
};

bool is_text(const syntax::Expression& e) { return e.form == syntax::Form::literal && e.value.is_string(); }

/// What is wrong with the pattern of a call; empty when nothing is, or when it is not known yet.
std::string problem_of(const syntax::Expression& call) {
  const auto* const searcher = std::ranges::find_if(
      k_searchers, [&](const Searcher& s) { return s.name == call.name && s.arity == call.list.size(); });
  if (searcher == std::end(k_searchers) || !is_text(*call.list[0])) return {};
  if (searcher->flags == 0) return pattern_problem(call.list[0]->value.as_string(), {});
  const syntax::Expression& flags = *call.list[searcher->flags];
  if (!is_text(flags) && !(flags.form == syntax::Form::literal && flags.value.is_null())) return {};
  return pattern_problem(call.list[0]->value.as_string(),
                         is_text(flags) ? std::string_view(flags.value.as_string()) : std::string_view());
}

}  // namespace

std::optional<Problem> bad_pattern(const syntax::Tree& tree) {
  for (const syntax::Expression& e : tree.expressions) {
    if (e.form != syntax::Form::call || e.list.empty()) continue;
    const auto defines = [&](const syntax::Definition& d) {
      return d.name == e.name && d.parameters.size() == e.list.size();
    };
    if (std::string wrong = problem_of(e); !wrong.empty() && std::ranges::none_of(tree.definitions, defines)) {
      return Problem{"Regex failure: " + std::move(wrong), e.list[0]->offset};
    }
  }
  return std::nullopt;
}

}  // namespace cairn::jq
