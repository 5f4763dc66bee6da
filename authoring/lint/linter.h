#pragma once
// Linter: one pass of all rules over one definition. Private to authoring/lint; lint() is its door. One file holds the rules
// of one subject: rules_flow, rules_components, rules_errors, rules_names, rules_secrets.

#include "workflows/source/source.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/lint/lint.h"

namespace cairn::authoring {

class Linter {
 public:
  /// Borrows both.
  Linter(const SourceDocument& document, const Program& program);

  std::vector<LintFinding> run();

 private:
  // rules_flow.cpp
  void flow();
  void flow_of(const std::vector<NodeId>& list);
  [[nodiscard]] std::vector<NodeId> followers(NodeId id) const;
  [[nodiscard]] bool leaves(NodeId id) const;
  void loops_of(const std::vector<NodeId>& list, const std::set<NodeId>& reached);
  void loop(const std::vector<NodeId>& round);

  // rules_components.cpp
  void components();
  void unused(std::string_view rule, std::string_view registry, std::string_view what,
              const std::set<std::string, std::less<>>& used);
  [[nodiscard]] std::set<std::string, std::less<>> used_functions() const;

  // rules_errors.cpp
  void errors();
  void timeouts();
  [[nodiscard]] bool has_time_limit(NodeId id, std::set<NodeId>& asked) const;

  // rules_names.cpp
  void names();
  void variable(const Node& owner, std::string_view key, const std::string& base,
                const std::vector<std::string>& scopes);
  void shadowing(NodeId id);

  // rules_secrets.cpp
  void secrets();
  void secrets_of_call(const Node& node);
  void literal_secrets(const Value& value, const std::string& pointer);

  // linter.cpp
  void report(std::string_view rule, const std::string& pointer, std::string message, std::string hint);
  void check_exceptions(const Value& metadata, const std::string& pointer);
  [[nodiscard]] bool is_ignored(std::string_view rule, const std::string& pointer) const;
  [[nodiscard]] std::optional<SourcePosition> position_of(const std::string& pointer) const;
  [[nodiscard]] const Node& node(NodeId id) const { return program_.node(id); }
  /// The outermost task around one: of the top level, a function, an extension's stage.
  [[nodiscard]] NodeId root_of(NodeId id) const;
  [[nodiscard]] std::vector<NodeId> all() const;
  /// Whether an expression below one of these places (pointers' beginnings) reads the variable.
  [[nodiscard]] bool is_read(std::string_view name, const std::vector<std::string>& below) const;

  const SourceDocument& document_;
  const Program& program_;
  std::vector<LintFinding> found_;
  std::set<NodeId> pausing_;                                           ///< tasks that are or hold a `wait` or `listen`
  std::set<NodeId> calling_;                                           ///< tasks that are or hold a call or process
  std::map<NodeId, std::vector<NodeId>> callers_;                      ///< of functions
  std::vector<std::set<std::string, std::less<>>> reads_;              ///< variables of each expression of the program
  std::map<std::string, std::set<std::string, std::less<>>> ignored_;  ///< by pointer of a task; "" of the document
};

/// Whether an expression in `text` reads $secrets or $authorization.
bool reads_secret(const Value& text);

}  // namespace cairn::authoring
