#pragma once
// Files of tests run in memory.

#include "workflows/definition/load.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "authoring/testing/runner.h"

namespace cairn::authoring::tests {

class InMemory {
 public:
  /// `tasks`: the YAML below `document:` of flow.yaml, the workflow under test.
  explicit InMemory(const std::string& tasks) { add("flow.yaml", "flow", tasks); }

  InMemory& add(const std::string& path, const std::string& name, const std::string& tasks) {
    files_[path] = "document: {dsl: '1.0.3', namespace: test, name: " + name + ", version: '1.0.0'}\n" + tasks;
    return *this;
  }
  InMemory& file(const std::string& path, std::string text) {
    files_[path] = std::move(text);
    return *this;
  }
  InMemory& real(RealCalls calls) {
    real_ = std::move(calls);
    return *this;
  }

  SuiteResult run(const std::string& text) const {
    Surroundings surroundings;
    surroundings.read = [this](const std::string& path) -> cairn::Result<std::string> {
      const auto found = files_.find(path);
      if (found == files_.end()) return make_error(ErrorCode::invalid_usage, "No such file or directory", path);
      return found->second;
    };
    surroundings.load = [&](const std::string& path) -> cairn::Result<GivenDefinition> {
      CAIRN_TRY(auto definition, surroundings.read(path));
      auto loaded = load_definition(definition);
      return GivenDefinition{path, std::move(definition), std::move(loaded)};
    };
    surroundings.real = real_;
    return run_suite("flow.test.yaml", text, surroundings, [](const std::string&) { return true; });
  }

  /// Of a file with one case, `rest` being all but its name: why it failed, all in one text; empty: it passed.
  std::string failure(const std::string& rest) const {
    const SuiteResult result = run("cases:\n  - name: it\n" + rest);
    if (!result.is_sound()) return "not sound: " + findings(result);
    std::string text;
    for (const auto& one : result.cases.at(0).failures) text += one.text + "\n" + one.hint + "\n";
    return text;
  }
  /// What is wrong with a file of tests: "LINE:COLUMN MESSAGE" of each.
  static std::string findings(const SuiteResult& result) {
    std::string text;
    for (const auto& one : result.diagnostics) {
      text += std::to_string(one.position.line) + ":" + std::to_string(one.position.column) + " " + one.message;
      if (!one.hint.empty()) text += " (" + one.hint + ")";
      text += "\n";
    }
    return text;
  }

 private:
  std::map<std::string, std::string> files_;
  RealCalls real_;
};

}  // namespace cairn::authoring::tests
