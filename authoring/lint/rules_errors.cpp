// Rules about what goes wrong: errors that are hidden, retries and calls without an end.

#include <fmt/format.h>

#include <algorithm>

#include "authoring/lint/linter.h"

namespace cairn::authoring {

void Linter::errors() {
  for (const Node& one : program_.nodes) {
    const auto* guard = std::get_if<TryBody>(&one.body);
    if (guard == nullptr) continue;
    const ErrorFilter& filter = guard->filter;
    const bool chooses = filter.type || filter.status || filter.instance || filter.title || filter.detail ||
                         guard->when || guard->except_when;
    const bool handles = guard->handler && !program_.list(*guard->handler).empty();
    const bool raises_again = guard->retry && !guard->then && !guard->handler;
    if (!chooses && !handles && !raises_again) {
      report("catch-hides-errors", one.reference + "/catch",
             fmt::format("'{}' catches every error and does nothing about it", one.name),
             "say which errors are meant with `errors.with` or `when`, or do something in `do`");
    }
    if (guard->retry && !guard->retry->attempt_count && !guard->retry->duration) {
      const Value retry = one.definition.get("catch").get("retry");
      report("retry-without-limit", one.reference + "/catch/retry",
             retry.is_string() ? fmt::format("the retry policy '{}' never gives up", retry.as_string())
                               : std::string("this retry policy never gives up"),
             "set `limit.attempt.count` or `limit.duration`");
    }
  }
}

void Linter::timeouts() {
  if (program_.timeout) return;
  for (const NodeId id : all()) {
    const auto* effect = std::get_if<EffectBody>(&node(id).body);
    std::set<NodeId> asked;
    if (effect == nullptr || !effect->await || has_time_limit(id, asked)) continue;
    report("call-without-timeout", node(id).reference,
           fmt::format("nothing limits how long '{}' may take", node(id).name),
           "give it a `timeout`, or a task around it, or the workflow");
  }
}

/// Whether a timeout of it, of a task around it or of everything that calls its function ends it.
bool Linter::has_time_limit(NodeId id, std::set<NodeId>& asked) const {
  NodeId at = id;
  while (true) {
    const auto* guard = std::get_if<TryBody>(&node(at).body);
    if (node(at).timeout || (guard != nullptr && guard->retry && guard->retry->attempt_duration)) return true;
    if (!node(at).parent) break;
    at = *node(at).parent;
  }
  if (!node(at).reference.starts_with("/use/functions/")) return false;
  if (!asked.insert(at).second) return true;  // it calls itself: whoever calls it first decides
  const auto callers = callers_.find(at);
  return callers == callers_.end() ||
         std::ranges::all_of(callers->second, [&](NodeId caller) { return has_time_limit(caller, asked); });
}

}  // namespace cairn::authoring
