#pragma once
// A folder of workflows, read as a whole: all of it is sound, or what is wrong is told and nothing counts.

#include "cli/definitions.h"

#include <string>
#include <vector>

namespace cairn {

/// A folder's files that may be definitions (.yaml, .yml, and each .json with a top-level `document`), at any depth, hidden ones
/// and files of tests aside, in order of their names.
Result<std::vector<std::string>> files_below(const std::string& folder);

/// The files of tests below a folder (authoring/testing), hidden ones aside, in order of their names.
Result<std::vector<std::string>> test_files_below(const std::string& folder);

/// All definitions below `folder`. Errors, when every finding has been told on stderr: a file is broken or uses what is not run
/// yet, or two have the same namespace, name and version. None at all is no error.
Result<std::vector<DefinitionText>> load_folder(const std::string& folder, const FetchOptions& fetch);

}  // namespace cairn
