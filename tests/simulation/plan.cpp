#include "tests/simulation/plan.h"

#include <algorithm>

namespace cairn::simulation {
namespace {

constexpr std::uint64_t k_subject = 1;
constexpr std::uint64_t k_approvals = 3;
constexpr std::uint64_t k_events = 2;  ///< dice of their own: worlds without events stay as they are
/// One seed in so many uses the real log.
constexpr std::uint64_t k_real_share = 16;

}  // namespace

Plan plan_of(std::uint64_t seed, const Bounds& bounds) {
  Dice dice = Dice(seed).apart(k_subject);
  Plan plan;
  plan.seed = seed;
  plan.real_log = bounds.log == LogKind::share ? seed % k_real_share == 0 : bounds.log == LogKind::real;
  const bool is_crowded = dice.one_in(12);
  const bool is_long = !is_crowded && dice.one_in(16);
  plan.steps = std::min<std::size_t>(bounds.steps, 100 + dice.below(900));
  const bool is_rush = !is_crowded && !is_long && dice.one_in(20);
  plan.starts = is_rush ? 150 : 1 + dice.below(is_long ? 3 : 8);
  plan.starts = std::min(bounds.starts, plan.starts);
  if (is_rush) plan.at_once = 70;
  plan.definitions = 1 + dice.below(3);
  static constexpr std::size_t k_crash[] = {0, 2, 5, 20};
  static constexpr std::size_t k_crash_inside[] = {0, 0, 10, 60};
  if (bounds.crashes) {
    plan.crash = dice.of(k_crash);
    plan.crash_waiting = dice.of(k_crash_inside);
    plan.crash_dispatch = dice.of(k_crash_inside);
  }
  if (bounds.disk_failures && dice.one_in(4)) plan.disk_failure = 5 + dice.below(20);
  if (bounds.disk_failures && plan.real_log && dice.one_in(2)) plan.disk_failure = 50;
  static constexpr std::size_t k_command[] = {0, 200, 500};
  if (bounds.commands) plan.command = dice.of(k_command);
  if (bounds.clock_jumps && dice.one_in(3)) plan.clock_jump = 100;
  static constexpr std::size_t k_speed[] = {30, 300, 600};
  plan.disk_speed = dice.of(k_speed);
  plan.early_ring = dice.one_in(3) ? 100 : 0;
  plan.shape.tasks = is_rush ? 3 : 3 + dice.below(16);
  plan.shape.depth = 2 + dice.below(3);
  plan.shape.crowded = is_crowded;
  plan.shape.long_loops = is_long;
  if (dice.one_in(4)) plan.moods = Moods{0, 0, 0, 0, 0};
  if (dice.one_in(6)) plan.moods = Moods{100, 400, 100, 100, 100};
  if (bounds.disk_failures && dice.one_in(8)) plan.no_room = 20;
  plan.shape.listens = Dice(seed).apart(k_events).one_in(3);
  plan.shape.approves = Dice(seed).apart(k_approvals).one_in(3);
  return plan;
}

}  // namespace cairn::simulation
