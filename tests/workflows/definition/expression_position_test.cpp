// What is wrong with an expression is shown where it stands in the file, however the text around it is written.

#include "tests/workflows/definition/definition_text.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

/// A task's text with k_mark at the one mistake; all of them have a `nosuch` or a brace too many.
const char* const k_texts[] = {
    "do:\n  - a: {if: .x | «nosuch, set: {x: 1}}\n",
    "do:\n  - a: {if: '   .x | «nosuch', set: {x: 1}}\n",
    "do:\n  - a: {set: {x: '${ «nosuch }'}}\n",
    "do:\n  - a: {set: {x: 'é ${ .a } and ${ .b | «nosuch } too'}}\n",
    "do:\n  - a: {set: {x: '${ \"it''s\" | «nosuch }'}}\n",
    "do:\n  - a: {set: {x: \"${ \\\"\\u00e9 \\\\n\\\" | «nosuch }\"}}\n",
    "do:\n  - a: {set: {x: \"\\n\\n${ .a |\\n  «nosuch }\"}}\n",
    "do:\n  - a: {set: {x: \"${ .a |\\\n      \\ .b |\n      «nosuch }\"}}\n",
    "do:\n  - a:\n      if: .x\n        | .y\n\n        | «nosuch\n      set: {x: 1}\n",
    "do:\n  - a:\n      set:\n        x: ${ .a\n          | «nosuch }\n",
    "do:\n  - a:\n      if: |\n        .x |\n\n          «nosuch(1)\n      set: {x: 1}\n",
    "do:\n  - a:\n      if: >-\n        .x |\n        # a remark\n\n        «nosuch(1)\n      set: {x: 1}\n",
    "do:\n  - a:\n      if: |2-\n          .x |\n        «nosuch\n      set: {x: 1}\n",
    "do:\n  - a:\n      set: |  # the whole data\n        ${\n          {x: 1,\n           \"é\": «}\n        }\n",
    "do:\n  - a:\n      set:\n        x: >\n          Hi ${ .b },\n          for ${ .a\n            | «nosuch }.\n",
    "do:\r\n  - a:\r\n      set:\r\n        x: |\r\n          ${ .a |\r\n          «nosuch }\r\n",
    "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x/${ .id }/{part}/${ \"é\" | «nosuch }'}}\n",
    "do:\n  - a: {for: {each: x, in: '.items | «nosuch'}, do: []}\n",
    "do:\n  - a: {set: {x: &text '${ «nosuch }'}}\n",
};

TEST(ExpressionPositions, AreExactInEveryStyleOfText) {
  for (const char* const body : k_texts) {
    const MarkedText marked = unmark(std::string(k_document) + body);
    const LoadedDefinition loaded = load_definition(marked.text);
    const std::string all = format_diagnostics(loaded.diagnostics, marked.text, "test.yaml");
    ASSERT_EQ(marked.marks.size(), 1u);
    ASSERT_EQ(loaded.diagnostics.size(), 1u) << body << all;
    EXPECT_EQ(loaded.diagnostics[0].position, marked.marks[0]) << body << all;
    EXPECT_NE(loaded.diagnostics[0].message.find("the expression does not compile"), std::string::npos) << all;
  }
}

TEST(ExpressionPositions, AreThoseOfEachOfSeveral) {
  const MarkedText marked = unmark(std::string(k_document) +
                                   "do:\n"
                                   "  - a:\n"
                                   "      set:\n"
                                   "        x: |\n"
                                   "          ${ «nosuch } and ${ .fine }\n"
                                   "            é ${ «neither(1) } and ${ 1 +« }\n");
  const LoadedDefinition loaded = load_definition(marked.text);
  ASSERT_EQ(loaded.diagnostics.size(), marked.marks.size());
  for (std::size_t i = 0; i < marked.marks.size(); ++i) EXPECT_EQ(loaded.diagnostics[i].position, marked.marks[i]) << i;
}

}  // namespace
}  // namespace cairn
