// Rules about `use`: what is declared and not used.

#include "workflows/definition/expression_text.h"
#include "workflows/source/pointer.h"

#include <fmt/format.h>

#include "authoring/lint/linter.h"

namespace cairn::authoring {
namespace {

using Names = std::set<std::string, std::less<>>;

void add_text(const Value& value, Names& names) {
  if (value.is_string()) names.insert(value.as_string());
}

/// Names in `{use: NAME}`, at any depth: those below `authentication`, and those of the policies themselves.
void collect_uses(const Value& value, bool of_policy, Names& authentications, Names& secrets) {
  if (value.is_array()) {
    for (const Value& item : value.as_array()) collect_uses(item, false, authentications, secrets);
  } else if (value.is_object()) {
    if (of_policy) add_text(value.get("use"), authentications);
    for (const auto& [name, member] : value.as_object()) {
      if (name == "basic" || name == "bearer" || name == "digest" || name == "oauth2" || name == "oidc" ||
          name == "certificate") {
        add_text(member.get("use"), secrets);
      }
      collect_uses(member, name == "authentication", authentications, secrets);
    }
  }
}

}  // namespace

void Linter::components() {
  Names errors;
  Names retries;
  Names timeouts;
  for (const Node& one : program_.nodes) {
    add_text(one.definition.get("raise").get("error"), errors);
    add_text(one.definition.get("catch").get("retry"), retries);
    add_text(one.definition.get("timeout"), timeouts);
  }
  add_text(program_.definition.get("timeout"), timeouts);
  Names authentications;
  Names secrets;
  collect_uses(program_.definition, false, authentications, secrets);
  bool all_secrets = false;
  for (const ExpressionSource& source : program_.sources) {
    for (const VariableUse& use : free_variables(source.text)) {
      if (use.name != "secrets") continue;
      if (use.member.empty()) all_secrets = true;
      secrets.emplace(use.member);
    }
  }
  unused("unused-function", "functions", "function", used_functions());
  unused("unused-error", "errors", "error", errors);
  unused("unused-retry", "retries", "retry policy", retries);
  unused("unused-timeout", "timeouts", "timeout", timeouts);
  unused("unused-authentication", "authentications", "authentication", authentications);
  if (all_secrets) return;
  for (std::size_t i = 0; i < program_.secrets.size(); ++i) {
    if (secrets.contains(program_.secrets[i])) continue;
    report("unused-secret", fmt::format("/use/secrets/{}", i),
           fmt::format("nothing reads the secret '{}'", program_.secrets[i]), "remove it from use.secrets");
  }
}

void Linter::unused(std::string_view rule, std::string_view registry, std::string_view what, const Names& used) {
  const Value declared = program_.definition.get("use").get(registry);
  if (!declared.is_object()) return;
  for (const auto& [name, value] : declared.as_object()) {
    if (used.contains(name)) continue;
    std::string pointer = fmt::format("/use/{}", registry);
    append_pointer_segment(pointer, name);
    report(rule, pointer, fmt::format("nothing uses the {} '{}'", what, name), "remove it, or use it by its name");
  }
}

/// Those that a run can come to: called by tasks of the workflow or of extensions, or by functions that are.
Names Linter::used_functions() const {
  std::set<NodeId> used;
  std::size_t before = 0;
  do {
    before = used.size();
    for (const NodeId id : all()) {
      const auto* call = std::get_if<CallFunctionBody>(&node(id).body);
      if (call == nullptr) continue;
      const NodeId root = root_of(id);
      const bool in_function = node(root).reference.starts_with("/use/functions/");
      if (!in_function || used.contains(root)) used.insert(call->function);
    }
  } while (used.size() > before);
  Names names;
  for (const NodeId id : used) names.insert(node(id).name);
  return names;
}

}  // namespace cairn::authoring
