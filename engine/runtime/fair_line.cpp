#include "engine/runtime/fair_line.h"

#include <algorithm>
#include <bit>

namespace cairn::admission {
namespace {

/// Divisible by 1 … 10.
constexpr std::uint64_t k_turn = 2'520;

}  // namespace

std::uint8_t effective_priority(std::uint8_t priority, const Item& item, std::int64_t now) {
  return static_cast<std::uint8_t>(
      std::min<std::int64_t>(k_priority_most, priority + (now - item.since) / k_ageing_ms));
}

void FairLine::add(Lane& lane) {
  Share& share = shares_[lane.space];
  if (share.levels == 0) {
    share.space = lane.space;
    share.spent = std::max(share.spent, spent_);
    turns_.insert(share);
  }
  share.lanes.at(lane.priority).insert(lane);
  share.levels = static_cast<std::uint16_t>(share.levels | 1U << lane.priority);
  lane.line = this;
}

void FairLine::remove(Lane& lane) {
  Share& share = shares_.at(lane.space);
  Lanes& level = share.lanes.at(lane.priority);
  level.erase(level.iterator_to(lane));
  if (level.empty()) share.levels = static_cast<std::uint16_t>(share.levels & ~(1U << lane.priority));
  if (share.levels == 0) turns_.erase(turns_.iterator_to(share));
  lane.line = nullptr;
}

Lane* FairLine::next(std::int64_t now) {
  if (turns_.empty()) return nullptr;
  Share& share = *turns_.begin();
  Lane* best = nullptr;
  std::uint8_t highest = 0;
  for (unsigned levels = share.levels; levels != 0; levels &= levels - 1) {
    const auto priority = static_cast<std::uint8_t>(std::countr_zero(levels));
    Lane& lane = *share.lanes.at(priority).begin();
    const std::uint8_t effective = effective_priority(priority, lane.first(), now);
    const bool goes_first =
        best == nullptr || effective > highest || (effective == highest && lane.first().order < best->first().order);
    if (!goes_first) continue;
    best = &lane;
    highest = effective;
  }
  return best;
}

void FairLine::charge(const Lane& lane, std::int64_t now) {
  Share& share = shares_.at(lane.space);
  spent_ = share.spent;
  if (share.levels != 0) turns_.erase(turns_.iterator_to(share));
  share.spent += k_turn / (effective_priority(lane.priority, lane.first(), now) + 1U);
  if (share.levels != 0) turns_.insert(share);
}

}  // namespace cairn::admission
