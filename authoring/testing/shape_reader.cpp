// Values of files of tests, and the expressions in them.

#include "workflows/core/limits.h"
#include "workflows/definition/expression_text.h"

#include <fmt/format.h>

#include <array>

#include "authoring/testing/suite_reader.h"

namespace cairn::authoring {

Shape SuiteReader::shape(const Place& place) {
  const Value& value = place.value();
  if (value.is_string()) {
    const std::string& text = value.as_string();
    const ExpressionParts parts = find_expressions(text, Dialect::text);
    if (parts.unterminated) {
      findings_.error_in(place, *parts.unterminated, "`${` is never closed", "close it with }");
      return Shape::of(value);
    }
    if (parts.expressions.empty()) return Shape::of(value);
    if (!parts.whole) {
      findings_.error_in(place, parts.expressions.front().begin,
                         "in tests an expression is the whole value: there is text around this one",
                         "write it as one expression, ${ \"text \" + … }, or ${ . == \"text\" } to compare");
      return Shape::of(value);
    }
    const auto& part = parts.expressions.front();
    const auto id = expression(place, part.inner_begin, part.inner_end);
    if (!id) return Shape::of(value);
    return {Shape::Expression{*id, text.substr(part.inner_begin, part.inner_end - part.inner_begin)}};
  }
  if (value.is_object()) {
    Shape::ObjectOf object;
    bool constant = true;
    for (const SourceMember& member : place.node->members) {
      Shape made = shape(place.member(member));
      constant = constant && std::holds_alternative<Value>(made.form);
      object.members.emplace_back(member.key, std::move(made));
    }
    if (constant) return Shape::of(value);
    return {std::move(object)};
  }
  if (value.is_array()) {
    Shape::ListOf list{shapes(place)};
    bool constant = true;
    for (const Shape& item : list.items) constant = constant && std::holds_alternative<Value>(item.form);
    if (constant) return Shape::of(value);
    return {std::move(list)};
  }
  return Shape::of(value);
}

std::vector<Shape> SuiteReader::shapes(const Place& place) {
  std::vector<Shape> items;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) items.push_back(shape(place.item(i)));
  return items;
}

std::optional<ExpressionId> SuiteReader::expression(const Place& place, std::size_t begin, std::size_t end) {
  const std::string jq = place.value().as_string().substr(begin, end - begin);
  if (jq.empty()) {
    findings_.error(place, "the expression is empty");
    return std::nullopt;
  }
  if (jq.size() > limits::k_expression_bytes || sources_.size() >= limits::k_definition_expressions) {
    findings_.error(place, fmt::format("there are more than {} expressions, or this one has more than {} bytes",
                                       limits::k_definition_expressions, limits::k_expression_bytes));
    return std::nullopt;
  }
  sources_.push_back({jq, k_test_variables});
  sites_.push_back({place.node, begin, place.pointer()});
  return ExpressionId{static_cast<std::uint32_t>(sources_.size() - 1)};
}

std::shared_ptr<const ExpressionProgram> SuiteReader::compile_expressions_of_tests() {
  CompiledExpressions compiled = compile_expressions(sources_);
  if (auto* program = std::get_if<std::shared_ptr<const ExpressionProgram>>(&compiled)) return std::move(*program);
  for (const auto& problem : std::get<std::vector<ExpressionProblem>>(compiled)) {
    const Site& site = sites_[problem.index];
    findings_.error_at(document_.position_in(*site.node, site.begin + problem.offset), site.pointer,
                       fmt::format("the expression does not compile: {}", problem.message));
  }
  return nullptr;
}

std::optional<std::int64_t> SuiteReader::duration(const Place& place) {
  constexpr std::string_view k_expected = "a duration: PT1M30S, or an object such as {seconds: 5}";
  if (place.value().is_string()) {
    const auto ms = parse_duration_ms(place.value().as_string());
    if (ms) return ms.value();
    findings_.error(place, ms.error().message, "write it as PT1M30S, or as {minutes: 1, seconds: 30}");
    return std::nullopt;
  }
  if (!is_object(findings_, place, k_expected)) return std::nullopt;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> k_units{
      {{"days", 86'400'000}, {"hours", 3'600'000}, {"minutes", 60'000}, {"seconds", 1'000}, {"milliseconds", 1}}};
  Fields fields(findings_, place, "a duration");
  std::int64_t total = 0;
  for (const auto& [unit, ms] : k_units) {
    const auto member = fields.take(unit);
    if (!member) continue;
    const auto count = read_integer(findings_, *member);
    if (!count) continue;
    if (*count < 0 || *count > limits::k_duration_ms / ms) {
      findings_.error(*member, "a duration is from 0 to 100 years");
    } else {
      total += *count * ms;
    }
  }
  fields.done();
  if (total > limits::k_duration_ms) {
    findings_.error(place, "a duration is from 0 to 100 years");
    return std::nullopt;
  }
  return total;
}

}  // namespace cairn::authoring
