// Who goes when: order, ageing, turns, slots, tokens; and for any sequence of calls what must always hold.

#include "engine/runtime/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cairn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Scope = LimitName::Scope;

KeyedLimit at_once(std::int64_t limit, std::string key = "", Scope scope = Scope::workflow_concurrency) {
  return {{scope, "default/orders", std::move(key)}, {limit, std::nullopt}};
}
KeyedLimit rate(std::int64_t limit, std::int64_t period_ms, std::int64_t burst, std::string key = "") {
  return {{Scope::workflow_rate, "default/orders", std::move(key)}, {std::nullopt, RateLimit{limit, period_ms, burst}}};
}

class AdmissionTest : public testing::Test {
 protected:
  Admission::Ticket enqueue(std::uint64_t effect, std::uint8_t priority = 5, std::vector<KeyedLimit> limits = {},
                            std::string_view space = "default", std::string_view connector = "http") {
    return admission->enqueue({RunId{}, EventSeq{effect}, space, connector, priority, limits}, now);
  }
  /// Effects that may go now, in order; their tickets are kept.
  std::vector<std::uint64_t> admitted(std::size_t most = 1'000) {
    std::vector<std::uint64_t> effects;
    while (effects.size() < most) {
      const auto next = admission->next(now);
      if (!next) break;
      effects.push_back(number_of(next->effect));
      tickets[effects.back()] = next->ticket;
    }
    return effects;
  }
  /// One after the other: each is over before the next may go.
  std::vector<std::uint64_t> one_by_one(std::size_t most = 1'000) {
    std::vector<std::uint64_t> effects;
    while (effects.size() < most) {
      const auto next = admission->next(now);
      if (!next) break;
      effects.push_back(number_of(next->effect));
      admission->release(next->ticket);
    }
    return effects;
  }
  void finish(std::uint64_t effect) { admission->release(tickets.at(effect)); }
  void with_effects(std::int64_t most) { admission = std::make_unique<Admission>(EffectLimits{most, {}}); }
  void pass(std::int64_t ms) { now.ms += ms; }

  std::unique_ptr<Admission> admission = std::make_unique<Admission>(EffectLimits{});
  std::map<std::uint64_t, Admission::Ticket> tickets;
  Timestamp now{1'800'000'000'000};
};

// ---- order

TEST_F(AdmissionTest, WithinOnePriorityFirstComeFirstServed) {
  for (std::uint64_t i = 1; i <= 4; ++i) enqueue(i);
  EXPECT_THAT(admitted(), ElementsAre(1, 2, 3, 4));
}

TEST_F(AdmissionTest, OrderIsKeptBetweenConnectors) {
  enqueue(1, 5, {}, "default", "http");
  enqueue(2, 5, {}, "default", "shell");
  enqueue(3, 5, {}, "default", "http");
  EXPECT_THAT(admitted(), ElementsAre(1, 2, 3));
}

TEST_F(AdmissionTest, TheHigherPriorityGoesFirst) {
  enqueue(1, 0);
  enqueue(2, 9);
  enqueue(3, 5);
  EXPECT_THAT(admitted(), ElementsAre(2, 3, 1));
}

TEST_F(AdmissionTest, WaitingRaisesPriorityByOneInTenSeconds) {
  enqueue(1, 4);
  pass(admission::k_ageing_ms - 1);
  enqueue(2, 5);
  EXPECT_THAT(one_by_one(1), ElementsAre(2));
  enqueue(3, 5);
  pass(1);
  EXPECT_THAT(one_by_one(), ElementsAre(1, 3));
}

TEST_F(AdmissionTest, PriorityZeroIsPassedByNobodyThatCameNinetySecondsLater) {
  with_effects(1);
  enqueue(1, 0);
  pass(9 * admission::k_ageing_ms);
  enqueue(2, 9);
  EXPECT_THAT(one_by_one(), ElementsAre(1, 2));
}

TEST_F(AdmissionTest, NamespacesWithEqualWorkTakeTurnsHoweverMuchOneHas) {
  with_effects(1);
  for (std::uint64_t i = 1; i <= 4; ++i) enqueue(i, 5, {}, "flood");
  pass(1'000'000);
  enqueue(11, 9, {}, "other");
  enqueue(12, 9, {}, "other");
  EXPECT_THAT(one_by_one(), ElementsAre(1, 11, 2, 12, 3, 4));
}

TEST_F(AdmissionTest, NamespacesGetTurnsInTheMeasureOfTheirPriority) {
  with_effects(1);
  for (std::uint64_t i = 1; i <= 50; ++i) enqueue(i, 0, {}, "low");
  for (std::uint64_t i = 101; i <= 200; ++i) enqueue(i, 9, {}, "high");
  const auto first = one_by_one(44);
  EXPECT_EQ(std::ranges::count_if(first, [](auto effect) { return effect > 100; }), 40);
}

TEST_F(AdmissionTest, WhoComesAndGoesGainsNothingOverWhoWaits) {
  with_effects(1);
  for (std::uint64_t i = 1; i <= 10; ++i) enqueue(i, 5, {}, "steady");
  std::vector<std::uint64_t> order;
  for (std::uint64_t i = 101; i <= 105; ++i) {
    enqueue(i, 5, {}, "trickle");
    for (const auto effect : one_by_one(2)) order.push_back(effect);
  }
  EXPECT_EQ(std::ranges::count_if(order, [](auto effect) { return effect < 100; }), 5);
}

TEST_F(AdmissionTest, APriorityChangedInTheQueueCountsAtOnceAndKeepsTheTimeWaited) {
  enqueue(1, 5);
  const auto ticket = enqueue(2, 1);
  enqueue(3, 9);
  admission->set_priority(ticket, 9);
  EXPECT_THAT(admitted(), ElementsAre(2, 3, 1));
}

// ---- slots

TEST_F(AdmissionTest, NoMoreAreUnderWayThanTheProcessMay) {
  with_effects(2);
  for (std::uint64_t i = 1; i <= 3; ++i) enqueue(i);
  EXPECT_THAT(admitted(), ElementsAre(1, 2));
  finish(2);
  EXPECT_THAT(admitted(), ElementsAre(3));
}

TEST_F(AdmissionTest, AKeyThatIsFullIsInNobodyElsesWay) {
  for (std::uint64_t i = 1; i <= 3; ++i) enqueue(i, 9, {at_once(1, "acme")});
  enqueue(4, 1, {at_once(1, "globex")});
  enqueue(5, 1);
  EXPECT_THAT(admitted(), ElementsAre(1, 4, 5));
  finish(1);
  EXPECT_THAT(admitted(), ElementsAre(2));
}

TEST_F(AdmissionTest, AnEffectNeedsAllOfItsLimits) {
  const auto workflow = [](std::string key) { return at_once(2, std::move(key)); };
  const auto task = at_once(1, "", Scope::task_concurrency);
  enqueue(1, 5, {workflow("a"), task});
  enqueue(2, 5, {workflow("a"), task});
  enqueue(3, 5, {workflow("a")});
  enqueue(4, 5, {workflow("a")});
  enqueue(5, 5, {workflow("b"), task});
  EXPECT_THAT(admitted(), ElementsAre(1, 3));  // 3 fills the workflow's key
  finish(1);
  // The task's slot is free, and one of the key: 2 takes both, 4 and 5 go without.
  EXPECT_THAT(admitted(), ElementsAre(2));
  finish(3);
  EXPECT_THAT(admitted(), ElementsAre(4));
  finish(2);
  EXPECT_THAT(admitted(), ElementsAre(5));
}

TEST_F(AdmissionTest, AFreedSlotOfAConnectorGoesRoundTheKeysThatWaitForIt) {
  admission->set_connector("http", {1, std::nullopt});
  enqueue(1, 5, {at_once(9, "a")});
  enqueue(2, 5, {at_once(9, "a")});
  enqueue(3, 5, {at_once(9, "b")});
  enqueue(4, 9, {at_once(9, "c")});
  EXPECT_THAT(one_by_one(), ElementsAre(4, 1, 2, 3));
}

TEST_F(AdmissionTest, WhatIsWithdrawnFreesItsPlaceAndWakesTheNext) {
  enqueue(1, 5, {at_once(1, "a")});
  admitted();
  const auto second = enqueue(2, 5, {at_once(1, "a")});
  enqueue(3, 1, {at_once(1, "a")});
  finish(1);
  admission->release(second);
  EXPECT_THAT(admitted(), ElementsAre(3));
}

TEST_F(AdmissionTest, ALimitRaisedLetsGoAtOnceAndALoweredOneWaitsForThoseUnderWay) {
  admission->set_connector("http", {1, std::nullopt});
  for (std::uint64_t i = 1; i <= 6; ++i) enqueue(i);
  EXPECT_THAT(admitted(), ElementsAre(1));
  admission->set_connector("http", {3, std::nullopt});
  EXPECT_THAT(admitted(), ElementsAre(2, 3));
  admission->set_connector("http", {1, std::nullopt});
  finish(1);
  finish(2);
  EXPECT_THAT(admitted(), IsEmpty());
  finish(3);
  EXPECT_THAT(admitted(), ElementsAre(4));
  admission->set_connector("http", {});
  EXPECT_THAT(admitted(), ElementsAre(5, 6));
}

TEST_F(AdmissionTest, WhatTheNewestDefinitionSaysOfALimitCounts) {
  enqueue(1, 5, {at_once(1)});
  enqueue(2, 5, {at_once(1)});
  enqueue(3, 5, {at_once(2)});
  EXPECT_THAT(admitted(), ElementsAre(1, 2));
}

// ---- tokens

TEST_F(AdmissionTest, ABurstGoesAtOnceAndTheRestOneTokenAtATime) {
  for (std::uint64_t i = 1; i <= 4; ++i) enqueue(i, 5, {rate(2, 1'000, 2)});
  EXPECT_THAT(one_by_one(), ElementsAre(1, 2));
  EXPECT_EQ(admission->opens_at(now)->ms, now.ms + 500);
  pass(499);
  EXPECT_THAT(one_by_one(), IsEmpty());
  pass(1);
  EXPECT_THAT(one_by_one(), ElementsAre(3));
  pass(500);
  EXPECT_THAT(one_by_one(), ElementsAre(4));
  EXPECT_FALSE(admission->opens_at(now).has_value());
}

TEST_F(AdmissionTest, AClockSetBackByADayDelaysNoTokenByMore) {
  for (std::uint64_t i = 1; i <= 2; ++i) enqueue(i, 5, {rate(1, 1'000, 1)});
  EXPECT_THAT(one_by_one(), ElementsAre(1));
  pass(400);
  EXPECT_TRUE(admission->opens_at(now).has_value());
  pass(-86'400'000);
  EXPECT_EQ(admission->opens_at(now)->ms, now.ms + 600);
  pass(600);
  EXPECT_THAT(one_by_one(), ElementsAre(2));
}

TEST_F(AdmissionTest, AClockSetForwardGivesNoMoreThanTheBurst) {
  for (std::uint64_t i = 1; i <= 9; ++i) enqueue(i, 5, {rate(1, 1'000, 3)});
  EXPECT_EQ(one_by_one().size(), 3U);
  pass(86'400'000);
  EXPECT_EQ(one_by_one().size(), 3U);
}

TEST_F(AdmissionTest, AnEmptyBucketIsRememberedWhenNothingWaitsForIt) {
  enqueue(1, 5, {rate(1, 1'000, 1, "a")});
  EXPECT_THAT(one_by_one(), ElementsAre(1));
  pass(999);
  enqueue(2, 5, {rate(1, 1'000, 1, "a")});
  EXPECT_THAT(one_by_one(), IsEmpty());
}

TEST_F(AdmissionTest, KeysThatAreNotUsedAnyMoreAreForgotten) {
  for (std::uint64_t i = 1; i <= 100; ++i) {
    enqueue(i, 5, {at_once(1, std::to_string(i)), rate(1, 10, 1, std::to_string(i))});
  }
  EXPECT_EQ(one_by_one().size(), 100U);
  pass(10);
  EXPECT_FALSE(admission->opens_at(now).has_value());
  EXPECT_EQ(admission->limits(now).size(), 2U);  // effects, connector http
}

// ---- what is said

TEST_F(AdmissionTest, SaysWhichLimitAnEffectWaitsForItsPlaceAndWhenItOpens) {
  for (std::uint64_t i = 1; i <= 3; ++i) tickets[i] = enqueue(i, 5, {at_once(1, "acme")});
  tickets[4] = enqueue(4, 9, {at_once(1, "acme")});
  tickets[5] = enqueue(5, 5, {rate(1, 60'000, 1)});
  tickets[6] = enqueue(6, 5, {rate(1, 60'000, 1)});
  EXPECT_THAT(admitted(), ElementsAre(4, 5));
  const auto third = admission->wait_of(tickets.at(3), now);
  EXPECT_EQ(to_string(third.name), "workflow default/orders, key 'acme'");
  EXPECT_EQ(to_string(third.limit), "1 at once");
  EXPECT_EQ(third.used, 1U);
  EXPECT_EQ(third.ahead, 2U);
  EXPECT_EQ(third.waiting, 3U);
  EXPECT_FALSE(third.opens.has_value());
  const auto sixth = admission->wait_of(tickets.at(6), now);
  EXPECT_EQ(sixth.name.scope, Scope::workflow_rate);
  EXPECT_EQ(sixth.opens->ms, now.ms + 60'000);
}

TEST_F(AdmissionTest, ListsLimitsWithWhatIsUsedAndWaits) {
  admission->set_connector("shell", {2, RateLimit{10, 1'000, 20}});
  enqueue(1, 5, {at_once(1, "acme")});
  enqueue(2, 5, {at_once(1, "acme")});
  admitted();
  std::vector<std::string> lines;
  for (const auto& use : admission->limits(now)) {
    lines.push_back(to_string(use.name) + ": " + to_string(use.limit) + ": " + std::to_string(use.used) + ", " +
                    std::to_string(use.waiting));
  }
  EXPECT_THAT(lines, ElementsAre("effects under way: 64 at once: 1, 1", "connector http: no limit: 1, 1",
                                 "connector shell: 2 at once, 10 in PT1S (burst 20): 0, 0",
                                 "workflow default/orders, key 'acme': 1 at once: 1, 1"));
}

// ---- for any sequence of calls

/// An Admission and, beside it, what its header promises, kept in the plainest way.
class World {
 public:
  static constexpr std::int64_t k_effects = 5;
  static constexpr std::int64_t k_key = 2;
  static constexpr std::int64_t k_connector = 3;

  void step() {
    switch (*rc::gen::inRange(0, 9)) {
      case 0:
      case 1:
      case 2: add(); break;
      case 3:
      case 4: admit(); break;
      case 5: end_one(); break;
      case 6: withdraw_one(); break;
      case 7: change_one(); break;
      default: clock(); break;
    }
    RC_ASSERT(admission.waiting() == waiting.size());
    RC_ASSERT(admission.under_way() == under_way.size());
  }

  /// With slots given back and time going on, everything gets through.
  void drain() {
    for (int round = 0; round < 10'000 && !(waiting.empty() && under_way.empty()); ++round) {
      admit();
      while (!under_way.empty()) end(under_way.begin()->first);
      if (const auto opens = admission.opens_at(now)) {
        RC_ASSERT(opens->ms >= now.ms);
        pass(opens->ms - now.ms);
      }
    }
    RC_ASSERT(waiting.empty());
  }

 private:
  struct Effect {
    Admission::Ticket ticket{};
    std::uint8_t priority = 0;
    std::string space;
    std::string connector;
    std::string key;
    bool limited = false;
    bool timed = false;
    std::int64_t since = 0;
  };

  void add() {
    Effect effect;
    effect.priority = static_cast<std::uint8_t>(*rc::gen::inRange(0, 10));
    effect.space = *rc::gen::element<std::string>("one", "two");
    effect.connector = *rc::gen::element<std::string>("http", "shell");
    effect.key = *rc::gen::element<std::string>("", "a", "b");
    effect.limited = *rc::gen::arbitrary<bool>();
    effect.timed = *rc::gen::arbitrary<bool>();
    effect.since = elapsed;
    std::vector<KeyedLimit> limits;
    if (effect.limited) limits.push_back(at_once(k_key, effect.key));
    if (effect.timed) limits.push_back(rate(3, 1'000, 2, effect.key));
    const std::uint64_t number = ++last;
    effect.ticket =
        admission.enqueue({RunId{}, EventSeq{number}, effect.space, effect.connector, effect.priority, limits}, now);
    waiting.emplace(number, effect);
  }

  [[nodiscard]] bool may_go(const Effect& effect) {
    const auto count = [&](auto matches) { return std::ranges::count_if(under_way, matches); };
    if (static_cast<std::int64_t>(under_way.size()) >= k_effects) return false;
    if (effect.connector == "http" &&
        count([](const auto& e) { return e.second.connector == "http"; }) >= k_connector) {
      return false;
    }
    if (effect.limited &&
        count([&](const auto& e) { return e.second.limited && e.second.key == effect.key; }) >= k_key) {
      return false;
    }
    return !effect.timed || bucket(effect.key).tokens_x1000 >= 1'000;
  }

  void admit() {
    while (const auto next = admission.next(now)) {
      const auto it = waiting.find(number_of(next->effect));
      RC_ASSERT(it != waiting.end());
      Effect effect = it->second;
      RC_ASSERT(may_go(effect));  // neither slots nor tokens are ever exceeded
      for (const auto& [number, other] : waiting) {
        const bool alike = other.space == effect.space && other.connector == effect.connector &&
                           other.limited == effect.limited && other.timed == effect.timed && other.key == effect.key;
        const int limits = (other.limited ? 1 : 0) + (other.timed ? 1 : 0) + (other.connector == "http" ? 1 : 0);
        if (!alike || limits > 1 || number >= it->first) continue;
        RC_ASSERT(other.priority < effect.priority);  // first come, first served
      }
      if (effect.timed) bucket(effect.key).tokens_x1000 -= 1'000;
      under_way.emplace(it->first, effect);
      waiting.erase(it);
    }
    // Nothing is held back that might go.
    for (const auto& [number, effect] : waiting) RC_ASSERT(!may_go(effect));
  }

  void end(std::uint64_t number) {
    admission.release(under_way.at(number).ticket);
    under_way.erase(number);
  }
  void end_one() {
    if (under_way.empty()) return;
    end((*rc::gen::elementOf(std::vector(under_way.begin(), under_way.end()))).first);
  }
  void withdraw_one() {
    if (waiting.empty()) return;
    const auto number = (*rc::gen::elementOf(std::vector(waiting.begin(), waiting.end()))).first;
    admission.release(waiting.at(number).ticket);
    waiting.erase(number);
  }
  void change_one() {
    if (waiting.empty()) return;
    const auto number = (*rc::gen::elementOf(std::vector(waiting.begin(), waiting.end()))).first;
    waiting.at(number).priority = static_cast<std::uint8_t>(*rc::gen::inRange(0, 10));
    admission.set_priority(waiting.at(number).ticket, waiting.at(number).priority);
  }
  void clock() {
    const auto by = *rc::gen::weightedOneOf<std::int64_t>({{6, rc::gen::inRange<std::int64_t>(0, 20'000)},
                                                           {1, rc::gen::just<std::int64_t>(-86'400'000)},
                                                           {1, rc::gen::just<std::int64_t>(86'400'000)}});
    pass(by);
  }
  void pass(std::int64_t by) {
    now.ms += by;
    static_cast<void>(admission.opens_at(now));  // it knows of no time but what it is told
    if (by <= 0) return;
    elapsed += by;
    for (auto& [key, one] : buckets) one.tokens_x1000 = std::min<std::int64_t>(2'000, one.tokens_x1000 + 3 * by);
  }

  struct Bucket {
    std::int64_t tokens_x1000 = 2'000;
  };
  Bucket& bucket(const std::string& key) { return buckets[key]; }

  Admission admission{EffectLimits{k_effects, {{"http", {k_connector, std::nullopt}}}}};
  std::map<std::uint64_t, Effect> waiting;
  std::map<std::uint64_t, Effect> under_way;
  std::map<std::string, Bucket> buckets;
  std::uint64_t last = 0;
  std::int64_t elapsed = 0;
  Timestamp now{1'800'000'000'000};
};

RC_GTEST_PROP(AdmissionProperty, KeepsItsPromisesForAnySequenceOfCallsAndLosesNothing, ()) {
  World world;
  const int steps = *rc::gen::inRange(1, 200);
  for (int i = 0; i < steps; ++i) world.step();
  world.drain();
}

RC_GTEST_PROP(TokenBucketProperty, NeverGivesMoreThanBurstAndRateForAnyClock, ()) {
  const RateLimit limit{*rc::gen::inRange<std::int64_t>(1, 1'000), *rc::gen::inRange<std::int64_t>(1, 100'000),
                        *rc::gen::inRange<std::int64_t>(1, 50)};
  Admission admission(EffectLimits{1'000'000, {{"http", {std::nullopt, limit}}}});
  Timestamp now{0};
  std::int64_t passed = 0;
  std::int64_t gone = 0;
  for (const auto by : *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(-5'000, 10'000))) {
    now.ms += by;
    passed += std::max<std::int64_t>(0, by);
    for (std::uint64_t i = 0; i < 60; ++i) {
      admission.enqueue({RunId{}, EventSeq{i + 1}, "default", "http", 5, {}}, now);
    }
    while (const auto next = admission.next(now)) {
      admission.release(next->ticket);
      ++gone;
    }
    RC_ASSERT(gone <= limit.burst + passed * limit.limit / limit.period_ms);
  }
}

}  // namespace
}  // namespace cairn
