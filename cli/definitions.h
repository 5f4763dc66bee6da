#pragma once
// Definitions named on the command line: read, checked, and what was found told on stderr.

#include "cli/settings.h"
#include "connectors/bundle/complete.h"
#include "engine/runtime/engine.h"

#include <string>
#include <vector>

namespace cairn {

/// A definition that a file held, and what was found in it.
struct CheckedFile {
  std::string path;
  std::string text;  ///< with what it takes from outside
  LoadedDefinition loaded;
};

/// Of requests that cairn makes.
HttpOptions http_options(const Settings& settings);

/// How what a definition takes from outside is fetched. `secrets`: an object, for its policies.
FetchOptions fetch_options(const Settings& settings, Value secrets = {});

/// Reads and checks one file, with what it takes from outside. Errors: it cannot be read.
Result<CheckedFile> check_file(const std::string& path, FetchOptions fetch);

/// What was found, on stderr.
void print_findings(const CheckedFile& file);

/// Reads all of `paths`, the workflow to run first. All findings of all files are on stderr afterwards.
/// invalid_definition, unsupported: it may not run; the error is short, since the findings are told.
Result<std::vector<DefinitionText>> load_to_run(const std::vector<std::string>& paths, const FetchOptions& fetch);

}  // namespace cairn
