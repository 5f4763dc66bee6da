// Any text as an expression: a program or a problem inside of the text; and what compiles ends within its limits, in
// the same way in both of the engine's ways to evaluate.

#include "workflows/core/assert.h"
#include "workflows/jq/program.h"
#include "workflows/value/json.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace cairn;

struct Run {
  std::string outputs;
  bool limited = false;
};

Run run(const jq::Program& program, const Value& input) {
  jq::Limits limits;
  limits.fuel = 20'000;
  limits.bytes = 4u << 20;
  limits.outputs = 100;
  limits.text_bytes = 64u << 10;
  limits.frames = 2'000;
  jq::Budget budget(limits);
  jq::Surroundings surroundings{budget, 1'425'599'621.5};
  Run run;
  const auto done = program.evaluate(input, {}, surroundings, [&](const Value& value) {
    run.outputs += to_json(value) + "\n";
    return true;
  });
  if (!done) {
    run.limited = done.error().exhausted != jq::Exhausted::none;
    if (!run.limited) run.outputs += "error: " + to_json(done.error().error);
  }
  return run;
}

const std::array<Value, 4>& inputs() {
  static const std::array<Value, 4> all = {
      Value(),
      parse_json(R"([1,[2,"a,b"],{"a":3},null,-0.5])").value(),
      parse_json(R"({"a":{"b":[1,2]},"b":"xyx","c":true})").value(),
      Value::string("2015-03-05T23:51:47Z é"),
  };
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto both = jq::compile(text);
  const auto machine = jq::compile(text, {}, jq::Engine::machine);
  CAIRN_ASSERT(both.has_value() == machine.has_value(), "a text compiles or does not");
  if (!both) {
    CAIRN_ASSERT(both.error().offset <= size, "a problem is inside of the text");
    CAIRN_ASSERT(!both.error().message.empty(), "a problem has a reason");
    return 0;
  }
  for (const Value& input : inputs()) {
    const Run ours = run(both.value(), input);
    const Run theirs = run(machine.value(), input);
    // A step is not the same for both, so limits stop them at different places.
    if (!ours.limited && !theirs.limited) CAIRN_ASSERT(ours.outputs == theirs.outputs, "both ways to evaluate agree");
  }
  return 0;
}
