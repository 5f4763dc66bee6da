#pragma once
// Programs and what they give, as text.

#include "workflows/jq/program.h"
#include "workflows/value/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq::test {

/// The outputs of `text` on `input` (JSON) as compact JSON, a blank between them; "error: …" or "limit: …" when it ends so.
inline std::string outputs(std::string_view text, std::string_view input = "null", Engine engine = Engine::both,
                           const Limits& limits = {}) {
  auto program = compile(text, {}, engine);
  if (!program) return "does not compile: " + program.error().message;
  Budget budget(limits);
  Surroundings surroundings{budget};
  std::string given;
  const auto add = [&](const std::string& one) { given += (given.empty() ? "" : " ") + one; };
  const auto done = program.value().evaluate(parse_json(input).value(), {}, surroundings, [&](Value value) {
    add(to_json(value));
    return true;
  });
  if (done) return given;
  constexpr const char* k_limits[] = {"none", "fuel", "bytes", "outputs", "text", "depth", "frames"};
  const Failure& failure = done.error();
  add(failure.exhausted != Exhausted::none ? std::string("limit: ") + k_limits[static_cast<int>(failure.exhausted)]
                                           : "error: " + to_json(failure.error));
  return given;
}

}  // namespace cairn::jq::test
