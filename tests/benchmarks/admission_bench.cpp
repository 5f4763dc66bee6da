// Admission alone: what one effect costs at the door, in, through and out again, beside others that wait.

#include "engine/runtime/admission.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace cairn::bench {
namespace {

constexpr Timestamp k_now{1'800'000'000'000};

/// `range(0)` effects wait; each round one is admitted and ends, and another comes.
void turn_over(benchmark::State& state, const EffectLimits& limits,
               const std::vector<std::vector<KeyedLimit>>& of_effects) {
  Admission admission(limits);
  std::uint64_t next = 0;
  std::int64_t time = k_now.ms;
  const auto enqueue = [&] {
    admission.enqueue({RunId{}, EventSeq{next + 1}, "default", "http", 5, of_effects.at(next % of_effects.size())},
                      Timestamp{time});
    ++next;
  };
  for (std::int64_t i = 0; i < state.range(0); ++i) enqueue();
  for (auto _ : state) {
    enqueue();
    time += 1;
    if (const auto admitted = admission.next(Timestamp{time})) admission.release(admitted->ticket);
  }
  state.SetItemsProcessed(state.iterations());
}

void admission_unlimited(benchmark::State& state) { turn_over(state, {}, {{}}); }

/// A limit of the connector, and one by each of 1,000 keys.
void admission_keys(benchmark::State& state) {
  std::vector<std::vector<KeyedLimit>> limits;
  for (int key = 0; key < 1'000; ++key) {
    limits.push_back({{{LimitName::Scope::workflow_concurrency, "default/orders", "customer " + std::to_string(key)},
                       {5, std::nullopt}}});
  }
  turn_over(state, {64, {{"http", {20, std::nullopt}}}}, limits);
}

/// More come than the bucket lets go.
void admission_rate(benchmark::State& state) {
  turn_over(state, {64, {{"http", {std::nullopt, RateLimit{500, 1'000, 10}}}}}, {{}});
}

BENCHMARK(admission_unlimited)->Name("admission/unlimited")->Arg(0)->Arg(100'000);
BENCHMARK(admission_keys)->Name("admission/keys")->Arg(0)->Arg(100'000);
BENCHMARK(admission_rate)->Name("admission/rate")->Arg(0)->Iterations(1'000'000);

}  // namespace
}  // namespace cairn::bench
