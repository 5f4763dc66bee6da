// Our engine.

#include "tests/differential/engines.h"
#include "workflows/jq/program.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

namespace cairn::differential {
namespace {

constexpr double k_now_s = 1'425'599'621.5;

Outcome run(const Evaluation& evaluation, jq::Engine engine) {
  Outcome outcome;
  const auto program = jq::compile(evaluation.program, {}, engine);
  if (!program) {
    outcome.end = Outcome::End::not_compiled;
    outcome.error = program.error().message;
    return outcome;
  }
  jq::Limits limits;
  limits.fuel = 3'000'000;
  limits.bytes = 64u << 20;
  limits.text_bytes = 1u << 20;
  jq::Budget budget(limits);
  jq::Surroundings surroundings{budget, k_now_s};
  bool cut = false;
  const auto done = program.value().evaluate(evaluation.input, {}, surroundings, [&](const Value& value) {
    cut = outcome.outputs.size() == k_outputs;
    if (!cut) outcome.outputs.push_back(parse_json(to_json(value)).value());
    return !cut;
  });
  outcome.end = cut ? Outcome::End::cut : Outcome::End::done;
  if (!done) {
    const jq::Failure& failure = done.error();
    outcome.end = failure.exhausted != jq::Exhausted::none ? Outcome::End::gave_up : Outcome::End::failed;
    outcome.error = failure.error.is_string() ? failure.error.as_string() : to_json(failure.error);
  }
  return outcome;
}

}  // namespace

Outcome run_ours(const Evaluation& evaluation) {
  const Outcome both = run(evaluation, jq::Engine::both);
  const Outcome machine = run(evaluation, jq::Engine::machine);
  const bool told = both.end != Outcome::End::gave_up && machine.end != Outcome::End::gave_up;
  if (!told || both.text() == machine.text()) return both;
  Outcome divided;
  divided.end = Outcome::End::divided;
  divided.error = fmt::format("our evaluator: {}; our machine: {}", both.text(), machine.text());
  return divided;
}

}  // namespace cairn::differential
