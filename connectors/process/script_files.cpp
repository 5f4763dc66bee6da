#include "connectors/process/script_files.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace cairn {

namespace {

namespace fs = std::filesystem;

constexpr std::array<ScriptLanguage, 2> k_languages = {{
    {"js", "node", "Install Node.js 18 or newer (Debian: apt-get install nodejs)", "script.mjs"},
    {"python", "python3", "Install Python 3 (Debian: apt-get install python3)", "script.py"},
}};

// An ES module has no require(); scripts that were written for CommonJS call it all the same.
constexpr std::string_view k_require =
    "globalThis.require = require('node:module').createRequire(process.cwd() + '/');\n";

Problem cannot_write(const std::string& path) {
  return make_problem(StandardError::runtime, "Script not written",
                      fmt::format("{}: {}", path, std::generic_category().message(errno)));
}

OrProblem<void> write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) return cannot_write(path);
  return boost::outcome_v2::success();
}

}  // namespace

OrProblem<const ScriptLanguage*> find_language(const std::string& name) {
  for (const auto& language : k_languages) {
    if (language.name == name) return &language;
  }
  return make_problem(StandardError::configuration, "Unsupported language",
                      fmt::format("scripts are written in js or python, not '{}'", name));
}

OrProblem<std::shared_ptr<ScriptFiles>> ScriptFiles::write(const ScriptLanguage& language, std::string_view code) {
  std::error_code error;
  fs::path parent = fs::temp_directory_path(error);
  if (error) parent = "/tmp";
  std::string directory = (parent / "cairn-script-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) return cannot_write(directory);
  std::shared_ptr<ScriptFiles> files(new ScriptFiles(directory));
  const std::string script = directory + "/" + std::string(language.file);
  CONNECTOR_TRY(write_file(script, code));
  if (language.name == "js") {
    const std::string prelude = directory + "/require.cjs";
    CONNECTOR_TRY(write_file(prelude, k_require));
    const fs::path packages = fs::current_path(error) / "node_modules";
    if (fs::is_directory(packages, error)) fs::create_directory_symlink(packages, directory + "/node_modules", error);
    if (error && error != std::errc::no_such_file_or_directory) {
      return make_problem(StandardError::runtime, "Script not written", packages.string() + ": " + error.message());
    }
    files->arguments_ = {"--require", prelude};
  }
  files->arguments_.push_back(script);
  return files;
}

ScriptFiles::~ScriptFiles() {
  // What cannot be removed is left to whoever cleans the temporary directory.
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

}  // namespace cairn
