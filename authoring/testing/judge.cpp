#include "authoring/testing/judge.h"

#include "workflows/value/json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cairn::authoring {
namespace {

constexpr std::size_t k_path_lines = 60;

Value seconds(std::int64_t ms) {
  if (ms % 1000 == 0) return Value::integer(ms / 1000);
  return Value::number(static_cast<double>(ms) / 1000.0);
}

class Judge {
 public:
  Judge(const TestSuite& suite, const TestCase& test, const Workflows& workflows, const CaseRun& run)
      : test_(test), workflows_(workflows), run_(run) {
    context_.program = suite.expressions.get();
    context_.input = test.input;
    context_.context = run.context;
    context_.now_s = static_cast<double>(test.clock.ms + run.elapsed_ms) / 1000.0;
  }

  std::vector<Failure> judge() {
    if (run_.trouble) {
      fail(run_.trouble->message, run_.trouble->hint);
      return std::move(failures_);
    }
    const Expectation& expect = test_.expect;
    end();
    if (run_.end == ExpectedEnd::completed) {
      if (expect.output) differences("the output", *expect.output, run_.output, Strictness::exact);
      if (expect.output_includes) {
        differences("the output", *expect.output_includes, run_.output, Strictness::includes);
      }
    }
    if (expect.error && run_.problem) error(*expect.error);
    if (expect.context_includes) {
      differences("the context", *expect.context_includes, run_.context, Strictness::includes);
    }
    path();
    for (const ExpectedCalls& calls : expect.calls) check_calls(calls);
    emitted();
    elapsed();
    for (const std::size_t index : run_.unpublished) {
      const Spot& spot = test_.events[index].spot;
      fail(fmt::format("the event at {}:{} was never published: {}", spot.position.line, spot.position.column,
                       test_.events[index].at_ms ? "the run ended before its time" : "no task listened any more"));
    }
    that();
    return std::move(failures_);
  }

 private:
  void fail(std::string text, std::string hint = {}) { failures_.push_back({std::move(text), std::move(hint)}); }

  void differences(std::string_view what, const Shape& expected, const Value& actual, Strictness strictness) {
    const auto found = compare(expected, actual, strictness, context_);
    if (!found.empty()) fail(fmt::format("{} is not as expected{}", what, listed(found)));
  }

  void end() {
    const ExpectedEnd expected = test_.expect.end;
    if (run_.end == expected) return;
    std::string text = fmt::format("expected the run to be {}, and it is {}", name_of(expected), name_of(run_.end));
    if (run_.problem) text += ":\n  " + to_json(run_.problem->to_value());
    if (run_.end == ExpectedEnd::completed) text += " with the output\n  " + shown_json(run_.output);
    std::string hint;
    if (run_.end == ExpectedEnd::waiting) {
      text += ": nothing ends it";
      if (!run_.waiting_for.empty()) text += "; " + run_.waiting_for;
      hint = "give the case the event or the answer, or expect `status: waiting`";
    }
    fail(std::move(text), std::move(hint));
  }

  void error(const Shape& expected) {
    Shape shape = expected;
    const Value actual = run_.problem->to_value();
    // Types on either host of the standard are the same.
    const auto adapt = [&](const Value& type) {
      return type.is_string() && same_problem_type(type.as_string(), run_.problem->type)
                 ? Value::string(run_.problem->type)
                 : type;
    };
    if (auto* value = std::get_if<Value>(&shape.form)) {
      if (const Value* type = value->find("type")) *value = value->with("type", adapt(*type));
    } else if (auto* object = std::get_if<Shape::ObjectOf>(&shape.form)) {
      for (auto& [name, member] : object->members) {
        auto* type = name == "type" ? std::get_if<Value>(&member.form) : nullptr;
        if (type != nullptr) *type = adapt(*type);
      }
    }
    differences("the error", shape, actual, Strictness::includes);
  }

  [[nodiscard]] bool is(const Visit& visit, const TaskName& name) const {
    return names_task(workflows_, name.text, *visit.program, visit.name, visit.reference);
  }

  void path() {
    std::vector<const Visit*> started;
    for (const Visit& visit : run_.visits) {
      if (visit.end != Visit::End::skipped && visit.kind != "extension") started.push_back(&visit);
    }
    const Expectation& expect = test_.expect;
    if (expect.path) {
      const auto& wanted = *expect.path;
      std::size_t same = 0;
      while (same < wanted.size() && same < started.size() && is(*started[same], wanted[same])) ++same;
      if (same < wanted.size() || same < started.size()) {
        fail(fmt::format("the path is not as expected: its task number {} is {}, expected {}", same + 1,
                         same < started.size() ? "'" + started[same]->name + "'" : "missing",
                         same < wanted.size() ? "'" + wanted[same].text + "'" : "none"));
      }
    }
    std::size_t at = 0;
    for (const TaskName& name : expect.path_includes) {
      std::size_t next = at;
      while (next < started.size() && !is(*started[next], name)) ++next;
      if (next == started.size()) {
        fail(fmt::format("the path does not have '{}'{}", name.text,
                         at == 0 ? "" : fmt::format(" behind '{}'", started[at - 1]->name)));
        break;
      }
      at = next + 1;
    }
    for (const TaskName& name : expect.not_reached) {
      if (std::ranges::any_of(started, [&](const Visit* visit) { return is(*visit, name); })) {
        fail(fmt::format("'{}' was reached", name.text));
      }
    }
  }

  void check_calls(const ExpectedCalls& expected) {
    std::vector<const CallMade*> made;
    for (const CallMade& call : run_.calls) {
      if (names_task(workflows_, expected.task.text, *call.program, call.name, call.reference)) made.push_back(&call);
    }
    if (expected.times && *expected.times != made.size()) {
      std::string text =
          fmt::format("'{}' was called {} times, expected {}", expected.task.text, made.size(), *expected.times);
      for (const CallMade* call : made) text += "\n  " + shown_json(call->arguments);
      fail(std::move(text));
      return;
    }
    for (std::size_t i = 0; i < made.size(); ++i) {
      const Shape* shape = i < expected.in_order.size() ? &expected.in_order[i] : nullptr;
      if (expected.every) shape = &*expected.every;
      if (shape == nullptr) continue;
      ShapeContext here = context_;
      here.call = Value::unsigned_integer(i + 1);
      const auto found = compare(*shape, made[i]->arguments, Strictness::includes, here);
      if (!found.empty()) {
        fail(fmt::format("call {} of '{}' has other arguments than expected{}", i + 1, expected.task.text,
                         listed(found)));
      }
    }
  }

  void emitted() {
    if (!test_.expect.emitted) return;
    const auto& expected = *test_.expect.emitted;
    if (expected.size() != run_.emitted.size()) {
      std::string text = fmt::format("{} events were emitted, expected {}", run_.emitted.size(), expected.size());
      for (const Value& event : run_.emitted) text += "\n  " + shown_json(event);
      fail(std::move(text));
      return;
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      differences(fmt::format("emitted event {}", i + 1), expected[i], run_.emitted[i], Strictness::includes);
    }
  }

  void elapsed() {
    const Expectation& expect = test_.expect;
    const bool short_of = expect.at_least_ms && run_.elapsed_ms < *expect.at_least_ms;
    const bool beyond = expect.at_most_ms && run_.elapsed_ms > *expect.at_most_ms;
    if (!short_of && !beyond) return;
    fail(fmt::format("{} passed, expected {} {}", to_iso8601_duration(run_.elapsed_ms),
                     expect.at_least_ms == expect.at_most_ms ? "exactly"
                     : short_of                              ? "at least"
                                                             : "at most",
                     to_iso8601_duration(short_of ? *expect.at_least_ms : *expect.at_most_ms)));
  }

  void that() {
    if (test_.expect.that.empty()) return;
    const Value all = as_value(test_, run_);
    for (const Check& check : test_.expect.that) {
      const auto answer = context_.evaluate(check.expression, all);
      if (const auto* failed = std::get_if<std::string>(&answer)) {
        fail(fmt::format("`{}` fails: {}", check.text, *failed));
      } else if (!std::get<Value>(answer).truthy()) {
        fail(fmt::format("`{}` gives {}", check.text, shown_json(std::get<Value>(answer))),
             "it looks at {status, output, error, context, input, path, calls, emitted, elapsed}");
      }
    }
  }

  const TestCase& test_;
  const Workflows& workflows_;
  const CaseRun& run_;
  ShapeContext context_;
  std::vector<Failure> failures_;
};

std::string_view mark_of(Visit::End end) {
  switch (end) {
    case Visit::End::open: return "…";
    case Visit::End::completed: return "→";
    case Visit::End::faulted: return "✗";
    case Visit::End::cancelled: return "cancelled";
    case Visit::End::skipped: return "skipped";
  }
  return "…";
}

}  // namespace

std::vector<Failure> judge(const TestSuite& suite, const TestCase& test, const Workflows& workflows,
                           const CaseRun& run) {
  return Judge(suite, test, workflows, run).judge();
}

Value as_value(const TestCase& test, const CaseRun& run) {
  Array path;
  for (const Visit& visit : run.visits) {
    if (visit.end != Visit::End::skipped && visit.kind != "extension") path.push_back(Value::string(visit.name));
  }
  Array calls;
  for (const CallMade& call : run.calls) {
    calls.push_back(Value::object({{"task", Value::string(call.name)},
                                   {"reference", Value::string(call.reference)},
                                   {"kind", Value::string(call.kind)},
                                   {"arguments", call.arguments},
                                   {"at", seconds(call.at_ms)}}));
  }
  return Value::object({{"status", Value::string(std::string(name_of(run.end)))},
                        {"output", run.output},
                        {"error", run.problem ? run.problem->to_value() : Value{}},
                        {"context", run.context},
                        {"input", test.input},
                        {"path", Value::array(std::move(path))},
                        {"calls", Value::array(std::move(calls))},
                        {"emitted", Value::array(run.emitted)},
                        {"elapsed", seconds(run.elapsed_ms)}});
}

std::string path_text(const CaseRun& run) {
  std::string text;
  const std::size_t first = run.visits.size() > k_path_lines ? run.visits.size() - k_path_lines : 0;
  if (first > 0) text += fmt::format("  ({} tasks before)\n", first);
  for (std::size_t i = first; i < run.visits.size(); ++i) {
    const Visit& visit = run.visits[i];
    std::string line = fmt::format("  {:>8}  {:{}}{}", to_iso8601_duration(visit.at_ms), "", 2 * visit.depth,
                                   visit.kind == "extension" ? "(extension)" : visit.name);
    if (visit.attempts > 1) line += fmt::format(" ({} attempts)", visit.attempts);
    line += fmt::format(" {}", mark_of(visit.end));
    if (!visit.remark.empty()) line += " " + visit.remark;
    text += line + "\n";
  }
  return text;
}

}  // namespace cairn::authoring
