#include "engine/log/record_codec.h"
#include "engine/log/schema.h"
#include "engine/log/value_table.h"
#include "workflows/core/assert.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cairn {
namespace {

static_assert(std::variant_size_v<Event> == static_cast<std::size_t>(fb::Event::MAX),
              "schemas/event.fbs has every event, in the order of event.h");
static_assert(std::variant_size_v<decltype(Stimulus::what)> == static_cast<std::size_t>(fb::Stimulus::MAX),
              "schemas/event.fbs has every stimulus, in the order of stimulus.h");

using flatbuffers::Offset;

/// Value tables above this would not fit FlatBuffers' 2 GiB; what the machine may put into one record is far below.
constexpr std::size_t k_value_bytes = std::size_t{1} << 30;

template <class T>
flatbuffers::Optional<T> optional(const std::optional<T>& value) {
  return value ? flatbuffers::Optional<T>(*value) : flatbuffers::nullopt;
}

class Encoder {
 public:
  void encode(const Record& record, std::string& out) {
    CAIRN_ASSERT(record.events.size() <= k_record_events, "a record of too many events");
    builder_.Clear();
    values_.clear();
    string_hashes_.clear();
    strings_.clear();
    kinds_.clear();
    events_.clear();
    // The alternatives of the variants and the members of the unions are in one order; NONE is 0.
    const auto stimulus = std::visit([&](const auto& what) { return table(what).Union(); }, record.stimulus.what);
    for (const auto& event : record.events) {
      kinds_.push_back(static_cast<fb::Event>(event.index() + 1));
      events_.push_back(std::visit([&](const auto& what) { return table(what).Union(); }, event));
    }
    CAIRN_ASSERT(values_.bytes().size() <= k_value_bytes, "a record of too many bytes");
    const auto kinds = builder_.CreateVector(kinds_);
    const auto events = builder_.CreateVector(events_);
    const auto values = builder_.CreateVector(bytes_of(values_.bytes()), values_.bytes().size());
    const auto ends = builder_.CreateVector(values_.ends());

    fb::RecordBuilder root(builder_);
    root.add_format(k_record_format);
    root.add_first(number_of(record.first));
    root.add_time_ms(record.stimulus.now.ms);
    root.add_entropy(record.stimulus.entropy);
    root.add_brief(record.stimulus.brief);
    root.add_stimulus_type(static_cast<fb::Stimulus>(record.stimulus.what.index() + 1));
    root.add_stimulus(stimulus);
    root.add_events_type(kinds);
    root.add_events(events);
    root.add_values(values);
    root.add_value_ends(ends);
    builder_.Finish(root.Finish());
    out.append(reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize());
    // One huge record must not keep its memory for as long as the thread lives.
    if (builder_.GetSize() > k_keep_bytes) *this = Encoder();
  }

 private:
  static constexpr std::size_t k_keep_bytes = std::size_t{4} << 20;

  std::uint32_t value(const Value& value) { return values_.add(value); }
  flatbuffers::Optional<std::uint32_t> value(const std::optional<Value>& value) {
    if (!value) return flatbuffers::nullopt;
    return values_.add(*value);
  }
  /// Task pointers, kinds and names repeat within a record: each is stored once.
  Offset<flatbuffers::String> string(const std::string& text) {
    return text.empty() ? Offset<flatbuffers::String>(0) : stored_string(text);
  }
  /// Also an empty one: members of vectors are all there.
  Offset<flatbuffers::String> stored_string(const std::string& text) {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    const auto known = std::find(string_hashes_.begin(), string_hashes_.end(), hash);
    if (known != string_hashes_.end()) {
      const auto& [view, offset] = strings_[static_cast<std::size_t>(known - string_hashes_.begin())];
      if (view == text) return offset;
    }
    const auto offset = builder_.CreateString(text);
    string_hashes_.push_back(hash);
    strings_.emplace_back(text, offset);
    return offset;
  }
  Offset<fb::Identity> identity(const WorkflowIdentity& id) {
    const auto space = string(id.workflow_namespace);
    const auto name = string(id.name);
    return fb::CreateIdentity(builder_, space, name, string(id.version));
  }
  Offset<fb::Problem> problem(const Problem& problem) {
    const auto type = string(problem.type);
    const auto title = string(problem.title);
    const auto detail = string(problem.detail);
    return fb::CreateProblem(builder_, type, problem.status, title, detail, string(problem.instance));
  }
  Offset<fb::ParentLink> parent(const std::optional<ParentLink>& link) {
    if (!link) return 0;
    const auto run = to_fb(link->run);
    return fb::CreateParentLink(builder_, &run, number_of(link->frame), link->depth, link->awaited, link->after_fault);
  }
  struct Outcome {
    flatbuffers::Optional<std::uint32_t> value = flatbuffers::nullopt;
    Offset<fb::Problem> problem = 0;
  };
  Outcome outcome(const std::variant<Value, Problem>& outcome) {
    Outcome out;
    if (const auto* result = std::get_if<Value>(&outcome)) {
      out.value = value(*result);
    } else {
      out.problem = problem(std::get<Problem>(outcome));
    }
    return out;
  }

  // ---- stimuli
  Offset<fb::StartRun> table(const StartRun& s) {
    const auto run = to_fb(s.run);
    const auto key = string(s.key);
    const auto retry_of = to_fb(s.retry_of);
    return fb::CreateStartRun(builder_, &run, value(s.input), key, s.priority, parent(s.parent),
                              s.retry_of.is_nil() ? nullptr : &retry_of, s.bus, value(s.metadata));
  }
  Offset<fb::EffectFinished> table(const EffectFinished& s) {
    const auto result = outcome(s.outcome);
    return fb::CreateEffectFinished(builder_, number_of(s.effect), result.value, result.problem);
  }
  Offset<fb::EffectLost> table(const EffectLost& s) { return fb::CreateEffectLost(builder_, number_of(s.effect)); }
  Offset<fb::TimerDue> table(const TimerDue& s) { return fb::CreateTimerDue(builder_, number_of(s.timer)); }
  Offset<fb::ChildFinished> table(const ChildFinished& s) {
    const auto child = to_fb(s.child);
    const auto result = outcome(s.outcome);
    return fb::CreateChildFinished(builder_, &child, result.value, result.problem);
  }
  Offset<fb::OperatorCommand> table(const OperatorCommand& s) {
    return fb::CreateOperatorCommand(builder_, static_cast<fb::Command>(s.kind), string(s.reason), s.priority);
  }
  Offset<fb::GoOn> table(const GoOn&) { return fb::CreateGoOn(builder_); }
  Offset<fb::EventArrived> table(const EventArrived& s) {
    return fb::CreateEventArrived(builder_, number_of(s.listen), s.position, value(s.event));
  }
  Offset<fb::AnswerApproval> table(const AnswerApproval& s) {
    const auto by = string(s.by);
    return fb::CreateAnswerApproval(builder_, number_of(s.approval), s.approved, value(s.answer), by);
  }

  // ---- the run
  Offset<fb::RunStarted> table(const RunStarted& e) {
    const auto workflow = identity(e.workflow);
    const auto definition = to_fb(e.definition);
    const auto key = string(e.key);
    const auto link = parent(e.parent);
    const auto input = value(e.input);
    const auto data = value(e.data);
    const auto retry_of = to_fb(e.retry_of);
    return fb::CreateRunStarted(builder_, workflow, &definition, input, data, key, e.priority, link,
                                value(e.limit_keys), e.retry_of.is_nil() ? nullptr : &retry_of, e.events_after,
                                value(e.metadata));
  }
  Offset<fb::RunSuspended> table(const RunSuspended&) { return fb::CreateRunSuspended(builder_); }
  Offset<fb::RunContinued> table(const RunContinued&) { return fb::CreateRunContinued(builder_); }
  Offset<fb::RunCompleted> table(const RunCompleted& e) { return fb::CreateRunCompleted(builder_, value(e.output)); }
  Offset<fb::RunFaulted> table(const RunFaulted& e) { return fb::CreateRunFaulted(builder_, problem(e.problem)); }
  Offset<fb::RunCancelled> table(const RunCancelled& e) { return fb::CreateRunCancelled(builder_, string(e.reason)); }
  Offset<fb::CommandRefused> table(const CommandRefused& e) {
    const auto command = string(e.command);
    return fb::CreateCommandRefused(builder_, command, string(e.reason));
  }
  Offset<fb::Yielded> table(const Yielded& e) { return fb::CreateYielded(builder_, value(e.work)); }

  // ---- tasks
  Offset<fb::TaskStarted> table(const TaskStarted& e) {
    const auto task = string(e.task);
    const auto kind = string(e.kind);
    const auto raw_input = value(e.raw_input);
    const auto input = value(e.input);
    return fb::CreateTaskStarted(builder_, task, kind, number_of(e.parent), raw_input, input, optional(e.branch),
                                 value(e.extensions));
  }
  Offset<fb::AfterStarted> table(const AfterStarted& e) {
    const auto then = string(e.then);
    const auto raw_output = value(e.raw_output);
    const auto output = value(e.output);
    return fb::CreateAfterStarted(builder_, number_of(e.frame), raw_output, output, value(e.context), then);
  }
  Offset<fb::TaskSkipped> table(const TaskSkipped& e) {
    return fb::CreateTaskSkipped(builder_, string(e.task), number_of(e.parent), value(e.input), optional(e.branch));
  }
  Offset<fb::TaskCompleted> table(const TaskCompleted& e) {
    const auto output = value(e.output);
    return fb::CreateTaskCompleted(builder_, number_of(e.frame), output, value(e.context));
  }
  Offset<fb::TaskFaulted> table(const TaskFaulted& e) {
    return fb::CreateTaskFaulted(builder_, number_of(e.frame), problem(e.problem));
  }
  Offset<fb::TaskCancelled> table(const TaskCancelled& e) {
    return fb::CreateTaskCancelled(builder_, number_of(e.frame));
  }

  // ---- loops and attempts
  Offset<fb::LoopStarted> table(const LoopStarted& e) {
    return fb::CreateLoopStarted(builder_, number_of(e.frame), value(e.items));
  }
  Offset<fb::IterationStarted> table(const IterationStarted& e) {
    return fb::CreateIterationStarted(builder_, number_of(e.frame), e.index);
  }
  Offset<fb::ErrorCaught> table(const ErrorCaught& e) {
    const auto caught = problem(e.problem);
    return fb::CreateErrorCaught(builder_, number_of(e.frame), caught, e.attempt,
                                 static_cast<fb::Handling>(e.handling));
  }
  Offset<fb::AttemptStarted> table(const AttemptStarted& e) {
    return fb::CreateAttemptStarted(builder_, number_of(e.frame), e.attempt);
  }

  // ---- timers
  Offset<fb::TimerStarted> table(const TimerStarted& e) {
    return fb::CreateTimerStarted(builder_, number_of(e.frame), static_cast<fb::Purpose>(e.purpose), e.due.ms);
  }
  Offset<fb::TimerFired> table(const TimerFired& e) { return fb::CreateTimerFired(builder_, number_of(e.timer)); }

  // ---- effects
  Offset<fb::EffectScheduled> table(const EffectScheduled& e) {
    const auto task = string(e.task);
    const auto connector = string(e.connector);
    const auto request = value(e.request);
    const auto scope = value(e.scope);
    return fb::CreateEffectScheduled(builder_, number_of(e.frame), task, connector, request, e.confidential, scope,
                                     number_of(e.key), e.at_most_once, value(e.limit_keys));
  }
  Offset<fb::EffectCompleted> table(const EffectCompleted& e) {
    return fb::CreateEffectCompleted(builder_, number_of(e.effect), value(e.result));
  }
  Offset<fb::EffectFailed> table(const EffectFailed& e) {
    return fb::CreateEffectFailed(builder_, number_of(e.effect), problem(e.problem));
  }
  Offset<fb::EventEmitted> table(const EventEmitted& e) {
    return fb::CreateEventEmitted(builder_, number_of(e.frame), value(e.event));
  }

  // ---- children
  Offset<fb::ChildStarted> table(const ChildStarted& e) {
    const auto task = string(e.task);
    const auto child = to_fb(e.child);
    const auto workflow = identity(e.workflow);
    return fb::CreateChildStarted(builder_, number_of(e.frame), task, &child, workflow, value(e.input));
  }
  Offset<fb::ChildCompleted> table(const ChildCompleted& e) {
    const auto child = to_fb(e.child);
    return fb::CreateChildCompleted(builder_, &child, value(e.output));
  }
  Offset<fb::ChildFailed> table(const ChildFailed& e) {
    const auto child = to_fb(e.child);
    return fb::CreateChildFailed(builder_, &child, problem(e.problem));
  }

  // ---- scheduling
  Offset<fb::PriorityChanged> table(const PriorityChanged& e) {
    return fb::CreatePriorityChanged(builder_, e.priority);
  }

  // ---- listening
  Offset<fb::ListenStarted> table(const ListenStarted& e) {
    const auto column = [&](auto text_of) {
      std::vector<Offset<flatbuffers::String>> texts;
      for (const auto& subscription : e.subscriptions) texts.push_back(stored_string(text_of(subscription)));
      return builder_.CreateVector(texts);
    };
    static const std::string k_none;
    const auto filters = column([](const Subscription& s) -> const std::string& { return s.filter; });
    const auto types = column([](const Subscription& s) -> const std::string& { return s.type; });
    const auto keys = column([](const Subscription& s) -> const std::string& { return s.key ? *s.key : k_none; });
    return fb::CreateListenStarted(builder_, number_of(e.frame), filters, types, keys, optional(e.after),
                                   static_cast<fb::Read>(e.read), e.iterates, e.forgets, value(e.correlations));
  }
  Offset<fb::EventConsumed> table(const EventConsumed& e) {
    const auto filter = string(e.filter);
    const auto event = value(e.event);
    return fb::CreateEventConsumed(builder_, number_of(e.frame), e.position, filter, event, e.until,
                                   value(e.correlations));
  }
  Offset<fb::ItemCompleted> table(const ItemCompleted& e) {
    const auto output = value(e.output);
    return fb::CreateItemCompleted(builder_, number_of(e.frame), output, value(e.context));
  }
  Offset<fb::ListenClosed> table(const ListenClosed& e) { return fb::CreateListenClosed(builder_, number_of(e.frame)); }

  // ---- approvals
  Offset<fb::ApprovalRequested> table(const ApprovalRequested& e) {
    return fb::CreateApprovalRequested(builder_, number_of(e.frame), value(e.request));
  }
  Offset<fb::ApprovalAnswered> table(const ApprovalAnswered& e) {
    const auto by = string(e.by);
    return fb::CreateApprovalAnswered(builder_, number_of(e.frame), e.approved, value(e.answer), by);
  }

  flatbuffers::FlatBufferBuilder builder_{4096};
  ValueTable values_;
  std::vector<std::size_t> string_hashes_;
  std::vector<std::pair<std::string_view, Offset<flatbuffers::String>>> strings_;  ///< views into the record
  std::vector<fb::Event> kinds_;
  std::vector<Offset<void>> events_;
};

}  // namespace

void encode_record(const Record& record, std::string& out) {
  thread_local Encoder encoder;
  encoder.encode(record, out);
}

}  // namespace cairn
