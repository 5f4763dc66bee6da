#include "cli/workflow_folder.h"

#include "cli/text_file.h"
#include "workflows/core/limits.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "authoring/testing/suite.h"

namespace cairn {
namespace {

/// YAML in a folder of workflows is taken for one. JSON may be anything (inputs lie beside workflows): it is a definition
/// when it has a top-level `document`.
bool is_definition(const std::filesystem::path& path) {
  if (authoring::is_test_file(path.string())) return false;
  const auto extension = path.extension();
  if (extension == ".yaml" || extension == ".yml") return true;
  if (extension != ".json") return false;
  const auto text = read_text_file(path.string(), limits::k_definition_bytes);
  if (!text) return false;
  const auto value = parse_json(text.value());
  return value && value.value().find("document") != nullptr;
}

template <class Wanted>
Result<std::vector<std::string>> entries_below(const std::string& folder, const Wanted& is_wanted) {
  std::error_code error;
  std::vector<std::string> files;
  std::filesystem::recursive_directory_iterator entries(folder, error);
  while (!error && entries != std::filesystem::recursive_directory_iterator()) {
    const bool hidden = entries->path().filename().string().starts_with('.');
    if (entries->is_directory() && hidden) entries.disable_recursion_pending();
    if (!hidden && entries->is_regular_file() && is_wanted(entries->path())) files.push_back(entries->path().string());
    entries.increment(error);
  }
  if (error) return make_error(ErrorCode::io, error.message(), folder);
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<std::vector<std::string>> files_below(const std::string& folder) { return entries_below(folder, is_definition); }

Result<std::vector<std::string>> test_files_below(const std::string& folder) {
  return entries_below(folder,
                       [](const std::filesystem::path& path) { return authoring::is_test_file(path.string()); });
}

Result<std::vector<DefinitionText>> load_folder(const std::string& folder, const FetchOptions& fetch) {
  CAIRN_TRY(const auto files, files_below(folder));
  CAIRN_TRY(auto definitions, load_to_run(files, fetch));
  std::map<std::string, std::string> by_identity;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string identity = definitions[i].program->identity.to_string();
    const auto [it, is_first] = by_identity.emplace(identity, files[i]);
    if (is_first) continue;
    return make_error(ErrorCode::invalid_definition, fmt::format("{} has {}, too", it->second, identity), files[i],
                      "Give one of them another version or name");
  }
  return definitions;
}

}  // namespace cairn
