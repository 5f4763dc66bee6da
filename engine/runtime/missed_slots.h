#pragma once
// Which slots are due after a time in which nobody looked. Pure.

#include "workflows/schedule/clock_slots.h"

#include <cstddef>
#include <vector>

namespace cairn {

struct LastSlots {
  std::vector<Timestamp> slots;  ///< in order
  bool cut = false;              ///< there are earlier ones
};

/// The last slots in (after, upto], at most `most` of them. Cost: about those, however long the time.
LastSlots last_slots(const ClockSlots& slots, Timestamp after, Timestamp upto, std::size_t most);

}  // namespace cairn
