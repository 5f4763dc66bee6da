// call: human.approve, a function that is built in.

#include "workflows/core/suggest.h"
#include "workflows/core/time.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {
namespace {

using Members = std::vector<std::pair<std::string, Draft>>;

constexpr std::string_view k_duration_hint = "write ISO 8601 (PT1H30M), an object (minutes: 90) or ${ expression }";

}  // namespace

NodeBody Compiler::approval_call(const std::optional<Place>& with, const TaskContext& context) {
  ApprovalBody body;
  Members members;
  const View view = context.view();
  if (with) {
    Fields fields(findings_, *with, "the arguments of call: human.approve");
    for (const std::string_view name : {"title", "text"}) {
      if (const auto text = fields.take(name); text && read_string(findings_, *text))
        members.emplace_back(name, free_string(*text, view));
    }
    if (const auto names = fields.take("assignees")) members.emplace_back("assignees", assignees(*names, view));
    if (const auto form = fields.take("form")) {
      body.form = approval_form(*form, members);
    }
    if (const auto deadline = fields.take("deadline")) {
      members.emplace_back("deadline", approval_duration(*deadline, view, true));
    }
    if (const auto choice = fields.take("onDeadline")) {
      if (auto value = read_choice(findings_, *choice, {"fault", "approve", "reject"}))
        members.emplace_back("onDeadline", Draft::constant(Value::string(*std::move(value))));
    }
    if (const auto reminder = fields.take("reminder"))
      members.emplace_back("reminder", approval_reminder(*reminder, view));
    if (const auto found = fields.take("escalation")) {
      Members terms;
      Fields escalation(findings_, *found, "an escalation");
      if (const auto after = escalation.require("after"))
        terms.emplace_back("after", approval_duration(*after, view, false));
      if (const auto names = escalation.require("assignees")) terms.emplace_back("assignees", assignees(*names, view));
      escalation.done();
      members.emplace_back("escalation", object_draft(std::move(terms)));
    }
    fields.done();
  }
  body.request = keep(object_draft(std::move(members)));
  return body;
}

Draft Compiler::assignees(const Place& place, const View& view) {
  if (!place.value().is_string() && is_list(findings_, place, "a name, a list of names or ${ expression }")) {
    for (std::size_t i = 0; i < place.node->items.size(); ++i) {
      read_string(findings_, place.item(i), "a name (a string)");
    }
  }
  return free_value(place, view);
}

/// A JSON Schema as it is, or as the standard writes schemas, with `document`.
std::optional<SchemaId> Compiler::approval_form(const Place& place, Members& members) {
  if (!is_object(findings_, place, "a JSON Schema (an object)")) return std::nullopt;
  Place document = place;
  if (const SourceMember* resource = place.node->find("resource")) {
    findings_.error(place.member(*resource), "a form stands in the definition itself, and not elsewhere",
                    "write it here, or share it by a YAML anchor");
    return std::nullopt;
  }
  if (const SourceMember* member = place.node->find("document")) {
    Fields fields(findings_, place, "a form");
    if (const auto format = fields.take("format")) read_choice(findings_, *format, {"json"});
    fields.take("document");
    fields.done();
    document = place.member(*member);
  }
  members.emplace_back("form", Draft::constant(document.value()));
  return compiled_schema(document, findings_.origins().of(document).uri);
}

/// `or_time`: it may also be a time.
Draft Compiler::approval_duration(const Place& place, const View& view, bool or_time) {
  if (place.value().is_object()) {
    return Draft::constant(Value::string(to_iso8601_duration(inline_duration(place).value_or(0))));
  }
  const std::string_view expected = or_time ? "a duration or a time (a string, an object or ${ expression })"
                                            : "a duration (an ISO 8601 string, an object or ${ expression })";
  const auto text = read_string(findings_, place, expected);
  if (!text) return Draft::constant(Value::null());
  const bool known = find_expressions(*text, Dialect::text).expressions.empty();
  if (known && !parse_duration_ms(*text) && !(or_time && parse_timestamp(*text))) {
    findings_.error(place,
                    or_time ? fmt::format("'{}' is neither a duration nor a time", shown(*text))
                            : fmt::format("'{}' is not a duration", shown(*text)),
                    std::string(k_duration_hint));
  }
  return known ? Draft::constant(place.value()) : free_string(place, view, Dialect::text, false);
}

/// {after, every}, or a duration alone, which is `every`.
Draft Compiler::approval_reminder(const Place& place, const View& view) {
  const bool terms =
      place.value().is_object() && (place.node->find("after") != nullptr || place.node->find("every") != nullptr);
  Members members;
  if (!terms) {
    members.emplace_back("every", approval_duration(place, view, false));
    return object_draft(std::move(members));
  }
  Fields fields(findings_, place, "a reminder");
  for (const std::string_view name : {"after", "every"}) {
    if (const auto found = fields.take(name)) members.emplace_back(name, approval_duration(*found, view, false));
  }
  fields.done();
  return object_draft(std::move(members));
}

}  // namespace cairn
