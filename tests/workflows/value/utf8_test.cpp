#include "workflows/value/utf8.h"

#include "tests/workflows/value/value_generator.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view k_replacement = "\xef\xbf\xbd";

TEST(Utf8, AcceptsTheFirstAndLastCharacterOfEveryLength) {
  for (const auto text : {""sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
                          "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << quote_json(text);
    EXPECT_EQ(utf8_lossy(text), text);
  }
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  const struct {
    std::string_view text;
    std::size_t pieces;  // how many replacement characters it becomes
  } cases[] = {
      {"\x80", 1},              // a continuation alone
      {"\xff", 1},              // never part of UTF-8
      {"\xc0\xaf", 2},          // overlong '/'
      {"\xc1\xbf", 2},          // overlong U+007F
      {"\xe0\x9f\xbf", 3},      // overlong U+07FF
      {"\xf0\x8f\xbf\xbf", 4},  // overlong U+FFFF
      {"\xed\xa0\x80", 3},      // the first surrogate
      {"\xed\xbf\xbf", 3},      // the last surrogate
      {"\xf4\x90\x80\x80", 4},  // U+110000
      {"\xf5\x80\x80\x80", 4},  // beyond
      {"\xe2\x82", 1},          // cut off
      {"\xf0\x9f\x98", 1},      // cut off
  };
  for (const auto& c : cases) {
    std::string replaced;
    for (std::size_t i = 0; i < c.pieces; ++i) replaced += k_replacement;
    EXPECT_FALSE(is_valid_utf8(c.text)) << testing::PrintToString(c.text);
    EXPECT_EQ(utf8_lossy(c.text), replaced) << testing::PrintToString(c.text);
  }
}

TEST(Utf8, FindsDamageAtEveryPlaceOfALongText) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    text[at] = '\xc3';
    EXPECT_FALSE(is_valid_utf8(text)) << at;
    EXPECT_EQ(utf8_lossy(text).size(), 42u) << at;
  }
}

TEST(Utf8Lossy, KeepsWhatSurroundsTheDamage) {
  EXPECT_EQ(utf8_lossy("caf\xc3\xa9 \xe2\x82 ol\xff\xc3\xa9"), "caf\xc3\xa9 \xef\xbf\xbd ol\xef\xbf\xbd\xc3\xa9");
}

TEST(Utf8Boundary, IsWhereACharacterBegins) {
  const std::string_view text = "a\xe2\x82\xac";
  EXPECT_EQ(utf8_boundary(text, 0), 0u);
  EXPECT_EQ(utf8_boundary(text, 1), 1u);
  EXPECT_EQ(utf8_boundary(text, 2), 1u);
  EXPECT_EQ(utf8_boundary(text, 3), 1u);
  EXPECT_EQ(utf8_boundary(text, 4), 4u);
}

RC_GTEST_PROP(Utf8, AcceptsEveryGeneratedText, ()) {
  const auto text = *tests::any_text();
  RC_ASSERT(is_valid_utf8(text));
  RC_ASSERT(utf8_lossy(text) == text);
}

RC_GTEST_PROP(Utf8Lossy, MakesAnyBytesValid, (const std::vector<std::uint8_t>& noise)) {
  const std::string bytes(noise.begin(), noise.end());
  RC_ASSERT(is_valid_utf8(utf8_lossy(bytes)));
  RC_ASSERT((utf8_lossy(bytes) == bytes) == is_valid_utf8(bytes));
}

}  // namespace
}  // namespace cairn
