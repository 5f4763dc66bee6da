// Rules about the ways between tasks.

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>
#include <fmt/format.h>

#include <algorithm>

#include "authoring/lint/linter.h"

namespace cairn::authoring {

void Linter::flow() {
  for (const auto& list : program_.lists) {
    // Branches of a fork are no list of this kind; a list holds tasks that follow one another.
    if (!list.empty()) flow_of(list);
  }
}

/// The tasks of its list that a task may go on with.
std::vector<NodeId> Linter::followers(NodeId id) const {
  const Node& from = node(id);
  std::vector<NodeId> ways;
  const auto add = [&](const Transition& transition) {
    if (transition.kind == Transition::Kind::go_to) ways.push_back(transition.target);
    if (transition.kind == Transition::Kind::proceed && from.next) ways.push_back(*from.next);
  };
  if (from.condition && from.next) ways.push_back(*from.next);  // passed over
  if (std::holds_alternative<RaiseBody>(from.body)) return ways;
  if (const auto* body = std::get_if<SwitchBody>(&from.body)) {
    bool has_default = false;
    for (const auto& one : body->cases) {
      add(one.then);
      has_default = has_default || !one.when;
    }
    if (!has_default) add(from.then);
    return ways;
  }
  if (const auto* guard = std::get_if<TryBody>(&from.body); guard != nullptr && guard->then) add(*guard->then);
  add(from.then);
  return ways;
}

/// Whether a task may end or exit its list, or is the last one.
bool Linter::leaves(NodeId id) const {
  const Node& from = node(id);
  const auto out = [&](const Transition& transition) {
    return transition.kind == Transition::Kind::exit || transition.kind == Transition::Kind::end ||
           (transition.kind == Transition::Kind::proceed && !from.next);
  };
  if (from.condition && !from.next) return true;
  if (std::holds_alternative<RaiseBody>(from.body)) return true;
  if (const auto* body = std::get_if<SwitchBody>(&from.body)) {
    const bool has_default = std::ranges::any_of(body->cases, [](const auto& one) { return !one.when; });
    return std::ranges::any_of(body->cases, [&](const auto& one) { return out(one.then); }) ||
           (!has_default && out(from.then));
  }
  const auto* guard = std::get_if<TryBody>(&from.body);
  if (guard != nullptr && guard->then && out(*guard->then)) return true;
  return out(from.then);
}

void Linter::flow_of(const std::vector<NodeId>& list) {
  std::set<NodeId> reached{list.front()};
  std::vector<NodeId> todo{list.front()};
  while (!todo.empty()) {
    const NodeId at = todo.back();
    todo.pop_back();
    for (const NodeId next : followers(at)) {
      if (reached.insert(next).second) todo.push_back(next);
    }
  }
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (reached.contains(list[i])) continue;
    report(
        "unreachable-task", node(list[i]).reference,
        fmt::format("no way leads to '{}': '{}' before it never goes on", node(list[i]).name, node(list[i - 1]).name),
        "remove it, or let a `then` name it");
  }
  loops_of(list, reached);
}

void Linter::loops_of(const std::vector<NodeId>& list, const std::set<NodeId>& reached) {
  std::map<NodeId, std::size_t> places;
  for (std::size_t i = 0; i < list.size(); ++i) places.emplace(list[i], i);
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> graph(list.size());
  std::set<NodeId> on_themselves;
  for (const NodeId from : list) {
    if (!reached.contains(from)) continue;
    for (const NodeId to : followers(from)) {
      boost::add_edge(places.at(from), places.at(to), graph);
      if (from == to) on_themselves.insert(from);
    }
  }
  std::vector<std::size_t> component(list.size());
  boost::strong_components(graph, component.data());
  std::map<std::size_t, std::vector<NodeId>> rounds;
  for (const NodeId id : list) rounds[component[places.at(id)]].push_back(id);
  for (const auto& [number, round] : rounds) {
    if (round.size() > 1 || on_themselves.contains(round.front())) loop(round);
  }
}

/// Tasks of one list, in order, of which each can lead to each.
void Linter::loop(const std::vector<NodeId>& round) {
  if (std::ranges::any_of(round, [&](NodeId one) { return pausing_.contains(one); })) return;
  const std::set<NodeId> inside(round.begin(), round.end());
  const bool has_way_out = std::ranges::any_of(round, [&](NodeId one) {
    const auto ways = followers(one);
    return leaves(one) || std::ranges::any_of(ways, [&](NodeId next) { return !inside.contains(next); });
  });
  const bool calls = std::ranges::any_of(round, [&](NodeId one) { return calling_.contains(one); });
  // A task that goes on with itself asks again at once; a round of several with a call may well turn pages.
  if (has_way_out && calls && round.size() > 1) return;
  const std::string& first = node(round.front()).name;
  report("loop-without-wait", node(round.front()).reference,
         fmt::format("the tasks from '{}' on go round without a pause{}", first,
                     has_way_out ? "" : ", and without an end"),
         "add a `wait`, or use `for`");
}

}  // namespace cairn::authoring
