// emit, listen and what filters events.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"
#include "workflows/jq/native.h"
#include "workflows/program/cloud_event.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

namespace {

/// Filters of one `listen`, `until` included: each is recorded when a task begins to listen.
constexpr std::size_t k_most_filters = 256;

bool is_text_attribute(std::string_view name) {
  return name == "id" || name == "source" || name == "type" || name == "time" || name == "subject" ||
         name == "datacontenttype" || name == "dataschema";
}

/// Whether a filter's text is more than itself. A '.' alone makes no pattern: names of types are full of them.
bool is_pattern(std::string_view text) { return text.find_first_of("*+?^$|()[]{}\\") != std::string_view::npos; }

}  // namespace

NodeBody Compiler::emit_task(Fields& fields, const TaskContext& context) {
  EmitBody body;
  const Place place = *fields.take("emit");
  Fields emit(findings_, place, "'emit'");
  if (const auto event = emit.require("event")) {
    Fields members(findings_, *event, "'event' (its attributes go into 'with')");
    if (const auto with = members.require("with")) body.event = keep(event_properties(*with, context.view()));
    members.done();
  }
  emit.done();
  return body;
}

Draft Compiler::event_properties(const Place& place, const View& view) {
  std::vector<std::pair<std::string, Draft>> members;
  if (!is_object(findings_, place, "an event's attributes (an object)")) return Draft::constant(Value::null());
  if (place.node->find("type") == nullptr) findings_.error_at_key(place, "an event needs a 'type'");
  for (const SourceMember& member : place.node->members) {
    members.emplace_back(member.key, event_attribute(place.member(member), view));
  }
  const SourceMember* bytes = place.node->find("data_base64");
  if (bytes != nullptr && place.node->find("data") != nullptr) {
    findings_.error_at_key(place.member(*bytes), "'data' and 'data_base64' exclude one another");
  }
  return object_draft(std::move(members));
}

/// What is written out is checked here, what an expression gives when it is emitted.
Draft Compiler::event_attribute(const Place& place, const View& view) {
  const std::string_view name = place.key;
  if (name == "data") return free_value(place, view);
  if (name == "data_base64") {
    const auto text = read_string(findings_, place, "base 64 text (a string)");
    if (!text) return Draft::constant(Value::null());
    Draft draft = free_string(place, view, Dialect::text, false);
    if (std::holds_alternative<Value>(draft.form) && !decode_base64(*text))
      findings_.error(place, "this is not base 64");
    return draft;
  }
  if (!is_text_attribute(name) && name != "specversion" && !is_attribute_name(name)) {
    findings_.error_at_key(place, fmt::format("'{}' cannot be the name of an event's attribute", shown(name)),
                           "lower-case letters and digits only; what is no attribute goes into 'data'");
    return Draft::constant(Value::null());
  }
  if (is_text_attribute(name) && !read_string(findings_, place)) return Draft::constant(Value::null());
  const bool is_uri = name == "source" || name == "dataschema";
  Draft draft = is_uri                                      ? uri(place, view)
                : is_text_attribute(name) && name == "type" ? free_string(place, view, Dialect::text, false)
                                                            : free_value(place, view);
  const auto* constant = std::get_if<Value>(&draft.form);
  if (constant == nullptr || constant->is_null() || (is_uri && place.value().as_string().empty())) return draft;
  if (name == "type" && constant->as_string().empty()) {
    findings_.error(place, "an event's type cannot be empty");
  } else if (name == "time" && complaint_about_attribute(name, *constant)) {
    findings_.error(place, fmt::format("'{}' is not a date and time", shown(place.value().as_string())),
                    "write RFC 3339, as in 2026-01-31T12:00:00Z");
  } else if (const auto complaint = complaint_about_attribute(name, *constant)) {
    findings_.error(place, *complaint);
  }
  return draft;
}

// ---- listen
// ------------------------------------------------------------------------------------------------------------

NodeBody Compiler::listen_task(Fields& fields, const TaskContext& context) {
  ListenBody body;
  body.since_run = listen_since_run_;
  const Place place = *fields.take("listen");
  Fields listen(findings_, place, "'listen'");
  if (const auto to = listen.require("to")) body.to = event_strategy(*to, context.view());
  if (const auto read = listen.take("read")) body.read = event_read(*read);
  listen.done();
  if (const auto foreach = fields.take("foreach")) body.foreach = subscription_iterator(*foreach, context);
  return body;
}

bool Compiler::listen_since_run(const Place& place) {
  Fields fields(findings_, place, "metadata.cairn.listen");
  bool since_run = true;
  if (const auto since = fields.require("since")) {
    since_run = read_choice(findings_, *since, {"run", "listen"}) != "listen";
  }
  fields.done();
  return since_run;
}

EventRead Compiler::event_read(const Place& place) {
  const auto choice = read_choice(findings_, place, {"data", "envelope", "raw"});
  if (choice == "envelope") return EventRead::envelope;
  return choice == "raw" ? EventRead::raw : EventRead::data;
}

EventStrategy Compiler::event_strategy(const Place& place, const View& view) {
  EventStrategy strategy;
  const std::size_t before = program_.event_filters.size();
  Fields fields(findings_, place, "an event consumption strategy");
  const auto events = event_set(fields, view);
  if (events) strategy.events = *events;
  if (const auto found = fields.take("until")) {
    if (events && events->quantity != Quantity::any) {
      findings_.error_at_key(*found,
                             fmt::format("'until' goes with 'any' only, not with '{}'", name_of(events->quantity)));
    }
    until(*found, view, strategy);
  }
  fields.done();
  if (program_.event_filters.size() - before > k_most_filters) {
    findings_.error(place, fmt::format("there are more than {} event filters in one strategy", k_most_filters));
  }
  return strategy;
}

std::optional<EventSet> Compiler::event_set(Fields& fields, const View& view) {
  const std::string_view kind = fields.exactly_one({"all", "any", "one"});
  if (kind.empty()) return std::nullopt;
  EventSet set;
  const Place place = *fields.take(kind);
  if (kind == "one") {
    set.filters.push_back(event_filter(place, view));
    return set;
  }
  set.quantity = kind == "all" ? Quantity::all : Quantity::any;
  if (!is_list(findings_, place, "a list of event filters")) return set;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    set.filters.push_back(event_filter(place.item(i), view));
  }
  if (set.filters.empty() && kind == "any") {  // every event
    set.filters.push_back(FilterId{static_cast<std::uint32_t>(program_.event_filters.size())});
    program_.event_filters.push_back({place.pointer(), {}, {}, {}, false});
  }
  return set;
}

void Compiler::until(const Place& place, const View& view, EventStrategy& strategy) {
  if (place.value().is_string()) {
    strategy.until = condition(place, view);
    if (!strategy.until) return;
    const std::string& text = program_.sources[index_of(*strategy.until)].text;
    strategy.forever = text == "false" || text == "null";
    return;
  }
  if (!is_object(findings_, place, "an expression (a string) or an event consumption strategy (an object)")) return;
  Fields fields(findings_, place, "an event consumption strategy");
  strategy.until_events = event_set(fields, view);
  if (const auto nested = fields.take("until")) {
    findings_.error_at_key(*nested, "an 'until' cannot have an 'until' of its own",
                           "name the events alone that end the listening");
  }
  fields.done();
}

FilterId Compiler::event_filter(const Place& place, const View& view) {
  EventFilter filter;
  filter.pointer = place.pointer();
  Fields fields(findings_, place, "an event filter");
  if (const auto with = fields.require("with")) {
    filter.attributes = filter_attributes(*with, view);
    for (const EventAttribute& one : filter.attributes) {
      const auto* constant = std::get_if<Template::Constant>(&program_.templates[index_of(one.expected)].form);
      if (one.name == "type" && !one.pattern && constant != nullptr && constant->value.is_string()) {
        filter.type = constant->value.as_string();
      }
    }
  }
  if (const auto correlate = fields.take("correlate");
      correlate && is_object(findings_, *correlate, "correlations by name (an object)")) {
    filter.keyed = !correlate->node->members.empty();
    for (const SourceMember& member : correlate->node->members) {
      filter.correlations.push_back(correlation(correlate->member(member), view, filter.keyed));
    }
  }
  fields.done();
  program_.event_filters.push_back(std::move(filter));
  return FilterId{static_cast<std::uint32_t>(program_.event_filters.size() - 1)};
}

std::vector<EventAttribute> Compiler::filter_attributes(const Place& place, const View& view) {
  std::vector<EventAttribute> attributes;
  if (!is_object(findings_, place, "an event's attributes (an object)")) return attributes;
  if (place.node->members.empty()) findings_.error(place, "an event filter needs at least one attribute");
  for (const SourceMember& member : place.node->members) {
    const Place at = place.member(member);
    EventAttribute attribute;
    attribute.name = member.key;
    if (member.key == "data") {
      attribute.expected = keep(free_value(at, view));
    } else {
      const Value& value = at.value();
      if (member.key != "specversion" && !is_text_attribute(member.key) && !is_attribute_name(member.key)) {
        findings_.error_at_key(at, fmt::format("no event has an attribute '{}'", shown(member.key)),
                               "names are lower-case letters and digits; what is in the data is filtered by 'data'");
      } else if (is_text_attribute(member.key) ? !read_string(findings_, at).has_value()
                                               : value.is_object() || value.is_array() || value.is_null()) {
        if (!is_text_attribute(member.key)) wrong_type(findings_, at, "a string, a number or a boolean");
        continue;
      }
      attribute.expected =
          keep(value.is_string() ? free_string(at, view, Dialect::text, false) : Draft::constant(value));
    }
    const auto& form = program_.templates[index_of(attribute.expected)].form;
    if (std::holds_alternative<Template::Constant>(form) && at.value().is_string()) attribute.pattern = pattern(at);
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

/// The whole attribute must match.
std::optional<ExpressionId> Compiler::pattern(const Place& place) {
  const std::string& text = place.value().as_string();
  if (!is_pattern(text)) return std::nullopt;
  if (const std::string problem = jq::pattern_problem(text, ""); !problem.empty()) {
    findings_.error(place, fmt::format("not a regular expression: {}", problem),
                    "characters that mean themselves are written with a '\\' in front");
    return std::nullopt;
  }
  if (program_.sources.size() >= limits::k_definition_expressions) {
    findings_.error(place,
                    fmt::format("the definition has more than {} expressions", limits::k_definition_expressions));
    return std::nullopt;
  }
  const ExpressionId id{static_cast<std::uint32_t>(program_.sources.size())};
  program_.sources.push_back({fmt::format("test({})", to_json(Value::string("\\A(?:" + text + ")\\z"))), {}});
  program_.origins.push_back(place.pointer());
  sites_.push_back({&findings_.origins().of(place), place.node, 0, false, false, {}});
  return id;
}

Correlation Compiler::correlation(const Place& place, const View& view, bool& keyed) {
  Correlation result;
  result.name = place.key;
  Fields members(findings_, place, "a correlation");
  if (const auto from = members.require("from")) {
    if (const auto found = condition(*from, view)) {
      result.from = *found;
      keyed &= free_variables(program_.sources[index_of(*found)].text).empty();
    }
  }
  if (const auto expect = members.take("expect"); expect && read_string(findings_, *expect))
    result.expect = keep(free_string(*expect, view));
  members.done();
  return result;
}

SubscriptionIterator Compiler::subscription_iterator(const Place& place, const TaskContext& context) {
  SubscriptionIterator iterator;
  Fields fields(findings_, place, "'foreach'");
  const auto item = fields.take("item");
  const auto at = fields.take("at");
  iterator.item = local_name(item, "item");
  iterator.at = local_name(at, "index");
  if (iterator.item == iterator.at && (item || at)) {
    findings_.error(at ? *at : *item, fmt::format("'item' and 'at' cannot both be '{}'", iterator.at),
                    "choose another name");
  }
  Locals locals = context.locals;
  locals.push_back(iterator.item);
  locals.push_back(iterator.at);
  if (const auto tasks_of_item = fields.take("do")) iterator.tasks = task_list(*tasks_of_item, context.id, locals);
  if (const auto output = fields.take("output"))
    iterator.output = data_spec(*output, "output", "as", View::of(Row::task, locals));
  if (const auto exported = fields.take("export"))
    iterator.exported = data_spec(*exported, "export", "as", View::of(Row::task_export, locals));
  fields.done();
  return iterator;
}

}  // namespace cairn
