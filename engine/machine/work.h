#pragma once
// Work: what the machine has decided to do and has not done yet within a step. Kept in order; survives a yield as data.

#include "engine/machine/ids.h"
#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

struct Work {
  enum class Kind : std::uint8_t {
    enter,      ///< start `task` under `frame` (0: the workflow) with raw input `value`
    iterate,    ///< next iteration `number` of the loop `frame` with data `value`
    attempt,    ///< attempt `number` of the try `frame`
    complete,   ///< the task of `frame` has raw output `value`
    fault,      ///< the task of `frame` has failed with the problem in `value`
    next_item,  ///< `foreach` of the listen task `frame` takes up the next event, if any waits
  };
  Kind kind = Kind::enter;
  EventSeq frame{};
  std::string task;
  std::optional<std::uint32_t> branch;
  std::uint64_t number = 0;
  Value value;

  [[nodiscard]] Value to_value() const;
  static Result<Work> from_value(const Value& value);
};

}  // namespace cairn
