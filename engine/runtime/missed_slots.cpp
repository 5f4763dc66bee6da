#include "engine/runtime/missed_slots.h"

#include <algorithm>
#include <deque>

namespace cairn {

LastSlots last_slots(const ClockSlots& slots, Timestamp after, Timestamp upto, std::size_t most) {
  LastSlots found;
  if (most == 0 || after >= upto) return found;
  constexpr std::int64_t k_first_look_ms = 1'000;
  // Looks back twice as far until there are enough: what lies before is not counted one by one.
  for (std::int64_t look_ms = k_first_look_ms;; look_ms *= 2) {
    const bool whole = upto.ms - after.ms <= look_ms;
    const Timestamp from = whole ? after : Timestamp{upto.ms - look_ms};
    std::deque<Timestamp> last;
    for (auto slot = slots.after(from); slot && *slot <= upto; slot = slots.after(*slot)) {
      last.push_back(*slot);
      if (last.size() > most) last.pop_front();
    }
    if (!whole && last.size() < most) continue;
    found.slots.assign(last.begin(), last.end());
    const auto first = slots.after(after);
    found.cut = first && !last.empty() && *first < last.front();
    return found;
  }
}

}  // namespace cairn
