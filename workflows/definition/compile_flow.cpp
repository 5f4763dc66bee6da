// Tasks that hold or steer other tasks, and those that need nothing from outside: set, do, for, fork, switch, try,
// raise, wait.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

NodeBody Compiler::set_task(Fields& fields, const TaskContext& context) {
  const Place place = *fields.take("set");
  if (place.value().is_string()) return SetBody{keep(always_expression(place, context.view()))};
  if (!is_object(findings_, place, "an object or an expression (a string)")) return SetBody{};
  if (place.node->members.empty()) findings_.error(place, "'set' needs at least one member");
  return SetBody{keep(free_value(place, context.view()))};
}

NodeBody Compiler::do_task(Fields& fields, const TaskContext& context) {
  return DoBody{task_list(*fields.take("do"), context.id, context.locals)};
}

std::string Compiler::local_name(std::optional<Place> place, std::string_view fallback) {
  if (!place) return std::string(fallback);
  const auto name = read_string(findings_, *place, "a variable's name (a string)");
  if (!name) return std::string(fallback);
  if (is_argument(*name)) {
    findings_.error(*place, fmt::format("'{}' would hide the argument ${}", *name, *name), "choose another name");
  } else if (!is_variable_name(*name)) {
    findings_.error(*place, fmt::format("'{}' is not a name jq can have as a variable", shown(*name)),
                    "use letters, digits and '_', and begin with a letter; write it without '$'");
  } else {
    return *name;
  }
  return std::string(fallback);
}

NodeBody Compiler::for_task(Fields& fields, const TaskContext& context) {
  ForBody body;
  const Place place = *fields.take("for");
  Fields loop(findings_, place, "'for'");
  const auto each = loop.take("each");
  const auto at = loop.take("at");
  body.each = local_name(each, "item");
  body.at = local_name(at, "index");
  if (body.each == body.at && (each || at)) {
    findings_.error(at ? *at : *each, fmt::format("'each' and 'at' cannot both be '{}'", body.each),
                    "choose another name");
  }
  if (const auto in = loop.require("in")) {
    if (in->value().is_array()) {
      body.in = keep(free_value(*in, context.view()));
    } else if (read_string(findings_, *in, "an expression (a string) or a list")) {
      // A text could never be looped over, so loose mode has nothing to try here.
      if (const auto found = condition(*in, context.view())) {
        body.in = keep(Template::Expression{*found, in->value().as_string()}, false);
      }
    }
  }
  loop.done();
  Locals locals = context.locals;
  locals.push_back(body.each);
  locals.push_back(body.at);
  if (const auto found = fields.take("while")) body.while_condition = condition(*found, View::of(Row::task, locals));
  if (const auto found = fields.require("do")) body.tasks = task_list(*found, context.id, locals);
  return body;
}

NodeBody Compiler::fork_task(Fields& fields, const TaskContext& context) {
  ForkBody body;
  const Place place = *fields.take("fork");
  Fields fork(findings_, place, "'fork'");
  if (const auto compete = fork.take("compete")) body.compete = read_boolean(findings_, *compete).value_or(false);
  if (const auto branches = fork.require("branches")) {
    body.branches = tasks(*branches, context.id, context.locals, Siblings::Kind::branches);
    if (body.compete && branches->value().is_array() && branches->node->items.empty()) {
      findings_.error(*branches, "a race needs at least one branch");
    }
  }
  fork.done();
  return body;
}

NodeBody Compiler::switch_task(Fields& fields, const TaskContext& context) {
  SwitchBody body;
  const Place place = *fields.take("switch");
  if (place.value().is_object()) {
    findings_.error(place, "expected a list of cases, got an object", "begin each case with '- NAME:'");
    return body;
  }
  if (!is_list(findings_, place, "a list of cases")) return body;
  if (place.node->items.empty()) findings_.error(place, "'switch' needs at least one case");
  std::string default_case;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    if (!is_object(findings_, item, "a case (an object with one key, its name)")) continue;
    if (item.node->members.empty())
      findings_.error(item, "expected a case (an object with one key, its name), got an empty object");
    bool first = true;
    for (const SourceMember& member : item.node->members) {
      const Place at = item.member(member);
      if (!std::exchange(first, false)) {
        findings_.error_at_key(at, fmt::format("a list item holds one case, and '{}' is the second", shown(member.key)),
                               "begin it with '- ' of its own");
      }
      Fields fields_of_case(findings_, at, "a case");
      SwitchBody::Case one;
      one.name = member.key;
      if (const auto when = fields_of_case.take("when")) {
        one.when = condition(*when, context.view());
      } else if (fields_of_case.is_mapping()) {
        if (!default_case.empty()) {
          findings_.error_at_key(at,
                                 fmt::format("'{}' is the default case already, and '{}' has no 'when' either",
                                             shown(default_case), shown(member.key)),
                                 "give all cases but one a 'when'");
        }
        default_case = member.key;
      }
      if (const auto then = fields_of_case.require("then")) one.then = transition(*then, context.siblings);
      fields_of_case.done();
      body.cases.push_back(std::move(one));
    }
  }
  return body;
}

NodeBody Compiler::try_task(Fields& fields, const TaskContext& context) {
  TryBody body;
  body.tasks = task_list(*fields.take("try"), context.id, context.locals);
  if (const auto found = fields.require("catch")) catch_clause(*found, context, body);
  return body;
}

void Compiler::catch_clause(const Place& place, const TaskContext& context, TryBody& body) {
  Fields fields(findings_, place, "'catch'");
  if (const auto errors = fields.take("errors")) {
    Fields filter(findings_, *errors, "'errors'");
    if (const auto with = filter.take("with")) body.filter = error_filter(*with);
    filter.done();
  }
  body.as = local_name(fields.take("as"), "error");
  Locals locals = context.locals;
  locals.push_back(body.as);
  const View view = View::of(Row::task, locals);
  if (const auto when = fields.take("when")) body.when = condition(*when, view);
  if (const auto except = fields.take("exceptWhen")) body.except_when = condition(*except, view);
  if (const auto retry = fields.take("retry")) {
    if (retry->value().is_string()) {
      const Place* named = find_component(retries_, *retry, retry->value().as_string(), "retry policy");
      if (named != nullptr) body.retry = retry_policy(*named, view);
    } else {
      body.retry = retry_policy(*retry, view);
    }
  }
  if (const auto tasks_of_handler = fields.take("do")) body.handler = task_list(*tasks_of_handler, context.id, locals);
  if (const auto then = fields.take("then")) body.then = transition(*then, context.siblings);
  fields.done();
}

ErrorFilter Compiler::error_filter(const Place& place) {
  ErrorFilter filter;
  Fields fields(findings_, place, "an error filter");
  const auto text = [&](std::string_view key) -> std::optional<std::string> {
    const auto found = fields.take(key);
    if (!found) return std::nullopt;
    auto read = read_string(findings_, *found);
    if (read && find_expressions(*read, Dialect::text).whole) {
      findings_.error(*found, "an error filter holds fixed values only", "use catch.when for an expression");
    }
    return read;
  };
  filter.type = text("type");
  if (const auto status = fields.take("status")) filter.status = read_integer(findings_, *status);
  filter.instance = text("instance");
  filter.title = text("title");
  filter.detail = text("detail");
  fields.done();
  if (fields.is_mapping() && place.node->members.empty()) {
    findings_.error(place, "an error filter needs at least one of: type, status, instance, title, detail",
                    "leave 'errors' out to catch every error");
  }
  return filter;
}

RetrySpec Compiler::retry_policy(const Place& place, const View& view) {
  RetrySpec retry;
  Fields fields(findings_, place, "a retry policy");
  if (const auto when = fields.take("when")) retry.when = condition(*when, view);
  if (const auto except = fields.take("exceptWhen")) retry.except_when = condition(*except, view);
  if (const auto delay = fields.take("delay")) retry.delay = duration(*delay, view);
  if (const auto backoff = fields.take("backoff")) {
    Fields kinds(findings_, *backoff, "'backoff'");
    const std::string_view kind = kinds.exactly_one({"constant", "linear", "exponential"});
    if (kind == "linear") retry.backoff = RetrySpec::Backoff::linear;
    if (kind == "exponential") retry.backoff = RetrySpec::Backoff::exponential;
    if (!kind.empty()) {
      const Place definition = *kinds.take(kind);
      Fields(findings_, definition, fmt::format("'{}' (which has no properties)", kind)).done();
    }
    kinds.done();
  }
  if (const auto limit = fields.take("limit")) retry_limit(*limit, view, retry);
  if (const auto jitter = fields.take("jitter")) retry_jitter(*jitter, view, retry);
  fields.done();
  return retry;
}

void Compiler::retry_limit(const Place& place, const View& view, RetrySpec& retry) {
  Fields fields(findings_, place, "a retry limit");
  if (const auto attempt = fields.take("attempt")) {
    Fields limits_of_attempt(findings_, *attempt, "'attempt'");
    if (const auto count = limits_of_attempt.take("count")) {
      retry.attempt_count = read_integer(findings_, *count);
      if (retry.attempt_count && *retry.attempt_count < 0)
        findings_.error(*count, "the number of attempts cannot be negative");
    }
    if (const auto longest = limits_of_attempt.take("duration")) retry.attempt_duration = duration(*longest, view);
    limits_of_attempt.done();
  }
  if (const auto longest = fields.take("duration")) retry.duration = duration(*longest, view);
  fields.done();
}

void Compiler::retry_jitter(const Place& place, const View& view, RetrySpec& retry) {
  Fields fields(findings_, place, "'jitter'");
  if (const auto from = fields.require("from")) retry.jitter_from = duration(*from, view);
  const auto to = fields.require("to");
  if (to) retry.jitter_to = duration(*to, view);
  fields.done();
  if (!retry.jitter_from || !retry.jitter_to) return;
  const auto* shortest = std::get_if<std::int64_t>(&retry.jitter_from->value);
  const auto* longest = std::get_if<std::int64_t>(&retry.jitter_to->value);
  if (shortest != nullptr && longest != nullptr && *shortest > *longest) {
    findings_.error(*to, "'to' is shorter than 'from'", "swap them");
  }
}

NodeBody Compiler::raise_task(Fields& fields, const TaskContext& context) {
  const Place place = *fields.take("raise");
  Fields raise(findings_, place, "'raise'");
  RaiseBody body;
  if (const auto error = raise.require("error")) {
    if (error->value().is_string()) {
      const Place* named = find_component(errors_, *error, error->value().as_string(), "error");
      if (named != nullptr) body = error_definition(*named, View::of(Row::task, context.locals));
    } else {
      body = error_definition(*error, context.view());
    }
  }
  raise.done();
  return body;
}

RaiseBody Compiler::error_definition(const Place& place, const View& view) {
  RaiseBody body;
  if (!is_object(findings_, place, "an error (an object, or the name of one in use.errors)")) return body;
  Fields fields(findings_, place, "an error");
  if (const auto type = fields.require("type")) body.type = keep(uri(*type, view));
  if (const auto status = fields.require("status")) {
    const Value& value = status->value();
    if (value.is_string() && find_expressions(value.as_string(), Dialect::text).whole) {
      body.status = keep(free_string(*status, view));
    } else if (const auto number = read_integer(findings_, *status, "an integer or ${ expression }")) {
      body.status = keep(Draft::constant(Value::integer(*number)));
    }
  }
  const auto text = [&](std::string_view key) -> std::optional<TemplateId> {
    const auto found = fields.take(key);
    if (!found || !read_string(findings_, *found)) return std::nullopt;
    return keep(free_string(*found, view));
  };
  body.title = text("title");
  body.detail = text("detail");
  body.instance = text("instance");
  fields.done();
  return body;
}

NodeBody Compiler::wait_task(Fields& fields, const TaskContext& context) {
  return WaitBody{duration(*fields.take("wait"), context.view())};
}

}  // namespace cairn
