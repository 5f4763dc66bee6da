#pragma once
// One compiled libjq program and the machine that runs it. Used by one thread at a time.

#include "workflows/expressions/expression.h"
#include "workflows/expressions/jq_value.h"
#include "workflows/expressions/memory_limit.h"
#include "workflows/expressions/time_limit.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

struct jq_state;

namespace cairn::jq {

/// What libjq said while it compiled: one text an error, as it words them.
using CompileMessages = std::vector<std::string>;

class JqState {
 public:
  /// Nothing reaches stderr and no file is read, whatever `program` says.
  static std::variant<std::unique_ptr<JqState>, CompileMessages> compile(const std::string& program);
  ~JqState();
  JqState(const JqState&) = delete;
  JqState& operator=(const JqState&) = delete;

  struct Limits {
    std::int64_t time_ms;  ///< 0: none
    MemoryLimit memory;
  };

  /// Runs the program on `input` (consumed; program_text.h) until it gives its only result or a second one, an error,
  /// or is stopped by a limit; nothing when the one for memory stopped it. After each of these the state can run again.
  /// `whole`: the results come as one.
  std::optional<Evaluation> run(jv input, bool whole, const Limits& limits, const ExactIntegers& exact);

 private:
  explicit JqState(jq_state* jq);
  jq_state* jq_;
  TimeLimit limit_;
};

}  // namespace cairn::jq
