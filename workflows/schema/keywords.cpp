#include "workflows/schema/keywords.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

namespace cairn::schema {
namespace {

constexpr std::array k_keywords = std::to_array<Keyword>({
    {"$anchor", Operand::unsupported},
    {"$comment", Operand::annotation},
    {"$defs", Operand::named_schemas},
    {"$dynamicAnchor", Operand::unsupported},
    {"$dynamicRef", Operand::unsupported},
    {"$id", Operand::id},
    {"$recursiveAnchor", Operand::unsupported},
    {"$recursiveRef", Operand::unsupported},
    {"$ref", Operand::reference},
    {"$schema", Operand::dialect},
    {"$vocabulary", Operand::unsupported},
    {"additionalItems", Operand::schema, Draft::any, Draft::draft_2019},
    {"additionalProperties", Operand::schema},
    {"allOf", Operand::schemas},
    {"anyOf", Operand::schemas},
    {"const", Operand::value},
    {"contains", Operand::schema},
    {"contentEncoding", Operand::annotation},
    {"contentMediaType", Operand::annotation},
    {"contentSchema", Operand::annotation},
    {"default", Operand::annotation},
    {"definitions", Operand::named_schemas},
    {"dependencies", Operand::dependencies},
    {"dependentRequired", Operand::name_lists, Draft::draft_2019},
    {"dependentSchemas", Operand::named_schemas, Draft::draft_2019},
    {"deprecated", Operand::annotation},
    {"description", Operand::annotation},
    {"else", Operand::schema, Draft::draft_7},
    {"enum", Operand::values},
    {"examples", Operand::annotation},
    {"exclusiveMaximum", Operand::number},
    {"exclusiveMinimum", Operand::number},
    {"format", Operand::annotation},
    {"if", Operand::schema, Draft::draft_7},
    {"items", Operand::items},
    {"maxContains", Operand::count, Draft::draft_2019},
    {"maxItems", Operand::count},
    {"maxLength", Operand::count},
    {"maxProperties", Operand::count},
    {"maximum", Operand::number},
    {"minContains", Operand::count, Draft::draft_2019},
    {"minItems", Operand::count},
    {"minLength", Operand::count},
    {"minProperties", Operand::count},
    {"minimum", Operand::number},
    {"multipleOf", Operand::divisor},
    {"not", Operand::schema},
    {"oneOf", Operand::schemas},
    {"pattern", Operand::pattern},
    {"patternProperties", Operand::patterned_schemas},
    {"prefixItems", Operand::schemas, Draft::draft_2020},
    {"properties", Operand::named_schemas},
    {"propertyNames", Operand::schema},
    {"readOnly", Operand::annotation},
    {"required", Operand::names},
    {"then", Operand::schema, Draft::draft_7},
    {"title", Operand::annotation},
    {"type", Operand::type},
    {"unevaluatedItems", Operand::unsupported},
    {"unevaluatedProperties", Operand::unsupported},
    {"uniqueItems", Operand::boolean},
    {"writeOnly", Operand::annotation},
});

std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const Keyword* find_keyword(std::string_view name) {
  static constexpr Keyword k_extension{"x-", Operand::annotation};
  if (name.starts_with("x-")) return &k_extension;
  const auto found =
      std::find_if(k_keywords.begin(), k_keywords.end(), [&](const Keyword& k) { return k.name == name; });
  return found == k_keywords.end() ? nullptr : &*found;
}

std::string did_you_mean_keyword(std::string_view name) {
  constexpr std::size_t k_longest = 40;
  if (name.size() > k_longest) return {};
  std::size_t fewest = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string_view nearest;
  for (const Keyword& keyword : k_keywords) {
    const std::size_t edits = edits_between(name, keyword.name);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = keyword.name;
  }
  return nearest.empty() ? std::string() : fmt::format(" (did you mean '{}'?)", nearest);
}

std::string_view name_of(Draft draft) {
  switch (draft) {
    case Draft::any: return "any draft";
    case Draft::draft_6: return "draft 6";
    case Draft::draft_7: return "draft 7";
    case Draft::draft_2019: return "draft 2019-09";
    case Draft::draft_2020: return "draft 2020-12";
  }
  return "";
}

}  // namespace cairn::schema
