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

TEST(PositionIn, FollowsBlocksWhoseIndentationIsGiven) {
  EXPECT_EQ(place_of("a: |2\n    one X\n", "X"), (SourcePosition{2, 9}));
  EXPECT_EQ(place_of("a: |2-\n\n    one\n  X\n", "X"), (SourcePosition{4, 3}));
  EXPECT_EQ(place_of("b:\n  - 1\na: >1\n  one\n X\n", "X"), (SourcePosition{5, 2}));
}

TEST(PositionIn, FollowsLinesThatAreIndentedMore) {
  EXPECT_EQ(place_of("a: >\n  one\n    two\n  X\n", "X"), (SourcePosition{4, 3}));
  EXPECT_EQ(place_of("a: >\n  one \n\n\n    two X\n", "X"), (SourcePosition{5, 9}));
}

TEST(PositionIn, FollowsLinesThatGoOn) {
  EXPECT_EQ(place_of("a: \"one\\\n  two X\"", "X"), (SourcePosition{2, 7}));
  EXPECT_EQ(place_of("a: \"one \\\r\n  \\ X\"", "X"), (SourcePosition{2, 5}));
}

/// A scalar written in pieces; letters count up, so that one letter out of place is noticed.
std::string written_scalar(const std::string& open, const std::vector<std::string>& pieces, const std::string& close) {
  std::string text = open;
  for (const std::string& piece : pieces) text += piece;
  char letter = 'a';
  for (char& c : text) {
    if (c != '*') continue;
    c = letter;
    letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1);
  }
  return text + close;
}

/// Every letter of the value is found where that letter is written, each behind the one before.
void expect_letters_in_place(const std::string& text) {
  const ParsedSource parsed = parse_source(text);
  const bool reads = parsed.document != nullptr;
  RC_ASSERT(reads);
  const SourceNode& scalar = *parsed.document->root().find("k")->value;
  RC_ASSERT(scalar.value.is_string());
  const std::string& value = scalar.value.as_string();
  SourcePosition before;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] < 'a' || value[i] > 'z') continue;
    const SourcePosition found = parsed.document->position_in(scalar, i);
    RC_ASSERT(before < found);
    before = found;
    std::size_t at = 0;
    while (at < text.size() &&
           ((static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u || parsed.document->position(at) != found))
      ++at;
    RC_ASSERT(at < text.size());
    RC_ASSERT(text[at] == value[i]);
  }
}

using Pieces = std::vector<std::string>;

RC_GTEST_PROP(PositionIn, FindsEveryLetterOfEveryStyle, ()) {
  struct Style {
    std::string open;
    std::string close;
    Pieces pieces;
  };
  static const std::vector<Style> k_styles = {
      {"k: *", "\n", {"*", "*", " *", "  *", "é*", "\n  *", "\n\n  *", " \n  *", "\r\n  *", "\t*"}},
      {"k: '*", "'\n", {"*", " *", "''*", "é", "\n  *", "\n\n  *", " \n   *", "\r\n  *"}},
      {"k: \"*",
       "\"\n",
       {"*", " *", "\\n*", "\\\"", "\\\\*", "\\u00e9*", "\\x41", "é", "\n  *", "\n\n  *", "\\\n  *", "\\\n  \\ *"}},
      {"{\"k\": \"*", "\"}\n", {"*", " *", "\\ud83d\\ude00*", "\\u00e9*", "\\/", "é*"}},
      {"k: |\n  *", "\n", {"*", " *", "  *", "é", "\n  *", "\n\n  *", "\n    *", "\n  ", " \n  *", "\r\n  *"}},
      {"k: |2-\n   *", "\n\n", {"*", " *", "é*", "\n  *", "\n\n  *", "\n    *"}},
      {"k: >\n  *", "\n", {"*", " *", "é", "\n  *", "\n\n  *", "\n    *", "\n\n\n    *", " \n  *", "\r\n  *"}},
      {"k: >2+\n\n  *", "\n\n", {"*", " *", "\n  *", "\n\n  *", "\n   *"}},
      {"x: 1\nk: &name |-  # remark\n\n\n      *", "\n", {"*", "\n      *", "\n\n        *"}},
  };
  const Style style = *rc::gen::elementOf(k_styles);
  const auto pieces = *rc::gen::container<Pieces>(rc::gen::elementOf(style.pieces));
  expect_letters_in_place(written_scalar(style.open, pieces, style.close));
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
