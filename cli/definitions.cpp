#include "cli/definitions.h"

#include "cli/secret_sources.h"
#include "cli/terminal.h"
#include "cli/text_file.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace cairn {

HttpOptions http_options(const Settings& settings) {
  HttpOptions options;
  options.connect_timeout_ms = settings.http_connect_timeout_ms;
  options.total_timeout_ms = settings.http_timeout_ms;
  options.ca_file = settings.http_ca_file;
  options.client_cert = settings.http_client_certificate;
  options.client_key = settings.http_client_key;
  options.proxy = settings.http_proxy;
  return options;
}

FetchOptions fetch_options(const Settings& settings, Value secrets) {
  FetchOptions fetch;
  fetch.http = http_options(settings);
  fetch.default_catalog = settings.catalog;
  fetch.secrets = std::move(secrets);
  fetch.secret_source = secret_sources(settings);
  return fetch;
}

Result<CheckedFile> check_file(const std::string& path, FetchOptions fetch) {
  CheckedFile file;
  file.path = path == "-" ? "standard input" : path;
  CAIRN_TRY(const auto text, read_text_file(path, limits::k_definition_bytes));
  if (path != "-") fetch.folder = std::filesystem::path(path).parent_path().string();
  CompleteDefinition complete = complete_definition(text, fetch);
  file.text = std::move(complete.text);
  file.loaded = std::move(complete.loaded);
  return file;
}

void print_findings(const CheckedFile& file) {
  standard_error().write(format_diagnostics(file.loaded.diagnostics, file.text, file.path));
}

Result<std::vector<DefinitionText>> load_to_run(const std::vector<std::string>& paths, const FetchOptions& fetch) {
  std::vector<DefinitionText> definitions;
  std::string invalid;
  std::string unsupported;
  for (const auto& path : paths) {
    CAIRN_TRY(auto file, check_file(path, fetch));
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
