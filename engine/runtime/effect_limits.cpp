#include "engine/runtime/effect_limits.h"

#include <utility>

namespace cairn {

EffectTerms terms_of(const Machine& machine, const RunState& state, const PendingEffect& effect) {
  using Scope = LimitName::Scope;
  const Node* node = machine.find(effect.task);
  EffectTerms terms;
  terms.priority = state.priority;
  if (node != nullptr && !state.priority_changed) terms.priority = node->scheduling.priority.value_or(state.priority);
  const auto add = [&](const Scheduling& scheduling, const std::string& owner, Scope concurrency, Scope rate,
                       const Value& keys) {
    const auto key = [&keys](std::string_view name) {
      const Value text = keys.get(name);
      return text.is_string() ? text.as_string() : std::string();
    };
    if (scheduling.concurrency) {
      terms.limits.push_back({{concurrency, owner, key("concurrency")}, {scheduling.concurrency->limit, std::nullopt}});
    }
    if (scheduling.rate) terms.limits.push_back({{rate, owner, key("rate")}, {std::nullopt, scheduling.rate->rate}});
  };
  const Scheduling& of_workflow = machine.program().scheduling;
  const bool has_own = node != nullptr && (node->scheduling.concurrency || node->scheduling.rate);
  if (!has_own && !of_workflow.concurrency && !of_workflow.rate) return terms;
  const std::string workflow = state.workflow.workflow_namespace + "/" + state.workflow.name;
  add(of_workflow, workflow, Scope::workflow_concurrency, Scope::workflow_rate, state.limit_keys);
  if (has_own) {
    add(node->scheduling, effect.task + " of " + workflow, Scope::task_concurrency, Scope::task_rate,
        effect.limit_keys);
  }
  return terms;
}

}  // namespace cairn
