// use: the components a definition shares.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

void Compiler::collect_use(const Place& place) {
  Fields fields(findings_, place, "'use'");
  collect_registry(fields, "authentications", authentications_);
  collect_registry(fields, "errors", errors_);
  collect_registry(fields, "functions", functions_);
  collect_registry(fields, "retries", retries_);
  collect_registry(fields, "timeouts", timeouts_);
  collect_registry(fields, "catalogs", catalogs_);
  if (const auto secrets = fields.take("secrets")) collect_secrets(*secrets);
  if (const auto found = fields.take("extensions")) extensions_place_ = &kept_places_.emplace_back(*found);
  fields.done();
}

void Compiler::collect_registry(Fields& fields, std::string_view key, Registry& registry) {
  const auto found = fields.take(key);
  if (!found || !is_object(findings_, *found, "components by name (an object)")) return;
  const Place& kept = kept_places_.emplace_back(*found);
  for (const SourceMember& member : kept.node->members) registry.emplace(member.key, kept.member(member));
}

void Compiler::collect_secrets(const Place& place) {
  if (!is_list(findings_, place, "a list of secrets' names")) return;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    const auto name = read_string(findings_, item, "a secret's name (a string)");
    if (!name) continue;
    if (name->empty()) {
      findings_.error(item, "a secret's name cannot be empty");
    } else if (secrets_.insert(*name).second) {
      program_.secrets.push_back(*name);
    } else {
      findings_.error(item, fmt::format("the secret '{}' is in this list already", shown(*name)));
    }
  }
}

Compiler::UnknownSecret Compiler::unknown_secret(std::string_view name) const {
  const std::vector<std::string_view> candidates(secrets_.begin(), secrets_.end());
  std::string hint = did_you_mean_or_list(name, candidates);
  if (hint.empty()) hint = "add it to use.secrets";
  return {fmt::format("the secret '{}' is not in use.secrets", shown(name)), std::move(hint)};
}

const Place* Compiler::find_component(Registry& registry, const Place& name_place, const std::string& name,
                                      std::string_view what) {
  const auto found = registry.find(name);
  if (found != registry.end()) {
    used_.insert(&found->second);
    return &found->second;
  }
  std::string hint = did_you_mean_or_list(name, names_of(registry));
  if (hint.empty()) hint = fmt::format("define it in 'use'");
  findings_.error(name_place, fmt::format("there is no {} '{}' in use", what, shown(name)), std::move(hint));
  return nullptr;
}

void Compiler::allocate_functions() {
  for (const auto& [name, place] : functions_) {
    if (program_.nodes.size() >= limits::k_definition_tasks) {
      findings_.error(place, fmt::format("the definition has more than {} tasks", limits::k_definition_tasks));
      return;
    }
    function_nodes_.emplace(name, new_node());
  }
}

void Compiler::compile_functions() {
  const Siblings siblings{Siblings::Kind::function, {}, nullptr};
  const auto own = function_nodes_;  // calls add those from outside
  for (const auto& [name, id] : own) {
    if (!functions_.contains(name)) continue;
    task(functions_.at(name), name, id, std::nullopt, std::nullopt, siblings, {});
  }
}

void Compiler::check_unused_components() {
  // A component is checked wherever it is used, with the variables of that place; one that nobody uses is checked here.
  const auto each_unused = [this](Registry& registry, const auto& check) {
    for (auto& [name, place] : registry) {
      if (!used_.contains(&place)) check(place);
    }
  };
  const Locals error_variable = {"error"};
  const View view = View::of(Row::task, error_variable);
  each_unused(authentications_, [&](const Place& place) { authentication_policy(place, view.with_secrets()); });
  each_unused(errors_, [&](const Place& place) { error_definition(place, view); });
  each_unused(retries_, [&](const Place& place) { retry_policy(place, view); });
  each_unused(timeouts_, [&](const Place& place) { timeout_definition(place, view); });
  for (auto& [name, place] : catalogs_) {
    Fields fields(findings_, place, "a catalog");
    if (const auto found = fields.require("endpoint"))
      endpoint(*found, View::of(Row::workflow_input, {}).with_secrets());
    fields.done();
  }
}

void Compiler::extensions(const Place& place) {
  if (!is_list(findings_, place, "a list of extensions")) return;
  const Locals none;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    if (!is_object(findings_, item, "an extension (an object with one key, its name)")) continue;
    if (item.node->members.size() != 1) {
      findings_.error(item, "an extension is an object with one key, its name");
      if (item.node->members.empty()) continue;
    }
    const Place place_of_one = item.member(item.node->members.front());
    Extension extension;
    extension.reference = place_of_one.pointer();
    Fields fields(findings_, place_of_one, "an extension");
    if (const auto extend = fields.require("extend")) {
      extension.extend = read_choice(findings_, *extend,
                                     {"call", "composite", "emit", "for", "listen", "raise", "run", "set", "switch",
                                      "try", "wait", "all"})
                             .value_or("");
    }
    if (const auto when = fields.take("when")) extension.when = condition(*when, View::of(Row::task, none));
    if (const auto before = fields.take("before")) extension.before = extension_stage(*before, false);
    if (const auto after = fields.take("after")) extension.after = extension_stage(*after, true);
    fields.done();
    program_.extensions.push_back(std::move(extension));
  }
}

NodeId Compiler::extension_stage(const Place& place, bool after) {
  const NodeId id = new_node();
  Node node;
  node.name = fmt::format("{}/{}", place.up->key, place.key);
  node.reference = place.pointer();
  node.kind = "extension";
  node.definition = Value::object({{"do", place.value()}});
  node.body = ExtensionStageBody{task_list(place, id, {}), after};
  program_.nodes[index_of(id)] = std::move(node);
  return id;
}

}  // namespace cairn
