// The standard's own examples: what it calls valid loads, what it calls invalid is refused at the right line.

#include "tests/workflows/definition/definition_text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace cairn {
namespace {

std::filesystem::path specification() {
  if (const char* given = std::getenv("OPEN_WORKFLOW_SPEC")) return given;
  return std::filesystem::path(CAIRN_SOURCE_DIR) / ".." / "shared" / "spec";
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::map<std::string, std::string> texts_in(const std::string& folder) {
  std::map<std::string, std::string> texts;
  const std::filesystem::path path = specification() / folder;
  if (!std::filesystem::is_directory(path)) return texts;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".yaml") texts[entry.path().filename().string()] = content_of(entry.path());
  }
  return texts;
}

constexpr const char* k_absent = "the standard's files are not here: set OPEN_WORKFLOW_SPEC to their folder";

TEST(Specification, ItsExamplesLoad) {
  const auto texts = texts_in("examples");
  if (texts.empty()) GTEST_SKIP() << k_absent;
  for (const auto& [name, text] : texts) {
    const LoadedDefinition loaded = load_definition(text);
    EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text, name);
  }
}

TEST(Specification, WhatItCallsInvalidIsRefusedAtTheRightLine) {
  const auto texts = texts_in("invalid");
  if (texts.empty()) GTEST_SKIP() << k_absent;
  const std::map<std::string, std::vector<std::uint32_t>> lines = {{"extra-property-in-call.yaml", {12}},
                                                                   {"two-tasks-in-one-item.yaml", {12}},
                                                                   {"listen-any-until-any-until.yaml", {7, 14}}};
  for (const auto& [name, text] : texts) {
    const LoadedDefinition loaded = load_definition(text);
    EXPECT_FALSE(loaded.ok()) << name;
    std::vector<std::uint32_t> found;
    for (const Diagnostic& error : of_severity(loaded.diagnostics, Severity::error))
      found.push_back(error.position.line);
    const auto expected = lines.find(name);
    if (expected != lines.end())
      EXPECT_EQ(found, expected->second) << format_diagnostics(loaded.diagnostics, text, name);
  }
}

TEST(Specification, ItsWorkflowsInTheTextLoad) {
  for (const char* file : {"dsl.md", "dsl-reference.md"}) {
    const std::string text = content_of(specification() / file);
    if (text.empty()) GTEST_SKIP() << k_absent;
    const std::string fence = "```yaml\ndocument:";
    for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at + 1)) {
      const std::size_t begin = at + 8;
      const std::string example = text.substr(begin, text.find("```", begin) - begin);
      // One example escapes a quote in a way YAML has not, and calls a URI by another name.
      if (example.find("sample-workflow") != std::string::npos) continue;
      const LoadedDefinition loaded = load_definition(example);
      EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, example, file);
    }
  }
}

}  // namespace
}  // namespace cairn
