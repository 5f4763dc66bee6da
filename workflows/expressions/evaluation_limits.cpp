#include "workflows/expressions/evaluation_limits.h"

#include "workflows/core/assert.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace cairn {
namespace {

using jq::Exhausted;
using jq::Limits;

constexpr EvaluationLimit k_limits[] = {
    {"steps", limits::k_expression_steps_ceiling, "steps", Exhausted::fuel},
    {"memory", limits::k_expression_memory_ceiling, "bytes of memory in all, freed or not", Exhausted::bytes},
    {"outputs", limits::k_expression_outputs_ceiling, "results", Exhausted::outputs},
    {"text", limits::k_expression_text_ceiling, "bytes in one text", Exhausted::text},
    {"depth", limits::k_value_depth, "levels of nesting", Exhausted::depth},
    {"calls", limits::k_expression_calls_ceiling, "calls inside one another", Exhausted::frames},
};

std::variant<std::uint64_t Limits::*, std::uint32_t Limits::*> member_of(const EvaluationLimit& limit) {
  switch (limit.exhausted) {
    case Exhausted::fuel: return &Limits::fuel;
    case Exhausted::bytes: return &Limits::bytes;
    case Exhausted::outputs: return &Limits::outputs;
    case Exhausted::text: return &Limits::text_bytes;
    case Exhausted::depth: return &Limits::depth;
    case Exhausted::frames: return &Limits::frames;
    case Exhausted::none: break;
  }
  CAIRN_ASSERT(false, "a limit that limits nothing");
}

}  // namespace

std::span<const EvaluationLimit> evaluation_limits() { return k_limits; }

const EvaluationLimit* find_evaluation_limit(std::string_view name) {
  const auto* const found = std::ranges::find(k_limits, name, &EvaluationLimit::name);
  return found == std::end(k_limits) ? nullptr : found;
}

const EvaluationLimit& evaluation_limit(Exhausted exhausted) {
  const auto* const found = std::ranges::find(k_limits, exhausted, &EvaluationLimit::exhausted);
  CAIRN_ASSERT(found != std::end(k_limits), "a limit without a name");
  return *found;
}

std::uint64_t value_of(const EvaluationLimit& limit, const Limits& limits) {
  return std::visit([&](auto member) -> std::uint64_t { return limits.*member; }, member_of(limit));
}

void set(const EvaluationLimit& limit, Limits& limits, std::uint64_t value) {
  CAIRN_ASSERT(value >= 1 && value <= limit.ceiling, "a limit beyond its ceiling");
  std::visit(
      [&](auto member) { limits.*member = static_cast<std::remove_reference_t<decltype(limits.*member)>>(value); },
      member_of(limit));
}

std::string exceeded(const EvaluationLimit& limit, const Limits& limits, std::string_view setting) {
  const std::uint64_t value = value_of(limit, limits);
  const std::string what = fmt::format("the expression takes more than {} {}", value, limit.unit);
  if (value >= limit.ceiling) return what + ", which is the most that can be allowed";
  return fmt::format("{}; {} raises the limit, up to {}", what, setting, limit.ceiling);
}

}  // namespace cairn
