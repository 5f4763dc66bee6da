#pragma once
// What a program did with an input, in an engine; and whether two engines did the same.

#include "workflows/value/value.h"

#include <string>
#include <vector>

namespace cairn::differential {

struct Outcome {
  enum class End {
    done,
    failed,        ///< with `error`, after `outputs`
    cut,           ///< there were more outputs than were asked for
    not_compiled,  ///< with `error`
    gave_up,       ///< the engine was stopped, or died: nothing can be said
    divided,       ///< our two ways to evaluate differ; `error` says how
  };
  End end = End::gave_up;
  std::vector<Value> outputs;  ///< as JSON has them: nan is null
  std::string error;

  [[nodiscard]] std::string text() const;
};

/// Outputs that are asked for.
inline constexpr std::size_t k_outputs = 60;

/// Whether jq 1.6 (`theirs`) and jq 1.8 as we have it (`ours`) agree: outputs as values, numbers as doubles; errors by
/// their message, as far as it did not get longer excerpts of values since. An engine that gave up agrees with
/// everything.
bool agree(const Outcome& ours, const Outcome& theirs);
/// Whether both failed after the same outputs, so that only the messages can differ.
bool failed_alike(const Outcome& ours, const Outcome& theirs);

}  // namespace cairn::differential
