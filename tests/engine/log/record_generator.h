#pragma once
// Records for the codec's tests: one sample of every kind with every member set, and rapidcheck generators.

#include "engine/machine/stimulus.h"
#include "workflows/value/json.h"

#include <rapidcheck.h>

#include <string>
#include <vector>

namespace cairn::testing {

inline std::vector<Event> sample_events() {
  const Value data = parse_json(R"({"id":-2,"big":18446744073709551615,"list":[1,2.5,null,"ü"]})").value();
  const Problem problem{"https://example.com/errors/boom", 418, "Boom", "It went boom", "/do/0/x"};
  const WorkflowIdentity workflow{"ns", "name", "1.2.3"};
  const RunId child = RunId::make(1'700'000'000'123, PartitionId{5}, 99);
  const EventSeq frame{0x1234567890ABCDEF};
  return {RunStarted{workflow, sha256("definition"), data, Value::integer(1), "key", 9,
                     ParentLink{child, EventSeq{4}, 2, false}, data, child, 1'000'000'000'001},
          RunStarted{workflow, sha256("definition"), Value(), Value(), "", 0, std::nullopt, Value()},
          RunSuspended{},
          RunContinued{},
          RunCompleted{data},
          RunFaulted{problem},
          RunCancelled{"because"},
          CommandRefused{"continue", "not suspended"},
          Yielded{data},
          TaskStarted{"/do/0/x", "call", frame, data, Value::string("in"), 3u},
          TaskStarted{"/do/0/x", "call", k_no_event, data, data, std::nullopt},
          TaskStarted{"/do/0/x", "call", frame, data, data, std::nullopt, Value::array({Value::string("/use/x")})},
          AfterStarted{frame, data, Value::integer(2), Value::integer(3), "/do/1/y"},
          AfterStarted{frame, data, data, std::nullopt, "exit"},
          TaskSkipped{"/do/1/y", frame, data, 0u},
          TaskCompleted{frame, data, Value::boolean(false)},
          TaskFaulted{frame, problem},
          TaskCancelled{frame},
          LoopStarted{frame, Value::array({data, data})},
          IterationStarted{frame, 1'000'000'000'000},
          ErrorCaught{frame, problem, 4, ErrorCaught::Handling::handle},
          AttemptStarted{frame, 5},
          TimerStarted{frame, TimerStarted::Purpose::workflow_timeout, Timestamp{-5}},
          TimerFired{frame},
          EffectScheduled{frame, "/do/0/x", "http", data, true, Value::string("scope"), EventSeq{8}, true, data},
          EffectCompleted{frame, Value::number(0.1)},
          EffectFailed{frame, Problem{"t", -1, "", "", ""}},
          EventEmitted{frame, data},
          ChildStarted{frame, "/do/2/z", child, {"ns", "other", "latest"}, data},
          ChildCompleted{child, data},
          ChildFailed{child, problem},
          PriorityChanged{9},
          ListenStarted{frame,
                        {{"/do/0/x/listen/to/any/0", "com.example.a", R"(["1"])"}, {"/do/0/x/listen/to/any/1", "", {}}},
                        12u,
                        EventRead::envelope,
                        true,
                        true,
                        Value::object({{"id", Value::integer(1)}})},
          ListenStarted{},
          EventConsumed{frame, 7, "/do/0/x/listen/to/any/0", data, true, Value::object({{"id", data}})},
          ItemCompleted{frame, data, Value::boolean(true)},
          ItemCompleted{frame, data, {}},
          ListenClosed{frame},
          ApprovalRequested{frame, Value::object({{"title", data}})},
          ApprovalAnswered{frame, true, data, "alice"}};
}

inline std::vector<Stimulus> sample_stimuli() {
  const Value data = parse_json(R"({"answer":[42]})").value();
  const Problem problem{"https://example.com/errors/boom", 500, "Boom", "", "/do/0/x"};
  const RunId run = RunId::make(1'700'000'000'456, PartitionId{15}, 7);
  const auto with = [](decltype(Stimulus::what) what) {
    return Stimulus{std::move(what), Timestamp{1'700'000'000'789}, 0xFEDCBA9876543210};
  };
  return {with(StartRun{run, data, "key", 1, ParentLink{run, EventSeq{2}, 1, true}, run, 77}),
          with(StartRun{run, Value(), "", 5, std::nullopt}),
          with(StartRun{run, data, "", 5, std::nullopt, RunId{}, 0,
                        Value::object({{"environment", Value::string("prod")}})}),
          with(EffectFinished{EventSeq{9}, data}),
          with(EffectFinished{EventSeq{9}, Value()}),
          with(EffectFinished{EventSeq{9}, problem}),
          with(EffectLost{EventSeq{10}}),
          with(TimerDue{EventSeq{11}}),
          with(ChildFinished{run, data}),
          with(ChildFinished{run, problem}),
          with(OperatorCommand{OperatorCommand::Kind::proceed, "please"}),
          with(OperatorCommand{OperatorCommand::Kind::prioritize, "", 7}),
          with(EventArrived{EventSeq{12}, 34, data}),
          with(AnswerApproval{EventSeq{12}, true, data, "alice"}),
          with(GoOn{})};
}

inline rc::Gen<Value> any_value(int depth = 3) {
  using rc::gen::map;
  auto scalar = rc::gen::oneOf(
      rc::gen::just(Value()), map(rc::gen::arbitrary<bool>(), [](bool b) { return Value::boolean(b); }),
      map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t n) { return Value::integer(n); }),
      map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t n) { return Value::unsigned_integer(n); }),
      map(rc::gen::arbitrary<double>(), [](double n) { return Value::number(n); }),
      map(rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')),
          [](std::string s) { return Value::string(std::move(s)); }));
  if (depth == 0) return scalar;
  auto items = rc::gen::resize(
      4, rc::gen::container<std::vector<Value>>(rc::gen::lazy([depth] { return any_value(depth - 1); })));
  auto array = map(items, [](std::vector<Value> values) { return Value::array(std::move(values)); });
  auto object = map(items, [](std::vector<Value> values) {
    std::vector<Member> members;
    for (auto& value : values) members.push_back({"m" + std::to_string(members.size()), std::move(value)});
    return Value::object(std::move(members));
  });
  return rc::gen::weightedOneOf<Value>({{3, scalar}, {1, array}, {1, object}});
}

/// A sample with fresh values, texts and numbers in it.
inline Event vary(Event event) {
  const auto text = [] { return *rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'f')); };
  const auto number = [] { return EventSeq{*rc::gen::arbitrary<std::uint64_t>()}; };
  const auto value = [] { return *any_value(); };
  if (auto* e = std::get_if<TaskStarted>(&event)) {
    *e = {text(),  text(),  number(),
          value(), value(), *rc::gen::maybe(rc::gen::arbitrary<std::uint32_t>()) ? std::optional(1u) : std::nullopt};
  } else if (auto* completed = std::get_if<TaskCompleted>(&event)) {
    completed->frame = number();
    completed->output = value();
    if (*rc::gen::arbitrary<bool>()) completed->context = value();
  } else if (auto* scheduled = std::get_if<EffectScheduled>(&event)) {
    *scheduled = {number(),
                  text(),
                  text(),
                  value(),
                  *rc::gen::arbitrary<bool>(),
                  value(),
                  number(),
                  *rc::gen::arbitrary<bool>(),
                  Value::object({{"rate", Value::string(text())}})};
  } else if (auto* failed = std::get_if<EffectFailed>(&event)) {
    *failed = {number(), {text(), *rc::gen::arbitrary<std::int64_t>(), text(), text(), text()}};
  } else if (auto* emitted = std::get_if<EventEmitted>(&event)) {
    *emitted = {number(), value()};
  }
  return event;
}

inline rc::Gen<Record> any_record() {
  return rc::gen::exec([] {
    Record record;
    record.first = EventSeq{*rc::gen::arbitrary<std::uint64_t>()};
    record.stimulus = *rc::gen::elementOf(sample_stimuli());
    record.stimulus.now = Timestamp{*rc::gen::arbitrary<std::int64_t>()};
    record.stimulus.entropy = *rc::gen::arbitrary<std::uint64_t>();
    if (auto* finished = std::get_if<EffectFinished>(&record.stimulus.what)) finished->outcome = *any_value();
    const auto samples = sample_events();
    const auto picks = *rc::gen::resize(
        20, rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, samples.size())));
    for (const auto pick : picks) record.events.push_back(vary(samples[pick]));
    return record;
  });
}

}  // namespace cairn::testing
