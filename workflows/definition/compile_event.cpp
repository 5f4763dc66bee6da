// emit, listen and what filters events.

#include "workflows/core/suggest.h"
#include "workflows/core/time.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

NodeBody Compiler::emit_task(Fields& fields, const TaskContext& context) {
  EmitBody body;
  const Place place = *fields.take("emit");
  Fields emit(findings_, place, "'emit'");
  if (const auto event = emit.require("event")) {
    Fields members(findings_, *event, "'event' (its attributes go into 'with')");
    if (const auto with = members.require("with")) body.event = keep(event_properties(*with, context.view(), false));
    members.done();
  }
  emit.done();
  return body;
}

Draft Compiler::event_properties(const Place& place, const View& view, bool filter) {
  std::vector<std::pair<std::string, Draft>> members;
  if (!is_object(findings_, place, "an event's attributes (an object)")) return Draft::constant(Value::null());
  if (!filter && place.node->find("type") == nullptr) findings_.error_at_key(place, "an event needs a 'type'");
  if (filter && place.node->members.empty()) findings_.error(place, "an event filter needs at least one attribute");
  for (const SourceMember& member : place.node->members) {
    const Place attribute = place.member(member);
    const std::string& key = member.key;
    const bool text = key == "id" || key == "source" || key == "type" || key == "time" || key == "subject" ||
                      key == "datacontenttype" || key == "dataschema";
    if (!text) {
      members.emplace_back(key, free_value(attribute, view));
      continue;
    }
    const auto value = read_string(findings_, attribute);
    if (!value) continue;
    if ((key == "source" || key == "dataschema") && !filter) {
      members.emplace_back(key, uri(attribute, view));
      continue;
    }
    Draft draft = free_string(attribute, view, Dialect::text, key != "type" || filter);
    if (!filter && key == "time" && std::holds_alternative<Value>(draft.form) && !parse_timestamp(*value)) {
      findings_.error(attribute, fmt::format("'{}' is not a date and time", shown(*value)),
                      "write RFC 3339, as in 2026-01-31T12:00:00Z");
    }
    if (!filter && key == "type" && value->empty()) findings_.error(attribute, "an event's type cannot be empty");
    members.emplace_back(key, std::move(draft));
  }
  return object_draft(std::move(members));
}

NodeBody Compiler::listen_task(Fields& fields, const TaskContext& context) {
  const Place place = *fields.take("listen");
  Fields listen(findings_, place, "'listen'");
  if (const auto to = listen.require("to")) consumption_strategy(*to, context.view(), true);
  if (const auto read = listen.take("read")) read_choice(findings_, *read, {"data", "envelope", "raw"});
  listen.done();
  if (const auto foreach = fields.take("foreach")) subscription_iterator(*foreach, context);
  not_run_yet(place, "listen");
  return UnsupportedBody{"listen"};
}

void Compiler::consumption_strategy(const Place& place, const View& view, bool until_allowed) {
  Fields fields(findings_, place, "an event consumption strategy");
  const std::string_view kind = fields.exactly_one({"all", "any", "one"});
  if (kind == "one") {
    event_filter(*fields.take("one"), view);
  } else if (!kind.empty()) {
    const Place list = *fields.take(kind);
    if (is_list(findings_, list, "a list of event filters")) {
      for (std::size_t i = 0; i < list.node->items.size(); ++i) event_filter(list.item(i), view);
    }
  }
  if (const auto until = fields.take("until")) {
    if (!until_allowed) {
      findings_.error_at_key(*until, "an 'until' cannot have an 'until' of its own",
                             "name the events alone that end the listening");
    } else if (kind != "any" && !kind.empty()) {
      findings_.error_at_key(*until, fmt::format("'until' goes with 'any' only, not with '{}'", kind));
    }
    if (until->value().is_string()) {
      condition(*until, view);
    } else if (is_object(findings_, *until, "an expression (a string) or an event consumption strategy (an object)")) {
      consumption_strategy(*until, view, false);
    }
  }
  fields.done();
}

void Compiler::event_filter(const Place& place, const View& view) {
  Fields fields(findings_, place, "an event filter");
  if (const auto with = fields.require("with")) event_properties(*with, view, true);
  if (const auto correlate = fields.take("correlate");
      correlate && is_object(findings_, *correlate, "correlations by name (an object)")) {
    for (const SourceMember& member : correlate->node->members) {
      const Place correlation = correlate->member(member);
      Fields members(findings_, correlation, "a correlation");
      if (const auto from = members.require("from")) condition(*from, view);
      if (const auto expect = members.take("expect"); expect && read_string(findings_, *expect))
        free_string(*expect, view);
      members.done();
    }
    not_run_yet(*correlate, "correlate");
  }
  fields.done();
}

void Compiler::subscription_iterator(const Place& place, const TaskContext& context) {
  Fields fields(findings_, place, "'foreach'");
  const auto item = fields.take("item");
  const auto at = fields.take("at");
  Locals locals = context.locals;
  locals.push_back(local_name(item, "item"));
  locals.push_back(local_name(at, "index"));
  if (locals[locals.size() - 2] == locals.back() && (item || at)) {
    findings_.error(at ? *at : *item, fmt::format("'item' and 'at' cannot both be '{}'", locals.back()),
                    "choose another name");
  }
  if (const auto tasks_of_item = fields.take("do")) task_list(*tasks_of_item, context.id, locals);
  if (const auto output = fields.take("output")) data_spec(*output, "output", "as", View::of(Row::task, locals));
  if (const auto exported = fields.take("export"))
    data_spec(*exported, "export", "as", View::of(Row::task_export, locals));
  fields.done();
}

}  // namespace cairn
