#pragma once
// jq programs: text → Program, Program and input → outputs. This is what the rest of the project sees of workflows/jq.

#include "workflows/jq/function_ref.h"
#include "workflows/jq/native.h"
#include "workflows/jq/problem.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq {

struct ProgramData;

/// A compiled program. Immutable, cheap to copy; any thread may evaluate it.
class Program {
 public:
  explicit Program(std::shared_ptr<const ProgramData> data) : data_(std::move(data)) {}

  /// By variable given to compile(): whether the program mentions it. Callers need to build only these.
  [[nodiscard]] const std::vector<bool>& used() const;
  /// Whether every output is a part of the input or of a variable, as it stands there, or small: such a program cannot
  /// make a value that is larger than what it was given.
  [[nodiscard]] bool only_picks() const;
  /// Calls `output` with each output in turn, until it answers false. `variables` are the values of those given to
  /// compile(), in their order (what stands for one that is not used does not matter). A failure is an error that
  /// nothing in the program caught, or a limit of the budget; outputs given before it stand.
  Answer<void> evaluate(const Value& input, std::span<const Value> variables, Surroundings& surroundings,
                        FunctionRef<bool(Value)> output) const;

 private:
  std::shared_ptr<const ProgramData> data_;
};

/// Who runs a program. Tests compare the two.
enum class Engine : std::uint8_t {
  both,     ///< the evaluator what calls nothing, the machine the rest
  machine,  ///< the machine all that it can
};

/// Compiles `text`. `variables`: names (without '$') it may use.
Compiled<Program> compile(std::string_view text, std::span<const std::string> variables = {},
                          Engine engine = Engine::both);

}  // namespace cairn::jq
