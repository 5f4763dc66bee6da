#pragma once
// A script on disk: what its interpreter reads, in a directory of its own that goes with its owner.

#include "connectors/http/or_problem.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// A language of the standard and what runs it.
struct ScriptLanguage {
  std::string_view name;         ///< as written in `language`
  std::string_view interpreter;  ///< found on PATH
  std::string_view remedy;       ///< how to get it
  std::string_view file;         ///< the script's file name
};

/// js or python; another language is a configuration problem.
OrProblem<const ScriptLanguage*> find_language(const std::string& name);

class ScriptFiles {
 public:
  /// Writes `code` into a fresh directory that only this user may enter. A directory that cannot be written is a
  /// runtime problem. JavaScript is an ES module, which may also call require(); both find packages in the node_modules
  /// of the working directory.
  static OrProblem<std::shared_ptr<ScriptFiles>> write(const ScriptLanguage& language, std::string_view code);

  ScriptFiles(const ScriptFiles&) = delete;
  ScriptFiles& operator=(const ScriptFiles&) = delete;
  ~ScriptFiles();

  /// What follows the interpreter on its command line.
  [[nodiscard]] const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  explicit ScriptFiles(std::string directory) : directory_(std::move(directory)) {}
  std::string directory_;
  std::vector<std::string> arguments_;
};

}  // namespace cairn
