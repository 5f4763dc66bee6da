#include "engine/runtime/effect_limits.h"

#include <utility>

namespace cairn {

std::uint8_t priority_of(const Machine& machine, const RunState& state, const PendingEffect& effect) {
  if (state.priority_changed) return state.priority;
  const Node* node = machine.find(effect.task);
  return node == nullptr ? state.priority : node->scheduling.priority.value_or(state.priority);
}

std::vector<KeyedLimit> limits_of(const Machine& machine, const RunState& state, const PendingEffect& effect) {
  using Scope = LimitName::Scope;
  std::vector<KeyedLimit> limits;
  const auto add = [&](const Scheduling& scheduling, const std::string& owner, Scope concurrency, Scope rate,
                       const std::string& concurrency_key, const std::string& rate_key) {
    if (scheduling.concurrency) {
      limits.push_back({{concurrency, owner, concurrency_key}, {scheduling.concurrency->limit, std::nullopt}});
    }
    if (scheduling.rate) limits.push_back({{rate, owner, rate_key}, {std::nullopt, scheduling.rate->rate}});
  };
  const Node* node = machine.find(effect.task);
  const Scheduling& of_workflow = machine.program().scheduling;
  const bool has_own = node != nullptr && (node->scheduling.concurrency || node->scheduling.rate);
  if (!has_own && !of_workflow.concurrency && !of_workflow.rate) return limits;
  const std::string workflow = state.workflow.workflow_namespace + "/" + state.workflow.name;
  add(of_workflow, workflow, Scope::workflow_concurrency, Scope::workflow_rate, state.concurrency_key, state.rate_key);
  if (has_own) {
    add(node->scheduling, effect.task + " of " + workflow, Scope::task_concurrency, Scope::task_rate,
        effect.concurrency_key, effect.rate_key);
  }
  return limits;
}

}  // namespace cairn
