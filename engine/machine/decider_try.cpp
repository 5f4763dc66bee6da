#include "engine/machine/decider.h"
#include "workflows/core/limits.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

bool matches(const ErrorFilter& filter, const Problem& problem) {
  return (!filter.type || same_problem_type(*filter.type, problem.type)) &&
         (!filter.status || *filter.status == problem.status) &&
         (!filter.instance || *filter.instance == problem.instance) &&
         (!filter.title || *filter.title == problem.title) && (!filter.detail || *filter.detail == problem.detail);
}

/// delay × factor without leaving the range of durations.
std::int64_t scaled(std::int64_t delay_ms, std::uint64_t factor) {
  const auto limit = static_cast<std::uint64_t>(limits::k_duration_ms);
  const auto delay = static_cast<std::uint64_t>(delay_ms);
  if (delay == 0) return 0;
  return static_cast<std::int64_t>(factor > limit / delay ? limit : delay * factor);
}

std::uint64_t backoff_factor(RetrySpec::Backoff backoff, std::uint32_t retry) {
  switch (backoff) {
    case RetrySpec::Backoff::constant: return 1;
    case RetrySpec::Backoff::linear: return retry;
    case RetrySpec::Backoff::exponential: return std::uint64_t{1} << std::min<std::uint32_t>(retry - 1, 62);
  }
  return 1;
}

}  // namespace

void Decider::begin_body(const TryBody& body, const Node& node, EventSeq id) {
  const Frame& frame = frame_of(id);
  if (body.retry && body.retry->attempt_duration) {
    auto limit = evaluator_.duration(*body.retry->attempt_duration, frame.input, variables_of(frame));
    if (!limit) {
      limit.error().instance = node.reference;
      fault(id, limit.error());
      return;
    }
    emit(TimerStarted{id, TimerStarted::Purpose::attempt_timeout, Timestamp{stimulus_.now.ms + limit.value()}});
  }
  enter_list(body.tasks, id, frame_of(id).input);
}

void Decider::start_attempt(EventSeq id, std::uint32_t attempt) {
  const Node& node = node_of(frame_of(id));
  emit(AttemptStarted{id, attempt});
  begin_body(std::get<TryBody>(node.body), node, id);
}

bool Decider::caught(EventSeq id, Problem& problem) {
  const Frame& frame = frame_of(id);
  const Node& node = node_of(frame);
  const auto* body = std::get_if<TryBody>(&node.body);
  if (body == nullptr || frame.handling) return false;

  auto wanted = catches(*body, frame, problem);
  if (!wanted) {
    problem = wanted.error();
    problem.instance = node.reference + "/catch";
    return false;
  }
  if (!wanted.value()) return false;

  const std::uint32_t attempt = frame.attempt;
  if (body->retry) {
    auto due = retry_at(*body->retry, *body, frame, problem);
    if (!due) {
      problem = due.error();
      problem.instance = node.reference + "/catch/retry";
      return false;
    }
    if (due.value()) {
      emit(ErrorCaught{id, problem, attempt, ErrorCaught::Handling::retry});
      if (*due.value() > stimulus_.now) {
        emit(TimerStarted{id, TimerStarted::Purpose::retry, *due.value()});
      } else {
        Work again;
        again.kind = Work::Kind::attempt;
        again.frame = id;
        again.number = attempt + 1;
        work_.push_back(std::move(again));
      }
      return true;
    }
    // Out of retries with nothing else to do about the error: it is raised again.
    if (!body->handler && !body->then) return false;
  }
  if (body->handler) {
    emit(ErrorCaught{id, problem, attempt, ErrorCaught::Handling::handle});
    enter_list(*body->handler, id, frame_of(id).input);
  } else {
    emit(ErrorCaught{id, problem, attempt, ErrorCaught::Handling::resume});
    complete(id, frame_of(id).input, body->then);
  }
  return true;
}

Fallible<bool> Decider::catches(const TryBody& body, const Frame& frame, const Problem& problem) {
  if (!matches(body.filter, problem)) return false;
  TaskVariables variables = variables_of(frame);
  variables.with_variable(body.as, problem.to_value());
  if (body.when) {
    CAIRN_TRY(const bool yes, evaluator_.condition(*body.when, frame.input, variables));
    if (!yes) return false;
  }
  if (body.except_when) {
    CAIRN_TRY(const bool except, evaluator_.condition(*body.except_when, frame.input, variables));
    if (except) return false;
  }
  return true;
}

Fallible<std::optional<Timestamp>> Decider::retry_at(const RetrySpec& policy, const TryBody& body, const Frame& frame,
                                                     const Problem& problem) {
  TaskVariables variables = variables_of(frame);
  variables.with_variable(body.as, problem.to_value());
  if (policy.when) {
    CAIRN_TRY(const bool yes, evaluator_.condition(*policy.when, frame.input, variables));
    if (!yes) return std::nullopt;
  }
  if (policy.except_when) {
    CAIRN_TRY(const bool except, evaluator_.condition(*policy.except_when, frame.input, variables));
    if (except) return std::nullopt;
  }
  const std::uint32_t retry = frame.attempt;  // attempts made so far = number of the retry that would come now
  if (policy.attempt_count && retry > *policy.attempt_count) return std::nullopt;

  CAIRN_TRY(const auto base, evaluator_.duration(policy.delay, frame.input, variables));
  std::int64_t delay = scaled(base, backoff_factor(policy.backoff, retry));
  if (policy.jitter_from && policy.jitter_to) {
    CAIRN_TRY(const auto from, evaluator_.duration(*policy.jitter_from, frame.input, variables));
    CAIRN_TRY(const auto to, evaluator_.duration(*policy.jitter_to, frame.input, variables));
    if (from > to) {
      return make_problem(StandardError::configuration, "Invalid jitter", "jitter.from is longer than jitter.to");
    }
    delay += entropy_.between(from, to);
  }
  const Timestamp due{stimulus_.now.ms + delay};
  if (policy.duration) {
    CAIRN_TRY(const auto limit, evaluator_.duration(*policy.duration, frame.input, variables));
    if (due.ms > frame.started_at.ms + limit) return std::nullopt;
  }
  return due;
}

void Decider::attempt_timed_out(EventSeq id) {
  const Frame& frame = frame_of(id);
  if (frame.handling || frame.backing_off) return;
  Problem problem = make_problem(
      StandardError::timeout, "Attempt timed out",
      "attempt " + std::to_string(frame.attempt) + " did not end within the policy's limit.attempt.duration");
  problem.instance = frame.task;
  cancel_below(id);
  if (!caught(id, problem)) fault(id, std::move(problem));
}

}  // namespace cairn
