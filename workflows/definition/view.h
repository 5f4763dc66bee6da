#pragma once
// What an expression may read, by where it stands: the standard's table, and our stricter rule for secrets.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Rows of the standard's table of expression arguments, and the places it has no row for.
enum class Row {
  workflow_input,    ///< workflow input.from
  workflow_output,   ///< workflow output.as
  workflow_timeout,  ///< no row: as workflow input.from
  task_start,        ///< task `if` and input.from
  task,              ///< the task's definition: all else but the next
  task_export,       ///< export.as
};

/// Names an expression may use.
struct View {
  std::vector<std::string> names;  ///< without '$', loop and catch variables included
  bool secrets = false;            ///< an effect's arguments: $secrets may be read
  bool authorization = false;      ///< arguments of call: http and call: openapi

  /// The row's arguments and `locals`: loop and catch variables, outermost first.
  static View of(Row row, std::span<const std::string> locals);
  [[nodiscard]] View with_secrets() const;
  [[nodiscard]] View without_secrets() const;
  [[nodiscard]] View with_secrets_and_authorization() const;
  [[nodiscard]] bool allows(std::string_view name) const;
};

/// A name the standard reserves for an expression argument, allowed here or not.
bool is_argument(std::string_view name);

/// Whether jq can have a variable of that name.
bool is_variable_name(std::string_view name);

}  // namespace cairn
