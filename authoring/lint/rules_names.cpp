// Rules about variables.

#include <fmt/format.h>

#include <algorithm>

#include "authoring/lint/linter.h"

namespace cairn::authoring {
namespace {

/// The variables that the tasks inside this one see because of it.
std::vector<std::string> variables_of(const Node& node) {
  if (const auto* loop = std::get_if<ForBody>(&node.body)) return {loop->each, loop->at};
  if (const auto* guard = std::get_if<TryBody>(&node.body)) return {guard->as};
  if (const auto* listen = std::get_if<ListenBody>(&node.body); listen != nullptr && listen->foreach) {
    return {listen->foreach->item, listen->foreach->at};
  }
  return {};
}

}  // namespace

void Linter::names() {
  for (const NodeId id : all()) {
    const Node& one = node(id);
    if (std::holds_alternative<ForBody>(one.body)) {
      variable(one, "/for/each", one.reference, {"/do/", "/while"});
      variable(one, "/for/at", one.reference, {"/do/", "/while"});
    } else if (const auto* guard = std::get_if<TryBody>(&one.body)) {
      std::vector<std::string> scopes{"/catch/"};
      const Value retry = one.definition.get("catch").get("retry");
      if (guard->retry && retry.is_string()) scopes.push_back("/use/retries/" + retry.as_string());
      variable(one, "/catch/as", one.reference, scopes);
    } else if (std::holds_alternative<ListenBody>(one.body)) {
      variable(one, "/foreach/item", one.reference, {"/foreach/"});
      variable(one, "/foreach/at", one.reference, {"/foreach/"});
    }
    shadowing(id);
  }
}

/// A variable that is named at `key` below the task, and is seen in the scopes (below the task, or from the root).
void Linter::variable(const Node& owner, std::string_view key, const std::string& base,
                      const std::vector<std::string>& scopes) {
  Value name = owner.definition;
  std::string_view rest = key;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    name = name.get(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (!name.is_string()) return;  // the usual name
  std::vector<std::string> below;
  for (const std::string& scope : scopes) below.push_back(scope.starts_with("/use/") ? scope : base + scope);
  if (is_read(name.as_string(), below)) return;
  report("unused-variable", base + std::string(key), fmt::format("no expression reads ${}", name.as_string()),
         "leave its name out, or use it");
}

void Linter::shadowing(NodeId id) {
  const auto own = variables_of(node(id));
  if (own.empty()) return;
  for (std::optional<NodeId> around = node(id).parent; around; around = node(*around).parent) {
    const Node& outer = node(*around);
    for (const std::string& name : variables_of(outer)) {
      if (std::ranges::find(own, name) == own.end()) continue;
      // The error of a `try` is seen by its handler only.
      if (std::holds_alternative<TryBody>(outer.body) && !node(id).reference.starts_with(outer.reference + "/catch/")) {
        continue;
      }
      // Names that nobody has chosen hide one another only where the outer one is read.
      const bool chosen = std::ranges::any_of(own, [&](const std::string& mine) {
        return mine == name && name != "item" && name != "index" && name != "error";
      });
      const bool read_inside = is_read(name, {node(id).reference + "/"});
      if (!chosen && !read_inside) continue;
      report("shadowed-variable", node(id).reference,
             fmt::format("in '{}' ${} hides the ${} of '{}' around it", node(id).name, name, name, outer.name),
             "give one of them another name");
    }
  }
}

}  // namespace cairn::authoring
