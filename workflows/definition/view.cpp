#include "workflows/definition/view.h"

#include <algorithm>
#include <array>

namespace cairn {

namespace {

constexpr std::array<std::string_view, 8> k_arguments = {"context",       "input", "output",   "secrets",
                                                         "authorization", "task",  "workflow", "runtime"};

}  // namespace

View View::of(Row row, std::span<const std::string> locals) {
  View view;
  switch (row) {
    case Row::workflow_input:
    case Row::workflow_timeout: view.names = {"workflow", "runtime"}; break;
    case Row::workflow_output: view.names = {"context", "workflow", "runtime"}; break;
    case Row::task_start: view.names = {"context", "task", "workflow", "runtime"}; break;
    case Row::task: view.names = {"context", "input", "task", "workflow", "runtime"}; break;
    case Row::task_export: view.names = {"context", "input", "output", "task", "workflow", "runtime"}; break;
  }
  for (const std::string& local : locals) {
    if (!view.allows(local)) view.names.push_back(local);
  }
  return view;
}

View View::with_secrets() const {
  View view = *this;
  view.secrets = true;
  view.names.emplace_back("secrets");
  return view;
}

View View::without_secrets() const {
  View view = *this;
  view.secrets = false;
  std::erase(view.names, "secrets");
  return view;
}

View View::with_secrets_and_authorization() const {
  View view = with_secrets();
  view.authorization = true;
  view.names.emplace_back("authorization");
  return view;
}

bool View::allows(std::string_view name) const { return std::find(names.begin(), names.end(), name) != names.end(); }

bool is_argument(std::string_view name) {
  return std::find(k_arguments.begin(), k_arguments.end(), name) != k_arguments.end();
}

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto word = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), word) && name != "ENV" &&
         name != "__loc__";  // those two are jq's own
}

}  // namespace cairn
