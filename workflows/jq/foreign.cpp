#include "workflows/jq/foreign.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace cairn::jq {
namespace {

/// None of the first is a function of jq.
constexpr std::pair<std::string_view, std::string_view> k_names[] = {
    {"append", "+"},
    {"avg", "add / length"},
    {"ceiling", "ceil"},
    {"coalesce", "//"},
    {"concat", "add"},
    {"count", "length"},
    {"every", "all"},
    {"filter", "select"},
    {"find", "first(.[] | select(…))"},
    {"includes", "contains"},
    {"int", "tonumber"},
    {"isEmpty", "length == 0"},
    {"len", "length"},
    {"lower", "ascii_downcase"},
    {"lowercase", "ascii_downcase"},
    {"merge", "+ or *"},
    {"parse", "fromjson"},
    {"push", "+"},
    {"replace", "sub or gsub"},
    {"size", "length"},
    {"some", "any"},
    {"str", "tostring"},
    {"string", "tostring"},
    {"strip", "trim"},
    {"stringify", "tojson"},
    {"substr", ".[from:to]"},
    {"substring", ".[from:to]"},
    {"sum", "add"},
    {"toLowerCase", "ascii_downcase"},
    {"toString", "tostring"},
    {"toUpperCase", "ascii_upcase"},
    {"typeof", "type"},
    {"uniq", "unique"},
    {"upper", "ascii_upcase"},
    {"uppercase", "ascii_upcase"},
};

/// What jq has for the function; empty when it is not one of the table.
std::string_view known_elsewhere(std::string_view name) {
  const auto* const found = std::ranges::find(k_names, name, [](const auto& pair) { return pair.first; });
  return found == std::end(k_names) ? std::string_view() : found->second;
}

bool names(const syntax::Tree& tree, std::string_view name) {
  return std::ranges::any_of(tree.definitions, [&](const syntax::Definition& definition) {
    return definition.name == name ||
           std::ranges::find(definition.parameters, name, &syntax::Parameter::name) != definition.parameters.end();
  });
}

}  // namespace

std::optional<Problem> foreign_call(const syntax::Tree& tree) {
  for (const syntax::Expression& e : tree.expressions) {
    if (e.form != syntax::Form::call) continue;
    const std::string_view ours = known_elsewhere(e.name);
    if (ours.empty() || names(tree, e.name)) continue;
    return Problem{fmt::format("{}/{} is not defined; jq has {}", e.name, e.list.size(), ours), e.offset};
  }
  return std::nullopt;
}

}  // namespace cairn::jq
