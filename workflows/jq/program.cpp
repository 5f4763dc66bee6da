#include "workflows/jq/program.h"

#include "workflows/jq/emitter.h"
#include "workflows/jq/lowering.h"
#include "workflows/jq/machine.h"
#include "workflows/jq/parser.h"

namespace cairn::jq {

Compiled<Program> compile(std::string_view text, std::span<const std::string> variables, Engine engine) {
  CAIRN_TRY(const auto tree, parse(text));
  auto data = std::make_shared<ProgramData>();
  data->evaluator = engine == Engine::both;
  CAIRN_TRY(Lowering(*data, variables).main(*tree->root));
  emit_all(*data);
  return Program(std::move(data));
}

const std::vector<bool>& Program::used() const { return data_->used; }

Answer<void> Program::evaluate(const Value& input, std::span<const Value> variables, Surroundings& surroundings,
                               FunctionRef<bool(Value)> output) const {
  return Machine(*data_, surroundings).run(input, variables, output);
}

}  // namespace cairn::jq
