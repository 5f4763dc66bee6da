// Each event in a few words.

#include "engine/runtime/brief.h"
#include "engine/runtime/history.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {
namespace {

std::string text_of(const Value& value) { return value.is_string() ? value.as_string() : brief_json(value); }

/// A method as it goes over the wire, however the definition writes it.
std::string upper_case(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// The address in an endpoint, which is an object with a uri or, when an expression gave it, mostly the text itself.
std::string address(const Value& endpoint) { return text_of(endpoint.is_object() ? endpoint.get("uri") : endpoint); }

/// "POST https://…", "$ make report", "python: print(1)": what an effect asks for.
std::string request_gist(const EffectScheduled& e) {
  const Value& request = e.request;
  if (e.connector == "http") {
    return brief_text(upper_case(text_of(request.get("method"))) + " " + address(request.get("endpoint")));
  }
  if (e.connector == "openapi") {
    return brief_text(text_of(request.get("operationId")) + " of " + address(request.get("document").get("endpoint")));
  }
  if (e.connector == "shell") return brief_text("$ " + text_of(request.get("command")));
  if (e.connector == "script") {
    const Value* code = request.find("code");
    const std::string source = code != nullptr ? text_of(*code) : address(request.get("source").get("endpoint"));
    return brief_text(text_of(request.get("language")) + ": " + source);
  }
  return e.connector + " " + brief_json(request);
}

std::string identity(const WorkflowIdentity& workflow) { return workflow.to_string(); }

/// ", extended by logging", or why it could not be told whether it is.
std::string extension_gist(const Value& one) {
  const std::string reference = one.is_string() ? one.as_string() : text_of(one.get("extension"));
  const std::string name = reference.substr(reference.rfind('/') + 1);
  if (one.is_string()) return ", extended by " + name;
  return ", not extended by " + name + ": " + brief_text(text_of(one.get("error")));
}

}  // namespace

/// One overload an event: fills in task and gist, and remembers what later events refer to.
struct Telling {
  EventTeller& teller;
  EventLine& line;

  std::string task_of(EventSeq frame) const {
    const auto it = teller.tasks_.find(frame);
    return it == teller.tasks_.end() ? std::string() : it->second;
  }
  void say(std::string gist) const { line.gist = std::move(gist); }
  void about(EventSeq frame, std::string gist) const {
    line.task = task_of(frame);
    line.gist = std::move(gist);
  }
  void forget(EventSeq frame) const {
    const auto of_frame = [frame](const auto& entry) { return entry.second.frame == frame; };
    teller.tasks_.erase(frame);
    teller.retries_.erase(frame);
    std::erase_if(teller.timers_, of_frame);
    std::erase_if(teller.effects_, of_frame);
    std::erase_if(teller.children_, of_frame);
  }

  void operator()(const RunStarted& e) const {
    std::string gist = identity(e.workflow) + " input " + brief_json(e.input);
    if (!e.key.empty()) gist += " key " + brief_text(e.key);
    if (e.parent) gist += " for run " + e.parent->run.to_string();
    say(std::move(gist));
  }
  void operator()(const RunSuspended&) const { say("by an operator"); }
  void operator()(const RunContinued&) const { say("by an operator"); }
  void operator()(const RunCompleted& e) const { say("→ " + brief_json(e.output)); }
  void operator()(const RunFaulted& e) const { say(brief_problem(e.problem)); }
  void operator()(const RunCancelled& e) const { say(brief_text(e.reason)); }
  void operator()(const CommandRefused& e) const { say(e.command + ": " + e.reason); }
  void operator()(const Yielded& e) const {
    say(fmt::format("{} to be done next", e.work.is_array() ? e.work.as_array().size() : 0));
  }
  void operator()(const TaskStarted& e) const {
    teller.tasks_[line.number] = e.task;
    line.task = e.task;
    line.gist = e.kind + " input " + brief_json(e.input);
    if (e.extensions.is_array()) {
      for (const auto& one : e.extensions.as_array()) line.gist += extension_gist(one);
    }
  }
  void operator()(const TaskSkipped& e) const {
    line.task = e.task;
    line.gist = "its condition does not hold";
  }
  void operator()(const TaskCompleted& e) const {
    std::string gist = "→ " + brief_json(e.output);
    if (e.context) gist += " context " + brief_json(*e.context);
    about(e.frame, std::move(gist));
    forget(e.frame);
  }
  void operator()(const AfterStarted& e) const {
    std::string gist = "→ " + brief_json(e.output) + ", extensions follow";
    if (e.context) gist += " context " + brief_json(*e.context);
    about(e.frame, std::move(gist));
  }
  void operator()(const TaskFaulted& e) const {
    about(e.frame, brief_problem(e.problem));
    forget(e.frame);
  }
  void operator()(const TaskCancelled& e) const {
    about(e.frame, "");
    forget(e.frame);
  }
  void operator()(const LoopStarted& e) const {
    const auto count = e.items.is_array() ? e.items.as_array().size() : 0;
    about(e.frame, fmt::format("over {} {}", count, count == 1 ? "item" : "items"));
  }
  void operator()(const IterationStarted& e) const { about(e.frame, fmt::format("index {}", e.index)); }
  void operator()(const ErrorCaught& e) const {
    const std::string problem = brief_problem(e.problem);
    switch (e.handling) {
      case ErrorCaught::Handling::retry:
        teller.retries_[e.frame] = {e.attempt + 1, problem};
        about(e.frame, fmt::format("attempt {} failed and is retried: {}", e.attempt, problem));
        break;
      case ErrorCaught::Handling::handle:
        about(e.frame, fmt::format("attempt {} failed and is handled: {}", e.attempt, problem));
        break;
      case ErrorCaught::Handling::resume:
        about(e.frame, fmt::format("attempt {} failed and is let go: {}", e.attempt, problem));
        break;
    }
  }
  void operator()(const AttemptStarted& e) const {
    teller.retries_.erase(e.frame);
    about(e.frame, fmt::format("attempt {}", e.attempt));
  }
  void operator()(const TimerStarted& e) const {
    using Purpose = TimerStarted::Purpose;
    const std::string due = brief_time(e.due, line.time);
    std::string words;
    switch (e.purpose) {
      case Purpose::wait:
        words = "the wait is over";
        about(e.frame, "waits until " + due);
        break;
      case Purpose::retry: {
        words = "the delay is over";
        const auto it = teller.retries_.find(e.frame);
        const EventTeller::Retry retry = it == teller.retries_.end() ? EventTeller::Retry{} : it->second;
        about(e.frame, fmt::format("attempt {} in {}: {}", retry.attempt, brief_duration(e.due.ms - line.time.ms),
                                   retry.problem));
        break;
      }
      case Purpose::task_timeout:
        words = "the task's time is up";
        about(e.frame, "the task must end by " + due);
        break;
      case Purpose::attempt_timeout:
        words = "the attempt's time is up";
        about(e.frame, "the attempt must end by " + due);
        break;
      case Purpose::workflow_timeout:
        words = "the workflow's time is up";
        say("the workflow must end by " + due);
        break;
      case Purpose::start_delay:
        words = "the delay is over";
        say("its first task begins at " + due);
        break;
      case Purpose::approval_reminder:
        words = "it is time for a reminder";
        about(e.frame, "reminds at " + due);
        break;
      case Purpose::approval_escalation:
        words = "it is time to ask others";
        about(e.frame, "escalates at " + due);
        break;
      case Purpose::approval_deadline:
        words = "the deadline is there";
        about(e.frame, "must be answered by " + due);
        break;
    }
    teller.timers_[line.number] = {e.frame, line.task, std::move(words)};
  }
  void operator()(const TimerFired& e) const {
    const auto it = teller.timers_.find(e.timer);
    if (it == teller.timers_.end()) return;
    line.task = it->second.task;
    line.gist = it->second.words;
    teller.timers_.erase(it);
  }
  void operator()(const EffectScheduled& e) const {
    teller.effects_[line.number] = {e.frame, e.task, e.connector};
    line.task = e.task;
    const auto key = e.key == k_no_event ? line.number : e.key;
    line.gist = fmt::format("{} key {}", request_gist(e), number_of(key));
    if (e.at_most_once) line.gist += " at most once";
  }
  void operator()(const EffectCompleted& e) const { answered(e.effect, "→ " + brief_json(e.result)); }
  void operator()(const EffectFailed& e) const { answered(e.effect, brief_problem(e.problem)); }
  void answered(EventSeq effect, std::string gist) const {
    say(std::move(gist));
    const auto it = teller.effects_.find(effect);
    if (it == teller.effects_.end()) return;
    line.task = it->second.task;
    teller.effects_.erase(it);
  }
  void operator()(const EventEmitted& e) const {
    about(e.frame, brief_text(text_of(e.event.get("type")) + " " + text_of(e.event.get("id")), 2 * k_brief_length));
  }
  void operator()(const ChildStarted& e) const {
    teller.children_[e.child] = {e.frame, e.task, ""};
    line.task = e.task;
    line.gist = identity(e.workflow) + " run " + e.child.to_string() + (e.frame == k_no_event ? ", not awaited" : "");
  }
  void operator()(const ChildCompleted& e) const { child_ended(e.child, "→ " + brief_json(e.output)); }
  void operator()(const ChildFailed& e) const { child_ended(e.child, brief_problem(e.problem)); }
  void operator()(const ListenStarted& e) const { about(e.frame, "for " + brief_text(awaited_types(e.subscriptions))); }
  void operator()(const EventConsumed& e) const {
    const std::string which = text_of(e.event.get("type")) + " " + text_of(e.event.get("id"));
    about(e.frame, brief_text(which, 2 * k_brief_length) + (e.until ? ", towards the end" : ""));
  }
  void operator()(const ItemCompleted& e) const {
    std::string gist = "→ " + brief_json(e.output);
    if (e.context) gist += " context " + brief_json(*e.context);
    about(e.frame, std::move(gist));
  }
  void operator()(const ListenClosed& e) const { about(e.frame, "it has had what it listens for"); }
  void operator()(const ApprovalRequested& e) const {
    std::string whom;
    const Value names = e.request.get("assignees");
    if (names.is_array()) {
      for (const auto& name : names.as_array()) whom += (whom.empty() ? " by " : ", ") + text_of(name);
    }
    about(e.frame, brief_text(text_of(e.request.get("title")) + whom, 2 * k_brief_length));
  }
  void operator()(const ApprovalAnswered& e) const {
    std::string gist = e.approved ? "approved" : "rejected";
    if (!e.by.empty()) gist += " by " + e.by;
    if (!e.answer.is_null()) gist += " with " + brief_json(e.answer);
    about(e.frame, std::move(gist));
  }
  void operator()(const PriorityChanged& e) const { say(fmt::format("to {}, by an operator", e.priority)); }
  void child_ended(const RunId& child, std::string gist) const {
    say(std::move(gist));
    const auto it = teller.children_.find(child);
    if (it == teller.children_.end()) return;
    line.task = it->second.task;
    teller.children_.erase(it);
  }
};

EventLine EventTeller::tell(EventSeq number, Timestamp time, const Event& event) {
  EventLine line;
  line.number = number;
  line.time = time;
  line.type = name_of(event);
  line.data = to_value(event);
  std::visit(Telling{*this, line}, event);
  return line;
}

}  // namespace cairn
