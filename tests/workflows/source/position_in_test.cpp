#include "workflows/source/source.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace cairn {
namespace {

/// Where `needle` in the value of key `a` stands in the text.
SourcePosition place_of(std::string_view text, std::string_view needle) {
  const ParsedSource parsed = parse_source(text);
  EXPECT_NE(parsed.document, nullptr) << text;
  if (parsed.document == nullptr) return {};
  const SourceNode& scalar = *parsed.document->root().find("a")->value;
  const std::size_t offset = scalar.value.as_string().find(needle);
  EXPECT_NE(offset, std::string::npos) << scalar.value.as_string();
  return parsed.document->position_in(scalar, offset);
}

TEST(PositionIn, FollowsPlainText) {
  EXPECT_EQ(place_of("a: hello X there", "X"), (SourcePosition{1, 10}));
  EXPECT_EQ(place_of("a: hello\n  there X", "X"), (SourcePosition{2, 9}));
  EXPECT_EQ(place_of("a: hello\n\n  there X", "X"), (SourcePosition{3, 9}));
}

TEST(PositionIn, FollowsQuotedText) {
  EXPECT_EQ(place_of("a: 'it''s X'", "X"), (SourcePosition{1, 11}));
  EXPECT_EQ(place_of(R"(a: "é\n\t\"\u00e9X")", "X"), (SourcePosition{1, 18}));
  EXPECT_EQ(place_of("a: \"one\n  two X\"", "X"), (SourcePosition{2, 7}));
  EXPECT_EQ(place_of(R"({"a": "\ud83d\ude00X"})", "X"), (SourcePosition{1, 20}));
}

TEST(PositionIn, FollowsLiteralBlocks) {
  EXPECT_EQ(place_of("a: |\n    one\n\n      two X\n", "X"), (SourcePosition{4, 11}));
  EXPECT_EQ(place_of("a: |-  # comment\n\n  one\n  X\n", "X"), (SourcePosition{4, 3}));
}

TEST(PositionIn, FollowsFoldedBlocks) {
  EXPECT_EQ(place_of("a: >\n  one\n  two X\n", "X"), (SourcePosition{3, 7}));
  EXPECT_EQ(place_of("a: >-\n  one\n\n  two X\n", "X"), (SourcePosition{4, 7}));
}

TEST(PositionIn, GivesTheStringsOwnPlaceWhenItCannotTell) {
  EXPECT_EQ(place_of("a: |2\n    one X\n", "X"), (SourcePosition{1, 4}));
  EXPECT_EQ(place_of("a: \"one\\\n  two X\"", "X"), (SourcePosition{1, 4}));
}

RC_GTEST_PROP(PositionIn, FindsEveryCharacterOfALiteralBlock, ()) {
  const auto lines = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("x", "é y", "${ .a }", "", "  in")));
  std::string text = "a: |\n";
  std::string value;
  for (const std::string& line : lines) {
    text += line.empty() ? "\n" : "  " + line + "\n";
    value += line + "\n";
  }
  text.insert(5, "  first\n");
  const ParsedSource parsed = parse_source(text);
  RC_ASSERT(parsed.document != nullptr);
  const SourceNode& scalar = *parsed.document->root().find("a")->value;
  const std::string& read = scalar.value.as_string();
  std::size_t line = 2;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    if ((static_cast<unsigned char>(read[i]) & 0xC0u) == 0x80u) continue;
    if (read[i] != '\n') {
      std::size_t column = 3;
      for (std::size_t j = begin; j < i; ++j) column += (static_cast<unsigned char>(read[j]) & 0xC0u) != 0x80u ? 1 : 0;
      RC_ASSERT(parsed.document->position_in(scalar, i) ==
                (SourcePosition{static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)}));
    } else {
      ++line;
      begin = i + 1;
    }
  }
}

}  // namespace
}  // namespace cairn
