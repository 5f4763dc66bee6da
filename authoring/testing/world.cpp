#include "authoring/testing/world.h"

#include "engine/effects/redaction.h"
#include "engine/machine/apply.h"
#include "engine/machine/approval.h"
#include "engine/machine/evaluate.h"
#include "engine/machine/fault.h"
#include "engine/machine/work.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <tuple>
#include <utility>

#include "authoring/testing/coverage.h"
#include "authoring/testing/visits.h"

namespace cairn::authoring {
namespace {

constexpr PartitionId k_partition{0};

/// A run of the case: the one under test, or a child.
struct Hosted {
  std::shared_ptr<const Machine> machine;
  RunState state;
  std::optional<VisitLog> visits;
  std::map<EventSeq, std::uint64_t> cursors;      ///< of each listen task: events it has been told of
  std::map<EventSeq, std::uint64_t> timer_order;  ///< when each timer was decided, among all that is due some time
};

/// An endpoint that an expression made of a text is {uri} as well, so that tests see one form of it.
Value with_endpoint(const Value& arguments) {
  const Value* endpoint = arguments.find("endpoint");
  if (endpoint == nullptr || !endpoint->is_string()) return arguments;
  return arguments.with("endpoint", Value::object({{"uri", *endpoint}}));
}

class World {
 public:
  World(const TestSuite& suite, const TestCase& test, const Workflows& workflows, const RealCalls& real)
      : suite_(suite), test_(test), workflows_(workflows), real_(real), answering_(test, workflows), now_(test.clock) {}

  CaseRun run() {
    begin();
    while (!result_.trouble) {
      while (!inbox_.empty() && !result_.trouble) {
        auto [run, what] = std::move(inbox_.front());
        inbox_.pop_front();
        step(run, std::move(what), false);
      }
      if (result_.trouble || tell_listeners() || publish_waiting() || let_time_pass()) continue;
      break;
    }
    finish();
    return std::move(result_);
  }

 private:
  using What = decltype(Stimulus::what);
  /// Something that happens when its time has come.
  struct Due {
    Timestamp at;
    std::uint64_t order = 0;
    RunId run;
    std::optional<EventSeq> effect;    ///< of an answer
    std::optional<RunId> child;        ///< of a mocked child's end
    std::optional<EventSeq> approval;  ///< of a mocked answer
    std::optional<std::size_t> event;  ///< from outside: which
    EffectOutcome outcome;
  };

  // ---- the beginning and the end

  void begin() {
    StartRun start;
    start.run = RunId::make(now_.ms, k_partition, ++seed_);
    start.input = test_.input;
    start.metadata = test_.environment;
    main_ = start.run;
    Hosted& hosted = runs_[main_];
    hosted.machine = std::make_shared<const Machine>(workflows_.tested);
    hosted.visits.emplace(result_.visits, *hosted.machine, 0);
    for (std::size_t i = 0; i < test_.events.size(); ++i) {
      if (!test_.events[i].at_ms) {
        waiting_events_.push_back(i);
        continue;
      }
      Due due{Timestamp{now_.ms + *test_.events[i].at_ms}, ++order_, {}, {}, {}, {}, i, {}};
      dues_.push_back(std::move(due));
    }
    const bool changes = test_.context || test_.from;
    step(main_, std::move(start), changes);
    if (changes) begin_in_the_middle(hosted);
  }

  /// The first step has only recorded that the run begins: what comes next is still to be done.
  void begin_in_the_middle(Hosted& hosted) {
    if (hosted.state.ended()) return;
    if (test_.context) hosted.state.context = *test_.context;
    if (!test_.from) return;
    const Program& program = hosted.machine->program();
    for (const NodeId id : program.list(program.tasks)) {
      const Node& node = program.node(id);
      if (node.name != test_.from->text) continue;
      Work work;
      work.task = node.reference;
      work.value = hosted.state.data;
      hosted.state.parked = {work.to_value()};
      return;
    }
  }

  void finish() {
    const RunState& state = runs_.at(main_).state;
    result_.context = state.context;
    if (state.ending == Ending::completed) {
      result_.end = ExpectedEnd::completed;
      result_.output = state.output;
    } else if (state.problem) {
      result_.end = ExpectedEnd::faulted;
      result_.problem = state.problem;
    }
    result_.elapsed_ms = (state.ended_at ? *state.ended_at : now_).ms - test_.clock.ms;
    if (!state.ended()) result_.waiting_for = what_is_awaited();
    for (const Due& due : dues_) {
      if (due.event) result_.unpublished.push_back(*due.event);
    }
    result_.unpublished.insert(result_.unpublished.end(), waiting_events_.begin(), waiting_events_.end());
    std::ranges::sort(result_.unpublished);
  }

  [[nodiscard]] std::string what_is_awaited() const {
    std::vector<std::string> reasons;
    for (const auto& [id, hosted] : runs_) {
      if (hosted.state.ended()) continue;
      for (const auto& [frame_id, frame] : hosted.state.frames) {
        if (frame.listening && !frame.listening->closed) {
          reasons.push_back(
              fmt::format("{} listens for {}", frame.task, awaited_types(frame.listening->subscriptions)));
        }
      }
      for (const auto& [effect_id, effect] : hosted.state.effects) {
        if (effect.frame != k_no_event) reasons.push_back(fmt::format("{} waits for an answer", effect.task));
      }
      for (const auto& [child_id, child] : hosted.state.children) {
        if (!runs_.contains(child_id)) reasons.push_back(fmt::format("{} waits for its workflow", child.task));
      }
    }
    return fmt::format("{}", fmt::join(reasons, "; "));
  }

  // ---- one step

  void step(const RunId& run, What what, bool brief) {
    if (++steps_ > k_case_steps || events_ > k_case_events) {
      result_.trouble = {fmt::format("the run did not end within {} steps and {} events ({} of simulated time)",
                                     steps_ - 1, events_, to_iso8601_duration(now_.ms - test_.clock.ms)),
                         "does it go round for ever? Let a mock end it, or give the workflow a timeout"};
      return;
    }
    Hosted& hosted = runs_.at(run);
    RunState before = hosted.state;
    Stimulus stimulus{std::move(what), now_, ++seed_, brief};
    const Decision decision = hosted.machine->advance(hosted.state, stimulus);
    before.id = hosted.state.id;
    events_ += decision.events.size();
    auto& reached = result_.reached[&hosted.machine->program()];
    for (const Event& event : decision.events) {
      note_coverage(*hosted.machine, before, event, now_, reached);
      note(hosted, before, event);
      apply(before, event, now_);
      before.id = hosted.state.id;
    }
    for (const EventSeq effect : decision.effects) {
      if (hosted.state.effects.contains(effect) && !result_.trouble) call(run, hosted, effect);
    }
    for (const ChildRequest& child : decision.children) {
      if (!result_.trouble) start_child(run, hosted, child);
    }
    for (const Event& event : decision.events) {
      const auto* asked = std::get_if<ApprovalRequested>(&event);
      if (asked != nullptr && hosted.state.frames.contains(asked->frame) && !result_.trouble) ask(run, hosted, *asked);
    }
    for (const RunId& child : decision.cancelled_children) {
      if (runs_.contains(child)) inbox_.emplace_back(child, OperatorCommand{OperatorCommand::Kind::cancel, "", 0});
    }
    if (decision.yielded) inbox_.emplace_front(run, GoOn{});
    if (hosted.state.ended()) tell_parent(hosted.state);
  }

  void note(Hosted& hosted, const RunState& before, const Event& event) {
    const EventSeq number = next_of(before.last);
    hosted.visits->note(number, event, now_.ms - test_.clock.ms);
    if (std::holds_alternative<TimerStarted>(event)) {
      hosted.timer_order[number] = ++order_;
    } else if (const auto* emitted = std::get_if<EventEmitted>(&event)) {
      // What an approval tells by itself is no work of the workflow's.
      const Value type = emitted->event.get("type");
      if (!type.is_string() || !type.as_string().starts_with(k_approval_events))
        result_.emitted.push_back(emitted->event);
      bus_.push_back(emitted->event);
    } else if (const auto* listens = std::get_if<ListenStarted>(&event)) {
      hosted.cursors[listens->frame] = listens->after.value_or(bus_.size());
    } else if (const auto* child = std::get_if<ChildStarted>(&event)) {
      child_tasks_[child->child] = child->task;
    }
  }

  // ---- calls

  [[nodiscard]] ShapeContext shape_context(const Hosted& hosted) const {
    return {suite_.expressions.get(), test_.input, hosted.state.context, {}, static_cast<double>(now_.ms) / 1000.0};
  }

  /// The secrets that the program declares; a trouble when one has no value.
  Value secrets_of(const Program& program, const std::string& task) {
    std::vector<Member> found;
    for (const std::string& name : program.secrets) {
      if (const Value* value = test_.secrets.find(name)) {
        found.push_back({name, *value});
      } else {
        result_.trouble = {fmt::format("{} needs the secret '{}', and the case has no value for it", task, name),
                           fmt::format("add below `secrets`: {}: a value for tests", name)};
      }
    }
    return Value::object(std::move(found));
  }

  void call(const RunId& run, Hosted& hosted, EventSeq id) {
    const PendingEffect effect = hosted.state.effects.at(id);
    Value secrets = Value::object(std::vector<Member>{});
    if (effect.confidential) secrets = secrets_of(hosted.machine->program(), effect.task);
    if (result_.trouble) return;
    const Redactor redactor(texts_of(secrets), k_confidential_mark);
    auto arguments = hosted.machine->request(effect, secrets, now_);
    if (!arguments) {
      inbox_.emplace_back(run, finished(id, redactor.outcome(arguments.error())));
      return;
    }
    const CallMade made = note_call(hosted, effect.task, effect.connector, with_endpoint(arguments.value()));
    const auto answer = answering_.answer(made, shape_context(hosted));
    if (const auto* refused = std::get_if<Answering::Refused>(&answer)) {
      result_.trouble = {refused->message, refused->hint};
    } else if (const auto* given = std::get_if<Answering::Given>(&answer)) {
      answer_later(run, id, redactor.outcome(given->outcome), given->after_ms);
    } else if (std::holds_alternative<Answering::Real>(answer)) {
      call_for_real(run, hosted, id, effect, secrets, arguments.value(), redactor);
    }
  }

  CallMade note_call(const Hosted& hosted, const std::string& task, const std::string& kind, const Value& arguments) {
    const Node* node = hosted.machine->find(task);
    CallMade made;
    made.program = &hosted.machine->program();
    made.name = node == nullptr ? "onFault" : node->name;
    made.reference = task;
    made.kind = kind;
    made.arguments = arguments;
    made.at_ms = now_.ms - test_.clock.ms;
    result_.calls.push_back(made);
    return made;
  }

  static What finished(EventSeq effect, EffectOutcome outcome) { return EffectFinished{effect, std::move(outcome)}; }

  void answer_later(const RunId& run, EventSeq effect, EffectOutcome outcome, std::int64_t after_ms) {
    dues_.push_back({Timestamp{now_.ms + after_ms}, ++order_, run, effect, {}, {}, {}, std::move(outcome)});
  }

  void call_for_real(const RunId& run, const Hosted& hosted, EventSeq id, const PendingEffect& effect,
                     const Value& secrets, const Value& arguments, const Redactor& redactor) {
    if (!real_) {
      result_.trouble = {fmt::format("{} is to be called for real, and real calls cannot be made here", effect.task),
                         {}};
      return;
    }
    EffectRequest request;
    request.connector = effect.connector;
    request.arguments = arguments;
    request.idempotency_key = fmt::format("{}-{}", run.to_string(), number_of(effect.key));
    request.run_id = run.to_string();
    request.task = effect.task;
    request.confidential = texts_of(secrets);
    if (hosted.machine->reads_authorization(effect)) {
      request.with_authorization = [machine = hosted.machine, effect, secrets,
                                    now = now_](const Value& authorization) -> EffectOutcome {
        auto again = machine->request(effect, secrets, now, authorization);
        if (!again) return again.error();
        return std::move(again.value());
      };
    }
    answer_later(run, id, redactor.outcome(real_(std::move(request))), 0);
  }

  // ---- people

  void ask(const RunId& run, const Hosted& hosted, const ApprovalRequested& asked) {
    const CallMade made = note_call(hosted, hosted.state.frames.at(asked.frame).task, "human.approve", asked.request);
    const auto answer = answering_.answer(made, shape_context(hosted));
    if (const auto* refused = std::get_if<Answering::Refused>(&answer)) {
      result_.trouble = {refused->message, refused->hint};
    } else if (const auto* given = std::get_if<Answering::Given>(&answer)) {
      dues_.push_back({Timestamp{now_.ms + given->after_ms}, ++order_, run, {}, {}, asked.frame, {}, given->outcome});
    } else if (std::holds_alternative<Answering::Real>(answer)) {
      result_.trouble = {fmt::format("{} asks people, who are not asked in a test", made.reference),
                         fmt::format("add below `mocks`: {}: {{return: {{approved: true}}}}", made.name)};
    }
  }

  void answer_approval(const RunId& run, EventSeq approval, const EffectOutcome& outcome) {
    const Hosted& hosted = runs_.at(run);
    const std::string& task = hosted.state.frames.at(approval).task;
    const auto answer = approval_answer(approval, outcome);
    if (!answer) {
      result_.trouble = {fmt::format("the mock of {} is no answer of a person", task),
                         "return {approved: BOOLEAN, answer: DATA, by: NAME}; each may be left out"};
    } else if (const auto refused = refusal_of(*hosted.machine, hosted.state, *answer, now_)) {
      result_.trouble = {fmt::format("the mock of {} gives an answer that is refused: {}", task, refused->message), {}};
    } else {
      inbox_.emplace_back(run, *answer);
    }
  }

  // ---- children

  void start_child(const RunId& parent, Hosted& hosted, const ChildRequest& request) {
    const std::string task = child_tasks_[request.child];
    const CallMade made = note_call(hosted, task, "workflow", request.input);
    if (request.after_fault && task == k_fault_handler_task) return;  // the run under test is over
    const auto program = workflows_.find(request.workflow);
    if (!answering_.has_mock(made)) {
      if (program != nullptr) return host_child(parent, hosted, request, program);
      result_.trouble = {
          fmt::format("the task '{}' ({}) runs {}, which has no mock and is not given", made.name, task,
                      request.workflow.to_string()),
          fmt::format("add below `mocks`: {}: {{return: …}}, or the workflow's file to `with`", made.name)};
      return;
    }
    const auto answer = answering_.answer(made, shape_context(hosted));
    if (const auto* refused = std::get_if<Answering::Refused>(&answer)) {
      result_.trouble = {refused->message, refused->hint};
    } else if (const auto* given = std::get_if<Answering::Given>(&answer)) {
      Due due{Timestamp{now_.ms + given->after_ms}, ++order_, parent, {}, request.child, {}, {}, given->outcome};
      if (request.frame != k_no_event) dues_.push_back(std::move(due));
    } else if (std::holds_alternative<Answering::Real>(answer)) {
      if (program != nullptr) return host_child(parent, hosted, request, program);
      result_.trouble = {
          fmt::format("{} is to run {} for real, which is not given", task, request.workflow.to_string()),
          "add the workflow's file to `with`"};
    }
  }

  void host_child(const RunId& parent, const Hosted& starter, const ChildRequest& request,
                  std::shared_ptr<const Program> program) {
    StartRun start;
    start.run = request.child;
    start.input = request.input;
    start.metadata = starter.state.metadata;
    start.bus = bus_.size();
    const std::uint32_t depth = starter.state.parent ? starter.state.parent->depth + 1 : 1;
    start.parent = ParentLink{parent, request.frame, depth, request.frame != k_no_event, request.after_fault};
    Hosted child;
    child.machine = std::make_shared<const Machine>(std::move(program));
    child.visits.emplace(result_.visits, *child.machine, starter.visits->depth_inside(request.frame));
    runs_.emplace(request.child, std::move(child));
    inbox_.emplace_back(request.child, std::move(start));
  }

  void tell_parent(const RunState& child) {
    if (!child.parent || !child.parent->awaited || !told_.insert(child.id).second) return;
    ChildFinished finished{child.id, child.output};
    if (child.problem) finished.outcome = *child.problem;
    if (child.ending == Ending::cancelled) {
      finished.outcome = make_problem(StandardError::runtime, "Workflow cancelled",
                                      "run of " + child.workflow.to_string() + " was cancelled");
    }
    inbox_.emplace_back(child.parent->run, std::move(finished));
  }

  // ---- what happens when there is nothing to do

  /// Hands each listen task the next event that it has not been told of.
  bool tell_listeners() {
    bool told = false;
    for (auto& [run, hosted] : runs_) {
      for (const auto& [id, frame] : hosted.state.frames) {
        if (!frame.listening || frame.listening->closed) continue;
        std::uint64_t& cursor = hosted.cursors[id];
        if (cursor >= bus_.size()) continue;
        const Value event = bus_[cursor];
        inbox_.emplace_back(run, EventArrived{id, ++cursor, event});
        told = true;
      }
    }
    return told;
  }

  /// The next event from outside that has no time, as soon as somebody listens.
  bool publish_waiting() {
    if (waiting_events_.empty()) return false;
    const bool wanted = std::ranges::any_of(runs_, [](const auto& one) {
      return !one.second.state.ended() && std::ranges::any_of(one.second.state.frames, [](const auto& frame) {
        return frame.second.listening && !frame.second.listening->closed;
      });
    });
    if (!wanted) return false;
    bus_.push_back(test_.events[waiting_events_.front()].event);
    waiting_events_.pop_front();
    return true;
  }

  [[nodiscard]] bool is_over(const Due& due) const {
    if (due.event) return false;
    const auto found = runs_.find(due.run);
    if (found == runs_.end() || found->second.state.ended()) return true;
    if (due.effect) return !found->second.state.effects.contains(*due.effect);
    if (due.approval) return !found->second.state.frames.contains(*due.approval);
    return due.child && !found->second.state.children.contains(*due.child);
  }

  /// Goes to the moment of what is due first, and does it. False: nothing is.
  bool let_time_pass() {
    std::erase_if(dues_, [this](const Due& due) { return is_over(due); });
    const auto earlier = [](const Due& a, const Due& b) { return std::tie(a.at, a.order) < std::tie(b.at, b.order); };
    const auto due = std::ranges::min_element(dues_, earlier);
    std::optional<std::tuple<Timestamp, std::uint64_t, RunId, EventSeq>> timer;
    for (const auto& [run, hosted] : runs_) {
      if (hosted.state.ended()) continue;
      for (const auto& [id, pending] : hosted.state.timers) {
        const auto order = hosted.timer_order.find(id);
        const std::uint64_t place = order == hosted.timer_order.end() ? 0 : order->second;
        const auto candidate = std::tuple(pending.due, place, run, id);
        if (!timer || candidate < *timer) timer = candidate;
      }
    }
    const bool has_due = due != dues_.end();
    // When all runs are over, events that have not come yet stay away.
    const bool someone_is_there = std::ranges::any_of(runs_, [](const auto& one) { return !one.second.state.ended(); });
    if (!someone_is_there || (!has_due && !timer)) return false;
    if (timer && (!has_due || std::tie(std::get<0>(*timer), std::get<1>(*timer)) < std::tie(due->at, due->order))) {
      now_ = std::max(now_, std::get<0>(*timer));
      inbox_.emplace_back(std::get<2>(*timer), TimerDue{std::get<3>(*timer)});
      return true;
    }
    now_ = std::max(now_, due->at);
    const Due happening = std::move(*due);
    dues_.erase(due);
    if (happening.event) {
      bus_.push_back(test_.events[*happening.event].event);
    } else if (happening.effect) {
      inbox_.emplace_back(happening.run, finished(*happening.effect, happening.outcome));
    } else if (happening.approval) {
      answer_approval(happening.run, *happening.approval, happening.outcome);
    } else {
      inbox_.emplace_back(happening.run, ChildFinished{*happening.child, happening.outcome});
    }
    return true;
  }

  const TestSuite& suite_;
  const TestCase& test_;
  const Workflows& workflows_;
  const RealCalls& real_;
  Answering answering_;
  Timestamp now_;
  std::uint64_t seed_ = 0;
  std::uint64_t order_ = 0;
  std::size_t steps_ = 0;
  std::size_t events_ = 0;
  RunId main_;
  std::map<RunId, Hosted> runs_;
  std::deque<std::pair<RunId, What>> inbox_;
  std::vector<Due> dues_;
  std::vector<Value> bus_;
  std::deque<std::size_t> waiting_events_;
  std::map<RunId, std::string> child_tasks_;
  std::set<RunId> told_;
  CaseRun result_;
};

}  // namespace

CaseRun run_case(const TestSuite& suite, const TestCase& test, const Workflows& workflows, const RealCalls& real) {
  return World(suite, test, workflows, real).run();
}

}  // namespace cairn::authoring
