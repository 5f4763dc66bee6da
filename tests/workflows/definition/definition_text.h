#pragma once
// Definitions for tests, and what loading them says.

#include "workflows/definition/load.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

inline constexpr std::string_view k_document =
    "document: {dsl: '1.0.3', namespace: test, name: example, version: '1.0.0'}\n";

/// The character that marks, in a test's text, where a finding is expected; it is taken out before loading.
inline constexpr std::string_view k_mark = "«";

struct MarkedText {
  std::string text;
  std::vector<SourcePosition> marks;
};

inline MarkedText unmark(std::string_view text) {
  MarkedText result;
  SourcePosition at{1, 1};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with(k_mark)) {
      result.marks.push_back(at);
      i += k_mark.size() - 1;
      continue;
    }
    result.text += text[i];
    if (text[i] == '\n') {
      at = {at.line + 1, 1};
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u) {
      ++at.column;
    }
  }
  return result;
}

inline std::vector<Diagnostic> of_severity(const std::vector<Diagnostic>& all, Severity severity) {
  std::vector<Diagnostic> result;
  for (const Diagnostic& one : all) {
    if (one.severity == severity) result.push_back(one);
  }
  return result;
}

/// Loads `body` below the usual document section; fails the test when it does not load.
inline std::shared_ptr<const Program> load(std::string_view body) {
  const std::string text = std::string(k_document) + std::string(body);
  const LoadedDefinition loaded = load_definition(text);
  EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text, "test.yaml");
  return loaded.program;
}

inline const Node& node_at(const Program& program, std::string_view reference) {
  for (const Node& node : program.nodes) {
    if (node.reference == reference) return node;
  }
  ADD_FAILURE() << "no task at " << reference;
  return program.nodes.front();
}

inline const Template& template_at(const Program& program, TemplateId id) { return program.templates.at(index_of(id)); }

inline std::string expression_text(const Program& program, ExpressionId id) {
  return program.sources.at(index_of(id)).text;
}

}  // namespace cairn
