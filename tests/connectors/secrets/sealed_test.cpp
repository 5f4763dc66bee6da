#include "connectors/secrets/sealed.h"

#include "connectors/secrets/secret_text.h"
#include "connectors/secrets/sources.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

RC_GTEST_PROP(Sealed, AnyTextComesBackAndNoChangedOneDoes, ()) {
  const SecretKey key = SecretKey::make();
  const auto text = *rc::gen::arbitrary<std::string>();
  std::string sealed = seal(key, text);
  RC_ASSERT(unseal(key, sealed, "x").value() == text);
  RC_ASSERT(!unseal(SecretKey::make(), sealed, "x"));
  const auto at = *rc::gen::inRange<std::size_t>(0, sealed.size());
  sealed[at] = static_cast<char>(sealed[at] ^ (1 << *rc::gen::inRange(0, 8)));
  RC_ASSERT(!unseal(key, sealed, "x"));
  RC_ASSERT(!unseal(key, std::string_view(sealed).substr(0, at), "x"));
}

TEST(Sealed, TheErrorSaysWhatIsWrong) {
  const SecretKey key = SecretKey::make();
  const std::string sealed = seal(key, "text");
  EXPECT_EQ(unseal(SecretKey::make(), sealed, "x").error().code, ErrorCode::invalid_configuration);
  EXPECT_EQ(unseal(key, sealed.substr(1), "x").error().code, ErrorCode::corrupt);
  EXPECT_EQ(unseal(key, sealed + "x", "x").error().code, ErrorCode::corrupt);
  std::string newer = sealed;
  newer[8] = 2;
  EXPECT_EQ(unseal(key, newer, "x").error().code, ErrorCode::format_too_new);
}

TEST(Sealed, AKeyIsReadInBase64OrHexadecimalDigits) {
  const SecretKey key = SecretKey::make();
  EXPECT_EQ(SecretKey::parse(" " + key.text() + "\n", "k").value().bytes(), key.bytes());
  EXPECT_EQ(SecretKey::parse(std::string(64, 'a'), "k").value().bytes()[31], 0xaa);
  for (const auto* bad : {"", "short", "QUJD"}) {
    const auto read = SecretKey::parse(bad, "the key's file");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().where, "the key's file");
  }
}

TEST(SecretText, ObjectsArraysAndStringsAreJsonAndEverythingElseIsToTheLetter) {
  EXPECT_EQ(secret_of_text(R"( {"a": 1})"), parse_json(R"({"a": 1})").value());
  EXPECT_EQ(secret_of_text(R"("0123")"), Value::string("0123"));
  for (const auto* text : {"0123", "123", "true", "null", "1e5", "{not json", "", " x "}) {
    EXPECT_EQ(secret_of_text(text), Value::string(text));
  }
}

TEST(SecretText, OneLineBreakAtTheEndIsNotPartOfIt) {
  EXPECT_EQ(read_secret_text("x\n", "f").value(), "x");
  EXPECT_EQ(read_secret_text("x\r\n", "f").value(), "x");
  EXPECT_EQ(read_secret_text("x\n\n", "f").value(), "x\n");
  EXPECT_EQ(read_secret_text(std::string(k_secret_bytes, 'x'), "f").value().size(), k_secret_bytes);
  EXPECT_EQ(read_secret_text(std::string(k_secret_bytes + 1, 'x'), "f").error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(read_secret_text("\xff", "f").error().code, ErrorCode::invalid_input);
}

TEST(EnvironmentSecrets, AreFoundAsWrittenOrInCapitals) {
  const auto source = make_environment_secrets(secrets_of_environment(
      {"CAIRN_SECRET_MY_TOKEN=a", "CAIRN_SECRET_exact=b", "CAIRN_SECRET_=c", "CAIRN_SECRETS_KEY=d", "PATH=e"}));
  EXPECT_EQ(source->find("my-token").value(), Value::string("a"));
  EXPECT_EQ(source->find("exact").value(), Value::string("b"));
  EXPECT_EQ(source->find("").value(), std::nullopt);
  EXPECT_EQ(source->find("PATH").value(), std::nullopt);
  EXPECT_EQ(source->find("KEY").value(), std::nullopt);
}

}  // namespace
}  // namespace cairn
