#include "engine/effects/redaction.h"

#include "workflows/value/base64.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

Redactor redactor(const std::vector<std::string>& texts) { return {texts, "***"}; }

TEST(Redaction, ATextIsFoundHoweverItComesBack) {
  const std::string secret = "a \"quoted\" p/w";
  const Redactor hides = redactor({secret});
  EXPECT_EQ(hides.text("<" + secret + ">"), "<***>");
  EXPECT_EQ(hides.text(quote_json(secret)), "\"***\"");
  EXPECT_EQ(hides.text("?p=a%20%22quoted%22%20p%2Fw&x=1"), "?p=***&x=1");
  EXPECT_EQ(hides.text("Basic " + encode_base64(secret)), "Basic ***");
}

TEST(Redaction, InBase64OfALongerTextItIsFoundWhereverItStands) {
  const std::string secret = "PlainSecretValue1234";
  const Redactor redactor({secret}, "***");
  for (const std::string before : {"", "a", "ab", "user:", "abcd"}) {
    for (const std::string after : {"", "z", " tail", "yz"}) {
      const std::string shown = redactor.text(encode_base64(before + secret + after));
      EXPECT_NE(shown.find("***"), std::string::npos) << before << "|" << after << ": " << shown;
      EXPECT_LE(shown.size(), before.size() * 2 + after.size() * 2 + 12) << shown;
    }
  }
}

TEST(Redaction, PathsFormsAndJsonWithinJsonAreSearched) {
  const Redactor redactor({"Ab/cd Ef\"XyZ9"}, "***");
  EXPECT_EQ(redactor.text("Ab/cd%20Ef%22XyZ9"), "***");
  EXPECT_EQ(redactor.text("Ab%2Fcd+Ef%22XyZ9"), "***");
  EXPECT_EQ(redactor.text("Ab/cd+Ef%22XyZ9"), "***");
  EXPECT_EQ(redactor.text(R"({"a":"{\"b\":\"Ab/cd Ef\\\"XyZ9\"}"})"), R"({"a":"{\"b\":\"***\"}"})");
}

TEST(Redaction, ShortTextsAreNotSearchedFor) {
  EXPECT_TRUE(redactor({"abc", ""}).empty());
  EXPECT_EQ(redactor({"abc"}).text("abcabc"), "abcabc");
}

TEST(Redaction, OneThatContainsAnotherGoesWhole) {
  EXPECT_EQ(redactor({"pass", "password1"}).text("password1 pass"), "*** ***");
}

TEST(Redaction, OfAKeyOfSeveralLinesEachLongLineIsHidden) {
  const Redactor hides = redactor({"-----BEGIN KEY-----\nAAAABBBBCCCCDDDDEEEE\nshort\n"});
  EXPECT_EQ(hides.text("line AAAABBBBCCCCDDDDEEEE."), "line ***.");
  EXPECT_EQ(hides.text("short"), "short");
}

TEST(Redaction, StringsNamesAndEqualNumbersOfAValueAreSearched) {
  const Value value = parse_json(R"({"s3cret":["x s3cret", 123456, 1234567, true, null]})").value();
  EXPECT_EQ(to_json(redactor({"s3cret", "123456"}).value(value)), R"({"***":["x ***","***",1234567,true,null]})");
}

TEST(Redaction, AProblemIsSearchedButForItsInstance) {
  const Problem problem{"t", 400, "s3cret", "at s3cret", "/do/0/s3cret"};
  const auto outcome = redactor({"s3cret"}).outcome(problem);
  EXPECT_EQ(std::get<Problem>(outcome), (Problem{"t", 400, "***", "at ***", "/do/0/s3cret"}));
}

TEST(Redaction, TextsOfAValueAreAllItsStringsAndNumbers) {
  EXPECT_EQ(texts_of(parse_json(R"({"a":["x",{"b":12}],"c":true})").value()), (std::vector<std::string>{"x", "12"}));
}

// However a text is cut into pieces, what is shown of it is what would be shown of the whole, and nothing is lost.
RC_GTEST_PROP(RedactedStream, ShowsTheSameInWhateverPiecesItComes, ()) {
  const auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab")));
  const std::string text = *letters;
  const Redactor hides = redactor({"abba", "babab"});
  RedactedStream stream(hides);
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = *rc::gen::inRange<std::size_t>(1, 4);
    shown += stream.append(std::string_view(text).substr(at, size));
    RC_ASSERT(shown.find("abba") == std::string::npos);
    at += size;
  }
  shown += stream.finish();
  RC_ASSERT(shown.find("abba") == std::string::npos);
  RC_ASSERT(shown.find("babab") == std::string::npos);
}

TEST(RedactedStream, HoldsBackOnlyWhatMayBeginASecret) {
  RedactedStream stream(redactor({"s3cret"}));
  EXPECT_EQ(stream.append("hello s3"), "hello ");
  EXPECT_EQ(stream.append("cret and s3"), "*** and ");
  EXPECT_EQ(stream.append("ven"), "s3ven");
  EXPECT_EQ(stream.append("s3cr"), "");
  EXPECT_EQ(stream.finish(), "s3cr");
}

}  // namespace
}  // namespace cairn
