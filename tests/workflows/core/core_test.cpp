#include "workflows/core/assert.h"
#include "workflows/core/error.h"
#include "workflows/core/sha256.h"

#include <gtest/gtest.h>

#include <set>

namespace cairn {
namespace {

TEST(Error, SaysWhereWhatAndWhatToDo) {
  EXPECT_EQ(make_error(ErrorCode::io, "no space").to_string(), "no space");
  EXPECT_EQ(make_error(ErrorCode::io, "no space", "log").to_string(), "log: no space");
  EXPECT_EQ(make_error(ErrorCode::io, "no space", "log", "Free some").to_string(), "log: no space. Free some");
  EXPECT_EQ(make_error(ErrorCode::io, "no space.", "", "Free some").to_string(), "no space. Free some");
}

TEST(ErrorCode, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    EXPECT_TRUE(names.insert(name_of(static_cast<ErrorCode>(code))).second) << code;
  }
}

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(ErrorCode::invalid_input, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  CAIRN_TRY(const auto halved, half(number));
  return half(halved);
}

TEST(Result, HandsTheFirstErrorUp) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(3).error().message, "odd");
  EXPECT_EQ(quarter(6).error().message, "odd");
}

TEST(AssertDeathTest, NamesTheConditionAndThePlace) {
  EXPECT_DEATH(CAIRN_ASSERT(1 == 2, "numbers are broken"), "numbers are broken \\(1 == 2\\) at .*core_test.cpp");
}

TEST(Sha256, MatchesTheStandardsVectors) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("a", "bc"), sha256("abc"));
}

TEST(Hash256, ReadsHexOfBothCasesAndNothingElse) {
  const auto hash = sha256("abc");
  EXPECT_EQ(Hash256::from_hex(hash.hex()), hash);
  EXPECT_EQ(Hash256::from_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), hash);
  EXPECT_EQ(Hash256::from_hex(""), std::nullopt);
  EXPECT_EQ(Hash256::from_hex(hash.hex().substr(1)), std::nullopt);
  EXPECT_EQ(Hash256::from_hex(hash.hex() + "00"), std::nullopt);
  EXPECT_EQ(Hash256::from_hex("g" + hash.hex().substr(1)), std::nullopt);
}

}  // namespace
}  // namespace cairn
