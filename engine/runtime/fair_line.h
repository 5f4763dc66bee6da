#pragma once
// FairLine: who goes next among lanes of effects that wait for the same thing. Private to Admission.
//
// A lane holds the effects of one namespace with one priority and the same limits, first come first. Between the lanes
// of a namespace the highest effective priority goes first, then first come. Between namespaces turns are taken.
//
// Ageing: effective priority = priority + 1 for each k_ageing_ms the lane's first effect has waited, at most 9. So an
// effect of priority p that has waited (9 − p) · k_ageing_ms is passed by none of its namespace that came after it.
// Turns: a turn costs a namespace 1 / (effective priority + 1), and who has spent least is next. So namespaces with
// equal work alternate, one that is busy with 9s has ten turns for one of another that is busy with 0s, and none waits
// for more than ten turns of each other one. Who had nothing to do saves up nothing.

#include "engine/machine/ids.h"
#include "workflows/program/scheduling.h"

#include <boost/container/static_vector.hpp>
#include <boost/intrusive/set.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>

namespace cairn::admission {

inline constexpr std::int64_t k_ageing_ms = 10'000;
/// One connector's, two of the workflow, two of the task.
inline constexpr std::size_t k_gates_most = 5;

struct Gate;
struct Lane;
class FairLine;

using SpaceId = std::uint32_t;
using Gates = boost::container::static_vector<Gate*, k_gates_most>;
using Hook = boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

/// An effect that waits (it is in its lane's set then), or is carried out, or a place that is free.
struct Item : Hook {
  enum class State : std::uint8_t { free, waiting, under_way };
  std::uint64_t order = 0;  ///< first come
  std::int64_t since = 0;
  RunId run;
  EventSeq effect{};
  Lane* lane = nullptr;
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  ///< tells one from who had its place before
  State state = State::free;
};

struct ItemOrder {
  using type = std::uint64_t;
  type operator()(const Item& item) const { return item.order; }
};
using Items = boost::intrusive::set<Item, boost::intrusive::key_of_value<ItemOrder>>;

struct Lane : Hook {
  SpaceId space = 0;
  std::uint8_t priority = 0;
  Gates gates;
  Items items;  ///< that wait
  std::size_t under_way = 0;
  FairLine* line = nullptr;  ///< where it stands; none while nothing of it waits
  Gate* woken_by = nullptr;  ///< the gate that opened for it

  [[nodiscard]] const Item& first() const { return *items.begin(); }
};

/// Of an item of this priority, on Admission's clock.
[[nodiscard]] std::uint8_t effective_priority(std::uint8_t priority, const Item& item, std::int64_t now);

class FairLine {
 public:
  /// `lane` has items and stands in no line. While it stands here its first item stays the same.
  void add(Lane& lane);
  void remove(Lane& lane);
  [[nodiscard]] bool empty() const { return turns_.empty(); }
  /// Who goes next; nobody when it is empty.
  [[nodiscard]] Lane* next(std::int64_t now);
  /// The first item of `lane`, which stands or stood here, has its turn.
  void charge(const Lane& lane, std::int64_t now);

 private:
  struct FirstCome {
    using type = std::uint64_t;
    type operator()(const Lane& lane) const { return lane.first().order; }
  };
  using Lanes = boost::intrusive::set<Lane, boost::intrusive::key_of_value<FirstCome>>;
  /// What a namespace has of this line. It is kept when it has no lanes, so that leaving and coming back gains nothing.
  struct Share : Hook {
    SpaceId space = 0;
    std::uint64_t spent = 0;
    std::array<Lanes, k_priority_most + 1> lanes;  ///< by priority
    std::uint16_t levels = 0;                      ///< a bit for each that is not empty
  };
  struct LeastSpent {
    using type = std::pair<std::uint64_t, SpaceId>;
    type operator()(const Share& share) const { return {share.spent, share.space}; }
  };

  std::map<SpaceId, Share> shares_;
  boost::intrusive::set<Share, boost::intrusive::key_of_value<LeastSpent>> turns_;  ///< of those with lanes
  std::uint64_t spent_ = 0;  ///< by whoever had the last turn, before it
};

}  // namespace cairn::admission
