#include "authoring/testing/answering.h"

#include "workflows/value/base64.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

namespace cairn::authoring {
namespace {

using Outcome = std::variant<EffectOutcome, std::string>;

std::string text_of(const Value& value) {
  if (value.is_null()) return {};
  return value.is_string() ? value.as_string() : to_json(value);
}

/// What the connector makes of such a response: connectors/http/http_outcome.h.
Outcome outcome_of(const Answer::Respond& response, const CallMade& call, const ShapeContext& context) {
  auto body = fill(response.body, call.arguments, context);
  if (auto* failed = std::get_if<std::string>(&body)) return std::move(*failed);
  auto headers = fill(response.headers, call.arguments, context);
  if (auto* failed = std::get_if<std::string>(&headers)) return std::move(*failed);
  const Value& content = std::get<Value>(body);
  const bool follows = call.arguments.get("redirect").truthy();
  if (response.status < 200 || response.status > (follows ? 399 : 299)) {
    Problem problem = make_problem(StandardError::communication, fmt::format("Answered {}", response.status),
                                   fmt::format("the mock of {} answered {}", call.name, response.status));
    if (!content.is_null()) problem.detail += ": " + text_of(content);
    problem.status = response.status;
    return EffectOutcome(std::move(problem));
  }
  const Value output = call.arguments.get("output");
  const std::string form = output.is_string() ? output.as_string() : "content";
  if (form == "raw") return EffectOutcome(Value::string(encode_base64(text_of(content))));
  if (form != "response") return EffectOutcome(content);
  const Value endpoint = call.arguments.get("endpoint");
  Value& given = std::get<Value>(headers);
  return EffectOutcome(
      Value::object({{"request", Value::object({{"method", call.arguments.get("method")},
                                                {"uri", endpoint.is_object() ? endpoint.get("uri") : endpoint},
                                                {"headers", Value::object(std::vector<Member>{})}})},
                     {"statusCode", Value::integer(response.status)},
                     {"headers", given.is_null() ? Value::object(std::vector<Member>{}) : given},
                     {"content", content}}));
}

/// What the connector makes of such an end: connectors/process/process_call.h.
Outcome outcome_of(const Answer::Exit& end, const CallMade& call, const ShapeContext& context) {
  auto out = fill(end.out, call.arguments, context);
  if (auto* failed = std::get_if<std::string>(&out)) return std::move(*failed);
  auto error = fill(end.error, call.arguments, context);
  if (auto* failed = std::get_if<std::string>(&error)) return std::move(*failed);
  const Value code = Value::integer(end.code);
  const Value written = Value::string(text_of(std::get<Value>(out)));
  const Value complaint = Value::string(text_of(std::get<Value>(error)));
  const Value returns = call.arguments.get("return");
  const std::string what = returns.is_string() ? returns.as_string() : "stdout";
  if (what == "code") return EffectOutcome(code);
  if (what == "all") {
    return EffectOutcome(Value::object({{"code", code}, {"stdout", written}, {"stderr", complaint}}));
  }
  if (end.code != 0) {
    std::string detail = fmt::format("the mock of {} ended with exit code {}", call.name, end.code);
    if (!complaint.as_string().empty()) detail += ": " + complaint.as_string();
    return EffectOutcome(make_problem(StandardError::runtime, "Process failed", std::move(detail)));
  }
  if (what == "stdout") return EffectOutcome(written);
  return EffectOutcome(what == "stderr" ? complaint : Value{});
}

Outcome outcome_of(const Answer& answer, const CallMade& call, const ShapeContext& context) {
  if (const auto* value = std::get_if<Answer::Return>(&answer.what)) {
    auto made = fill(value->value, call.arguments, context);
    if (auto* failed = std::get_if<std::string>(&made)) return std::move(*failed);
    return EffectOutcome(std::move(std::get<Value>(made)));
  }
  if (const auto* response = std::get_if<Answer::Respond>(&answer.what)) {
    if (call.kind != "http" && call.kind != "openapi") {
      return fmt::format("`respond` is for `call: http` and `call: openapi`, not for {}", call.kind);
    }
    return outcome_of(*response, call, context);
  }
  if (const auto* end = std::get_if<Answer::Exit>(&answer.what)) {
    if (call.kind != "shell" && call.kind != "script") {
      return fmt::format("`exit` is for `run: shell` and `run: script`, not for {}", call.kind);
    }
    return outcome_of(*end, call, context);
  }
  const auto& failure = std::get<Answer::Fail>(answer.what);
  auto detail = fill(failure.detail, call.arguments, context);
  if (auto* failed = std::get_if<std::string>(&detail)) return std::move(*failed);
  Problem problem = failure.problem;
  problem.detail = text_of(std::get<Value>(detail));
  return EffectOutcome(std::move(problem));
}

}  // namespace

std::string listed(const std::vector<Mismatch>& mismatches) {
  constexpr std::size_t k_most = 20;
  std::string text;
  for (std::size_t i = 0; i < mismatches.size() && i < k_most; ++i) {
    const Mismatch& one = mismatches[i];
    text += fmt::format("\n  at {}\n    expected  {}\n    actual    {}", one.pointer.empty() ? "/" : one.pointer,
                        one.expected, one.actual);
  }
  if (mismatches.size() > k_most) text += fmt::format("\n  and {} more differences", mismatches.size() - k_most);
  return text;
}

const Mock* Answering::mock_of(const CallMade& call) const {
  const Mock* mock = nullptr;
  // A pointer says more than a name.
  for (const Mock& one : test_.mocks) {
    if (!names_task(workflows_, one.task.text, *call.program, call.name, call.reference)) continue;
    if (mock == nullptr || one.task.text.find('/') != std::string::npos) mock = &one;
  }
  return mock;
}

Answering::Result Answering::answer(const CallMade& call, const ShapeContext& context) {
  const Mock* mock = mock_of(call);
  if (mock == nullptr) {
    if (test_.unmocked_is_real) return Real{};
    return Refused{fmt::format("the task '{}' ({}) makes a call that has no mock; its arguments: {}", call.name,
                               call.reference, shown_json(call.arguments)),
                   fmt::format("add below `mocks`: {}: {{return: …}}", call.name)};
  }
  ShapeContext here = context;
  here.call = Value::unsigned_integer(++calls_[mock]);
  std::vector<Mismatch> near;
  for (const Answer& one : mock->answers) {
    if (one.times && used_[&one] >= *one.times) continue;
    if (one.when) {
      near = compare(*one.when, call.arguments, Strictness::includes, here);
      if (!near.empty()) continue;
    }
    ++used_[&one];
    if (one.arguments) {
      const auto differences = compare(*one.arguments, call.arguments, Strictness::includes, here);
      if (!differences.empty()) {
        return Refused{fmt::format("call {} of '{}' ({}) has other arguments than its mock expects{}", calls_[mock],
                                   call.name, call.reference, listed(differences)),
                       {}};
      }
    }
    return give(one, call, here);
  }
  std::string why = near.empty() ? "has been answered as often as its mock says"
                                 : "is like none that its mock answers; of the last `when`:" + listed(near);
  return Refused{fmt::format("call {} of '{}' ({}) {}", calls_[mock], call.name, call.reference, why),
                 "add an answer, or give one `times: any`"};
}

Answering::Result Answering::give(const Answer& answer, const CallMade& call, const ShapeContext& context) {
  if (std::holds_alternative<Answer::Never>(answer.what)) return Never{};
  if (std::holds_alternative<Answer::Real>(answer.what)) return Real{};
  auto outcome = outcome_of(answer, call, context);
  if (const auto* failed = std::get_if<std::string>(&outcome)) {
    return Refused{fmt::format("the mock of '{}' at {}:{} cannot answer: {}", call.name, answer.spot.position.line,
                               answer.spot.position.column, *failed),
                   {}};
  }
  return Given{std::move(std::get<EffectOutcome>(outcome)), answer.after_ms};
}

std::optional<AnswerApproval> approval_answer(EventSeq approval, const EffectOutcome& outcome) {
  const Value* said = std::get_if<Value>(&outcome);
  if (said == nullptr || !said->is_object()) return std::nullopt;
  AnswerApproval answer{approval, true, {}, {}};
  for (const auto& [name, value] : said->as_object()) {
    if (name == "approved" && value.is_bool()) {
      answer.approved = value.as_bool();
    } else if (name == "by" && (value.is_string() || value.is_null())) {
      answer.by = value.is_string() ? value.as_string() : std::string();
    } else if (name == "answer") {
      answer.answer = value;
    } else {
      return std::nullopt;
    }
  }
  return answer;
}

}  // namespace cairn::authoring
