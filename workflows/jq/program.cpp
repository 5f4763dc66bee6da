#include "workflows/jq/program.h"

#include "workflows/jq/emitter.h"
#include "workflows/jq/foreign.h"
#include "workflows/jq/lowering.h"
#include "workflows/jq/machine.h"
#include "workflows/jq/parser.h"
#include "workflows/jq/patterns.h"
#include "workflows/value/utf8.h"

#include <algorithm>

namespace cairn::jq {
namespace {

/// Whether the node's value is a part of what it is given, a constant of the text, or a boolean.
bool picks(const Node& node) {
  switch (node.op) {
    case Op::identity:
    case Op::constant:
    case Op::variable:
    case Op::index:
    case Op::slice:
    case Op::each:
    case Op::pipe:
    case Op::comma:
    case Op::branch:
    case Op::alternative:
    case Op::attempt:
    case Op::compare:
    case Op::invert:
    case Op::both:
    case Op::either:
    case Op::bind:
    case Op::empty:
    case Op::first:
    case Op::last:
    case Op::limit:
    case Op::skip:
    case Op::getpath: return true;
    default: return false;
  }
}

}  // namespace

Compiled<Program> compile(std::string_view text, std::span<const std::string> variables, Engine engine) {
  if (!is_valid_utf8(text)) {
    const std::string valid = utf8_lossy(text);
    const auto wrong = std::ranges::mismatch(text, valid).in1;
    return Problem{"this is not UTF-8", static_cast<std::uint32_t>(wrong - text.begin())};
  }
  CAIRN_TRY(const auto tree, parse(text));
  if (auto foreign = foreign_call(*tree)) return *std::move(foreign);
  if (auto bad = bad_pattern(*tree)) return *std::move(bad);
  auto data = std::make_shared<ProgramData>();
  data->evaluator = engine == Engine::both;
  CAIRN_TRY(Lowering(*data, variables).main(*tree->root));
  data->only_picks = std::ranges::all_of(data->nodes, picks);
  emit_all(*data);
  return Program(std::move(data));
}

const std::vector<bool>& Program::used() const { return data_->used; }

bool Program::only_picks() const { return data_->only_picks; }

Answer<void> Program::evaluate(const Value& input, std::span<const Value> variables, Surroundings& surroundings,
                               FunctionRef<bool(Value)> output) const {
  return Machine(*data_, surroundings).run(input, variables, output);
}

}  // namespace cairn::jq
