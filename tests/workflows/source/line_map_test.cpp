#include "workflows/source/line_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace cairn {
namespace {

TEST(LineMap, CountsLinesAndColumnsFromOne) {
  const LineMap map("ab\ncd\n\nx");
  EXPECT_EQ(map.position(0), (SourcePosition{1, 1}));
  EXPECT_EQ(map.position(1), (SourcePosition{1, 2}));
  EXPECT_EQ(map.position(3), (SourcePosition{2, 1}));
  EXPECT_EQ(map.position(6), (SourcePosition{3, 1}));
  EXPECT_EQ(map.position(7), (SourcePosition{4, 1}));
}

TEST(LineMap, CountsColumnsInCodePoints) {
  const std::string text = "é€😀x";
  const LineMap map(text);
  EXPECT_EQ(map.position(text.find('x')), (SourcePosition{1, 4}));
}

TEST(LineMap, GivesThePlaceAfterTheEndForOffsetsBeyondIt) {
  const LineMap map("ab");
  EXPECT_EQ(map.position(2), (SourcePosition{1, 3}));
  EXPECT_EQ(map.position(99), (SourcePosition{1, 3}));
  EXPECT_EQ(LineMap("").position(0), (SourcePosition{1, 1}));
}

RC_GTEST_PROP(LineMap, AgreesWithCountingByHand, ()) {
  const auto pieces =
      *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>("a", "é", "\n", "😀", "bcdefgh"));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  const LineMap map(text);
  SourcePosition expected{1, 1};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u;
    if (begins) {
      RC_ASSERT(map.position(i) == expected);
      ++expected.column;
    }
    if (text[i] == '\n') expected = {expected.line + 1, 1};
  }
}

}  // namespace
}  // namespace cairn
