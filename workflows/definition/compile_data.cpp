// input, output and export of tasks and workflows; schemas; durations and timeouts.

#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/core/time.h"
#include "workflows/definition/compiler.h"
#include "workflows/source/pointer.h"
#include "workflows/value/number.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace cairn {

namespace {

/// The node a JSON pointer names below `node`, or the nearest above it.
const SourceNode& descend(const SourceNode& node, std::string_view pointer) {
  const SourceNode* at = &node;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::string_view segment = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(segment.size());
    const SourceNode* next = nullptr;
    for (const SourceMember& member : at->members) {
      std::string escaped;
      append_pointer_segment(escaped, member.key);
      if (std::string_view(escaped).substr(1) == segment) next = member.value;
    }
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
    if (error == std::errc() && index < at->items.size()) next = at->items[index];
    if (next == nullptr) break;
    at = next;
  }
  return *at;
}

}  // namespace

DataSpec Compiler::data_spec(const Place& place, std::string what, std::string_view transform, const View& view) {
  DataSpec spec;
  Fields fields(findings_, place, std::move(what));
  if (const auto found = fields.take("schema")) spec.schema = schema(*found);
  if (const auto found = fields.take(transform)) spec.transform = keep(expression_or_object(*found, view));
  fields.done();
  return spec;
}

std::optional<SchemaId> Compiler::schema(const Place& place) {
  Fields fields(findings_, place, "a schema");
  bool json = true;
  if (const auto format = fields.take("format")) {
    if (const auto name = read_string(findings_, *format)) {
      json = *name == "json" || name->starts_with("json:");
      if (!json) not_run_yet(*format, fmt::format("schema format '{}'", shown(*name)));
    }
  }
  const std::string_view which = fields.exactly_one({"document", "resource"});
  std::optional<SchemaId> id;
  if (which == "document" && json) {
    const Place document = *fields.take("document");
    id = compiled_schema(document, findings_.origins().of(document).uri);
  } else if (which == "resource") {
    const Place external = *fields.take("resource");
    if (json) {
      id = external_schema(external);
    } else {
      resource(external, View::of(Row::workflow_input, {}).with_secrets());
    }
  }
  fields.done();
  return id;
}

std::optional<SchemaId> Compiler::compiled_schema(const Place& document, const std::string& source) {
  auto compiled = JsonSchema::compile(document.value());
  if (!compiled) {
    const Error& error = compiled.error();
    const SourceNode& node = descend(*document.node, error.where);
    findings_.error_at(node.position, document.pointer() + error.where, error.message, error.remedy, source);
    return std::nullopt;
  }
  const SchemaId id{static_cast<std::uint32_t>(program_.schemas.size())};
  program_.schemas.push_back(std::move(compiled).value());
  return id;
}

DurationSpec Compiler::duration(const Place& place, const View& view) {
  if (place.value().is_object()) return {inline_duration(place).value_or(0)};
  const auto text = read_string(findings_, place, "a duration (an ISO 8601 string, an object or ${ expression })");
  if (!text) return {};
  const ExpressionParts parts = find_expressions(*text, Dialect::text);
  if (parts.whole) {
    const EmbeddedExpression& only = parts.expressions.front();
    return {expression(place, only.inner_begin, only.inner_end, view).id};
  }
  if (const auto milliseconds = parse_duration_ms(*text)) return {milliseconds.value()};
  findings_.error(place, fmt::format("'{}' is not a duration", shown(*text)),
                  "write ISO 8601 (PT1H30M), an object (minutes: 90) or ${ expression }");
  return {};
}

std::optional<std::int64_t> Compiler::inline_duration(const Place& place) {
  struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
  };
  constexpr std::array<Unit, 5> k_units = {
      {{"days", 86'400'000}, {"hours", 3'600'000}, {"minutes", 60'000}, {"seconds", 1'000}, {"milliseconds", 1}}};
  Fields fields(findings_, place, "a duration");
  std::int64_t total = 0;
  bool sound = true;
  bool any = false;
  for (const Unit& unit : k_units) {
    const auto member = fields.take(unit.name);
    if (!member) continue;
    any = true;
    if (member->value().is_number() && !is_whole(member->value())) {
      findings_.error(*member, fmt::format("{} must be a whole number", unit.name),
                      "write a smaller unit, or ISO 8601 (PT0.5S)");
      sound = false;
      continue;
    }
    const auto count = read_integer(findings_, *member, "a whole number");
    if (!count) {
      sound = false;
    } else if (*count < 0) {
      findings_.error(*member, fmt::format("{} cannot be negative", unit.name));
      sound = false;
    } else if (*count > (limits::k_duration_ms - total) / unit.milliseconds) {
      findings_.error(*member, "the duration is longer than 100 years");
      sound = false;
    } else {
      total += *count * unit.milliseconds;
    }
  }
  fields.done();
  if (!any && place.node->members.empty()) {
    findings_.error(place, "a duration needs one of: days, hours, minutes, seconds, milliseconds");
  }
  return sound ? std::optional(total) : std::nullopt;
}

DurationSpec Compiler::timeout(const Place& place, const View& view) {
  if (!place.value().is_string()) return timeout_definition(place, view);
  const std::string& name = place.value().as_string();
  if (!timeouts_.contains(name) && parse_duration_ms(name)) {
    findings_.error(place, "a timeout's text is the name of one in use.timeouts, not a duration",
                    fmt::format("write {{after: {}}}", shown(name)));
    return {};
  }
  const Place* named = find_component(timeouts_, place, name, "timeout");
  return named == nullptr ? DurationSpec{} : timeout_definition(*named, view);
}

DurationSpec Compiler::timeout_definition(const Place& place, const View& view) {
  if (!place.value().is_object()) {
    wrong_type(findings_, place, "a timeout (an object with 'after', or the name of one in use.timeouts)");
    return {};
  }
  Fields fields(findings_, place, "a timeout");
  DurationSpec result;
  if (const auto after = fields.require("after")) result = duration(*after, view);
  fields.done();
  return result;
}

}  // namespace cairn
