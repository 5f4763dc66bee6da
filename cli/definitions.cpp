#include "cli/definitions.h"

#include "cli/terminal.h"
#include "cli/text_file.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {

Result<CheckedFile> check_file(const std::string& path) {
  CheckedFile file;
  file.path = path == "-" ? "standard input" : path;
  CAIRN_TRY(file.text, read_text_file(path, limits::k_definition_bytes));
  file.loaded = load_definition(file.text);
  return file;
}

void print_findings(const CheckedFile& file) {
  standard_error().write(format_diagnostics(file.loaded.diagnostics, file.text, file.path));
}

Result<std::vector<DefinitionText>> load_to_run(const std::vector<std::string>& paths) {
  std::vector<DefinitionText> definitions;
  std::string invalid;
  std::string unsupported;
  for (const auto& path : paths) {
    CAIRN_TRY(auto file, check_file(path));
    print_findings(file);
    if (!file.loaded.ok()) {
      if (invalid.empty()) invalid = file.path;
      continue;
    }
    if (!file.loaded.program->unsupported.empty() && unsupported.empty()) unsupported = file.path;
    definitions.push_back({std::move(file.text), std::move(file.loaded.program)});
  }
  if (!invalid.empty()) return make_error(ErrorCode::invalid_definition, "the definition has errors", invalid);
  if (!unsupported.empty()) {
    return make_error(ErrorCode::unsupported, "it uses what this version does not run; nothing was started",
                      unsupported, "docs/dsl-support.md lists what is supported");
  }
  return definitions;
}

}  // namespace cairn
