#include "workflows/value/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

TEST(Base64, PadsToFourCharacters) {
  EXPECT_EQ(encode_base64(""), "");
  EXPECT_EQ(encode_base64("a"), "YQ==");
  EXPECT_EQ(encode_base64("ab"), "YWI=");
  EXPECT_EQ(encode_base64("abc"), "YWJj");
  EXPECT_EQ(encode_base64("\xfb\xff\xfe"), "+//+");
}

TEST(Base64, RefusesWhatIsNotStrict) {
  for (const std::string_view text : {"Y", "YQ", "YQ=", "YQ===", "Y===", "====", "YWJj=", " YQ==", "YQ==\n", "YW Jj",
                                      "YQ=a", "YR==", "YWJ=", "-__-", "=YQ=", "YQ==YQ==", "Y\xc3\xa9="}) {
    const auto decoded = decode_base64(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code, ErrorCode::invalid_input) << text;
  }
}

RC_GTEST_PROP(Base64, DecodesWhatItEncoded, (const std::string& bytes)) {
  RC_ASSERT(decode_base64(encode_base64(bytes)).value() == bytes);
}

}  // namespace
}  // namespace cairn
