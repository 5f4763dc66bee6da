// What a case expects.

#include "workflows/definition/expression_text.h"

#include <fmt/format.h>

#include "authoring/testing/suite_reader.h"

namespace cairn::authoring {

Expectation SuiteReader::expectation(const Place& place) {
  Expectation made;
  Fields fields(findings_, place, "what is expected");
  const auto error = fields.take("error");
  if (error) {
    made.end = ExpectedEnd::faulted;
    made.error = expected_error(*error);
  }
  if (const auto status = fields.take("status")) {
    if (const auto word = read_choice(findings_, *status, {"completed", "faulted", "waiting"})) {
      for (const auto end : {ExpectedEnd::completed, ExpectedEnd::faulted, ExpectedEnd::waiting}) {
        if (name_of(end) == *word) made.end = end;
      }
      if (error && made.end != ExpectedEnd::faulted) {
        findings_.error(*status, fmt::format("a run with an error is faulted, not {}", *word));
      }
    }
  }
  if (const auto output = fields.take("output")) made.output = shape(*output);
  if (const auto output = fields.take("outputIncludes")) made.output_includes = shape(*output);
  for (const auto name : {"output", "outputIncludes"}) {
    const auto output = fields.take(name);
    if (output && made.end != ExpectedEnd::completed) {
      findings_.error_at_key(*output, fmt::format("a run that is {} has no output", name_of(made.end)));
    }
  }
  if (const auto context = fields.take("contextIncludes")) made.context_includes = shape(*context);
  if (const auto path = fields.take("path")) made.path = task_names(*path);
  if (const auto path = fields.take("pathIncludes")) made.path_includes = task_names(*path);
  if (const auto tasks = fields.take("notReached")) made.not_reached = task_names(*tasks);
  if (const auto calls = fields.take("calls")) expected_calls(*calls, made.calls);
  if (const auto emitted = fields.take("emitted")) {
    if (is_list(findings_, *emitted, "a list of events")) made.emitted = shapes(*emitted);
  }
  if (const auto time = fields.take("elapsed")) elapsed(*time, made);
  if (const auto that = fields.take("that")) checks(*that, made.that);
  fields.done();
  return made;
}

std::vector<TaskName> SuiteReader::task_names(const Place& place) {
  std::vector<TaskName> names;
  if (!is_list(findings_, place, "a list of tasks")) return names;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    if (auto name = read_string(findings_, item, "a string (the name of a task)")) {
      names.push_back({*std::move(name), spot_of(item)});
    }
  }
  return names;
}

void SuiteReader::expected_calls(const Place& place, std::vector<ExpectedCalls>& into) {
  if (!is_object(findings_, place, "an object: task → how often, or what arguments")) return;
  const auto count = [&](const Place& at) -> std::optional<std::uint64_t> {
    const auto number = read_integer(findings_, at, "how often, a number from 0");
    if (!number) return std::nullopt;
    if (*number >= 0) return static_cast<std::uint64_t>(*number);
    findings_.error(at, "expected how often, a number from 0");
    return std::nullopt;
  };
  for (const SourceMember& member : place.node->members) {
    const Place one = place.member(member);
    ExpectedCalls calls{{member.key, spot_of(one)}, {}, {}, {}};
    if (one.value().is_number()) {
      calls.times = count(one);
    } else if (one.value().is_array()) {
      calls.in_order = shapes(one);
      calls.times = calls.in_order.size();
    } else {
      Fields fields(findings_, one, "expected calls");
      if (const auto times = fields.take("times")) calls.times = count(*times);
      if (const auto arguments = fields.take("arguments")) calls.every = shape(*arguments);
      fields.done();
    }
    into.push_back(std::move(calls));
  }
}

void SuiteReader::elapsed(const Place& place, Expectation& into) {
  const bool range =
      place.value().is_object() && (place.node->find("atLeast") != nullptr || place.node->find("atMost") != nullptr);
  if (!range) {
    into.at_least_ms = duration(place);
    into.at_most_ms = into.at_least_ms;
    return;
  }
  Fields fields(findings_, place, "the time that passes");
  if (const auto least = fields.take("atLeast")) into.at_least_ms = duration(*least);
  if (const auto most = fields.take("atMost")) into.at_most_ms = duration(*most);
  fields.done();
}

Shape SuiteReader::expected_error(const Place& place) {
  if (place.value().is_string()) {
    if (const auto error = standard_error_named(place.value().as_string())) {
      return Shape::of(Value::object({{"type", Value::string(problem_type(*error))}}));
    }
    return Shape::of(Value::object({{"type", place.value()}}));
  }
  Fields fields(findings_, place, "an expected error");
  Shape::ObjectOf members;
  for (const auto name : {"type", "status", "title", "detail", "instance"}) {
    const auto member = fields.take(name);
    if (!member) continue;
    Shape made = shape(*member);
    if (std::string_view(name) == "type" && member->value().is_string()) {
      if (const auto error = standard_error_named(member->value().as_string())) {
        made = Shape::of(Value::string(problem_type(*error)));
      }
    }
    members.members.emplace_back(name, std::move(made));
  }
  fields.done();
  return {std::move(members)};
}

void SuiteReader::checks(const Place& place, std::vector<Check>& into) {
  if (!is_list(findings_, place, "a list of expressions")) return;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    const auto text = read_string(findings_, item, "a string (an expression)");
    if (!text) continue;
    std::size_t begin = 0;
    std::size_t end = text->size();
    const ExpressionParts parts = find_expressions(*text, Dialect::text);
    if (parts.whole) {
      begin = parts.expressions.front().inner_begin;
      end = parts.expressions.front().inner_end;
    }
    if (const auto id = expression(item, begin, end)) {
      into.push_back({*id, text->substr(begin, end - begin), spot_of(item)});
    }
  }
}

}  // namespace cairn::authoring
