// What a case gives: answers of mocks, events from outside.

#include "workflows/core/suggest.h"
#include "workflows/program/cloud_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "authoring/testing/suite_reader.h"

namespace cairn::authoring {
namespace {

constexpr std::array<std::pair<std::string_view, StandardError>, 8> k_standard_errors{{
    {"configuration", StandardError::configuration},
    {"validation", StandardError::validation},
    {"expression", StandardError::expression},
    {"authentication", StandardError::authentication},
    {"authorization", StandardError::authorization},
    {"timeout", StandardError::timeout},
    {"communication", StandardError::communication},
    {"runtime", StandardError::runtime},
}};

}  // namespace

std::optional<StandardError> standard_error_named(std::string_view name) {
  for (const auto& [known, error] : k_standard_errors) {
    if (known == name) return error;
  }
  return std::nullopt;
}

void SuiteReader::mocks(const Place& place, std::vector<Mock>& into) {
  if (!is_object(findings_, place, "an object: task → answer, or a list of answers")) return;
  for (const SourceMember& member : place.node->members) {
    const Place one = place.member(member);
    Mock mock{{member.key, spot_of(one)}, {}};
    if (one.value().is_array()) {
      if (one.node->items.empty()) findings_.error(one, "a mock needs an answer");
      for (std::size_t i = 0; i < one.node->items.size(); ++i) mock.answers.push_back(answer(one.item(i), false));
    } else {
      mock.answers.push_back(answer(one, true));
    }
    // A case's mock takes the place of one in the defaults.
    std::erase_if(into, [&](const Mock& known) { return known.task.text == mock.task.text; });
    into.push_back(std::move(mock));
  }
}

Answer SuiteReader::answer(const Place& place, bool only_one) {
  Answer made;
  made.spot = {place.node->position, place.pointer()};
  if (!only_one) made.times = 1;
  if (place.value().is_string()) {
    if (const auto word = read_choice(findings_, place, {"real", "never"})) {
      if (*word == "real") made.what = Answer::Real{};
      if (*word == "never") made.what = Answer::Never{};
    }
    return made;
  }
  Fields fields(findings_, place, "an answer");
  const std::string_view kind =
      fields.exactly_one({"return", "returnFile", "respond", "exit", "fail", "never", "real"});
  if (kind == "return") made.what = Answer::Return{shape(*fields.take("return"))};
  if (kind == "returnFile") {
    if (auto value = value_file(*fields.take("returnFile"))) made.what = Answer::Return{Shape::of(*std::move(value))};
  }
  if (kind == "respond") made.what = response(*fields.take("respond"));
  if (kind == "exit") made.what = process_end(*fields.take("exit"), fields);
  if (kind == "fail") made.what = failure(*fields.take("fail"));
  const auto flag = [&](std::string_view name, auto value) {
    if (kind != name) return;
    const auto flag_place = fields.take(name);
    const auto on = read_boolean(findings_, *flag_place);
    if (on && !*on) findings_.error(*flag_place, fmt::format("`{}` is only ever true", name), "leave it out");
    made.what = value;
  };
  flag("never", Answer::Never{});
  flag("real", Answer::Real{});
  if (const auto after = fields.take("after")) made.after_ms = duration(*after).value_or(0);
  if (const auto when = fields.take("when")) made.when = shape(*when);
  if (const auto arguments = fields.take("arguments")) made.arguments = shape(*arguments);
  if (const auto times = fields.take("times")) {
    if (times->value().is_string() && times->value().as_string() == "any") {
      made.times.reset();
    } else if (const auto count = read_integer(findings_, *times, "a number from 1, or any")) {
      if (*count < 1) findings_.error(*times, "expected a number from 1, or any");
      made.times = static_cast<std::uint64_t>(std::max<std::int64_t>(*count, 1));
    }
  }
  fields.done();
  return made;
}

Answer::Respond SuiteReader::response(const Place& place) {
  Answer::Respond made;
  const auto status = [&](const Place& at) {
    const auto number = read_integer(findings_, at, "a status, from 100 to 599");
    if (!number) return;
    if (*number < 100 || *number > 599) findings_.error(at, "expected a status, from 100 to 599");
    made.status = *number;
  };
  if (place.value().is_number()) {
    status(place);
    return made;
  }
  Fields fields(findings_, place, "a response");
  if (const auto at = fields.take("status")) status(*at);
  if (const auto at = fields.take("headers")) {
    if (is_object(findings_, *at)) made.headers = shape(*at);
  }
  const std::string_view body = fields.exactly_one({"body", "bodyFile"}, false);
  if (body == "body") made.body = shape(*fields.take("body"));
  if (body == "bodyFile") {
    if (auto value = value_file(*fields.take("bodyFile"))) made.body = Shape::of(*std::move(value));
  }
  fields.done();
  return made;
}

Answer::Exit SuiteReader::process_end(const Place& code, Fields& fields) {
  Answer::Exit made;
  if (const auto number = read_integer(findings_, code, "an exit code, from 0 to 255")) {
    if (*number < 0 || *number > 255) findings_.error(code, "expected an exit code, from 0 to 255");
    made.code = *number;
  }
  if (const auto out = fields.take("stdout")) made.out = shape(*out);
  if (const auto error = fields.take("stderr")) made.error = shape(*error);
  return made;
}

Answer::Fail SuiteReader::failure(const Place& place) {
  const auto names = names_of(k_standard_errors);
  if (place.value().is_string()) {
    const std::string& word = place.value().as_string();
    if (const auto error = standard_error_named(word)) return {make_problem(*error, "Failed by the test", {}), {}};
    findings_.error(place, fmt::format("'{}' is no standard error", shown(word)), did_you_mean_or_list(word, names));
    return {};
  }
  Fields fields(findings_, place, "an error");
  Problem problem = make_problem(StandardError::communication, "Failed by the test", {});
  if (const auto type = fields.take("type")) {
    if (const auto text = read_string(findings_, *type)) {
      if (const auto error = standard_error_named(*text)) {
        problem = make_problem(*error, problem.title, {});
      } else if (text->find(':') == std::string::npos) {
        findings_.error(*type, fmt::format("'{}' is neither a URI nor a standard error", shown(*text)),
                        did_you_mean_or_list(*text, names));
      } else {
        problem.type = *text;
        problem.status = default_status(StandardError::runtime);
      }
    }
  }
  if (const auto status = fields.take("status")) {
    problem.status = read_integer(findings_, *status).value_or(problem.status);
  }
  if (const auto title = fields.take("title")) problem.title = read_string(findings_, *title).value_or("");
  Answer::Fail made{std::move(problem), {}};
  if (const auto detail = fields.take("detail")) made.detail = shape(*detail);
  fields.done();
  return made;
}

void SuiteReader::events(const Place& place, std::vector<OutsideEvent>& into) {
  if (!is_list(findings_, place, "a list of events")) return;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    Fields fields(findings_, item, "an event (of a test)");
    OutsideEvent one;
    one.spot = spot_of(item);
    if (const auto at = fields.take("at")) one.at_ms = duration(*at);
    if (const auto event = fields.require("event"); event && is_object(findings_, *event)) {
      Value complete = event->value();
      const auto fill_in = [&](std::string_view name, std::string value) {
        if (complete.get(name).is_null()) complete = complete.with(name, Value::string(std::move(value)));
      };
      fill_in("specversion", "1.0");
      fill_in("source", "urn:cairn:test");
      fill_in("id", fmt::format("event-{}", i + 1));
      if (const auto complaint = complaint_about(complete)) findings_.error(*event, *complaint);
      one.event = std::move(complete);
    }
    fields.done();
    into.push_back(std::move(one));
  }
}

}  // namespace cairn::authoring
