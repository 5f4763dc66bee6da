#pragma once
// Tables of mistakes: each has one, and it is found at its place, alone, with a message that says what was expected.

#include "tests/workflows/definition/definition_text.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

namespace cairn {

struct Mistake {
  const char* name;
  const char* text;  ///< with k_mark where the finding belongs; below k_document unless it begins with "document"
  const char* message;
  const char* hint = "";
};

inline void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

inline void expect_found(const Mistake& mistake) {
  const std::string_view body = mistake.text;
  const bool whole =
      body.starts_with("document") || body.starts_with(std::string(k_mark) + "document") || body.starts_with("«- ");
  const MarkedText marked = unmark((whole ? "" : std::string(k_document)) + std::string(body));
  const LoadedDefinition loaded = load_definition(marked.text);
  const std::string all = format_diagnostics(loaded.diagnostics, marked.text, "test.yaml");
  const auto errors = of_severity(loaded.diagnostics, Severity::error);
  EXPECT_EQ(loaded.program, nullptr);
  ASSERT_EQ(marked.marks.size(), 1u) << "the test marks one place";
  ASSERT_EQ(errors.size(), 1u) << all;
  EXPECT_EQ(errors[0].position, marked.marks[0]) << all;
  EXPECT_NE(errors[0].message.find(mistake.message), std::string::npos) << all;
  EXPECT_NE(errors[0].hint.find(mistake.hint), std::string::npos) << all;
}

inline std::string name_of_case(const testing::TestParamInfo<Mistake>& info) { return info.param.name; }

}  // namespace cairn
