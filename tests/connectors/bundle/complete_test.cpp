// Taking a definition in: what it names outside is fetched, or told why not.
#include "connectors/bundle/complete.h"

#include "connectors/bundle/credentials.h"
#include "tests/connectors/harness.h"
#include "workflows/definition/bundle.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace cairn::test {
namespace {

using testing::HasSubstr;

constexpr const char* k_head = "document: {dsl: '1.0.3', namespace: t, name: n, version: '1.0.0'}\n";

class Completing : public testing::Test {
 protected:
  Completing() {
    folder_ = testing::TempDir() + "/cairn-bundle-" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    options_.http.proxy = "";
    options_.folder = folder_;
  }
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ + "/" + name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  CompleteDefinition complete(const std::string& rest) { return complete_definition(k_head + rest, options_); }
  static std::string told(const CompleteDefinition& complete) {
    return format_diagnostics(complete.loaded.diagnostics, complete.text, "w.yaml");
  }

  std::string folder_;
  FetchOptions options_;
};

TEST_F(Completing, ADefinitionThatNamesNothingStaysItsText) {
  const auto taken = complete("do: []\n");
  EXPECT_TRUE(taken.loaded.ok()) << told(taken);
  EXPECT_EQ(taken.text, std::string(k_head) + "do: []\n");
}

TEST_F(Completing, WhatIsNamedByWhatIsFetchedIsFetchedToo) {
  write("c/functions/f/1.0.0/function.yaml", "call: g:1.0.0");
  write("c/functions/g/1.0.0/function.yaml", "{input: {schema: {resource: {endpoint: ./s.json}}}, set: {n: 1}}");
  write("c/functions/g/1.0.0/s.json", R"({"type": "object"})");
  const auto taken = complete("use: {catalogs: {c: {endpoint: c}}}\ndo: [{a: {call: 'f:1.0.0@c'}}]\n");
  ASSERT_TRUE(taken.loaded.ok()) << told(taken);
  EXPECT_TRUE(taken.loaded.program->unsupported.empty());
  EXPECT_TRUE(taken.loaded.diagnostics.empty()) << told(taken);
  EXPECT_EQ(read_bundle(taken.text).value().resources.size(), 3U);
}

TEST_F(Completing, TheDefaultCatalogIsAFolder) {
  write("team/functions/f/1.0.0/function.yaml", "set: {n: 1}");
  options_.default_catalog = folder_ + "/team";
  const auto taken = complete("do: [{a: {call: 'f:1.0.0'}}]\n");
  EXPECT_TRUE(taken.loaded.ok()) << told(taken);
  options_.default_catalog.clear();
  const auto refused = complete("do: [{a: {call: 'f:1.0.0'}}]\n");
  EXPECT_FALSE(refused.loaded.ok());
  EXPECT_THAT(told(refused), HasSubstr("--catalog DIR"));
}

TEST_F(Completing, WhatIsMissingIsAnErrorAtItsPlaceWithItsAddress) {
  const auto taken = complete("use: {catalogs: {c: {endpoint: c}}}\ndo: [{a: {call: 'f:1.0.0@c'}}]\n");
  EXPECT_FALSE(taken.loaded.ok());
  EXPECT_THAT(told(taken), HasSubstr("w.yaml:3:"));
  EXPECT_THAT(told(taken), HasSubstr("c/functions/f/1.0.0/function.yaml"));
  EXPECT_THAT(told(taken), testing::Not(HasSubstr("warning")));
}

TEST_F(Completing, OfflineNothingIsFetched) {
  options_.offline = true;
  const auto taken = complete("do: [{a: {call: 'f:1.0.0'}}]\n");
  EXPECT_TRUE(taken.loaded.ok());
  EXPECT_THAT(told(taken), HasSubstr("warning: the function f:1.0.0@default has not been fetched"));
}

TEST_F(Completing, FunctionsWithoutEndAreRefused) {
  for (int i = 0; i < 40; ++i) {
    write(fmt::format("c/functions/f/{}/function.yaml", i), fmt::format("call: 'f:{}'", i + 1));
  }
  const auto taken = complete("use: {catalogs: {c: {endpoint: c}}}\ndo: [{a: {call: 'f:0@c'}}]\n");
  EXPECT_FALSE(taken.loaded.ok());
  EXPECT_THAT(told(taken), HasSubstr("more than 32 deep"));
}

TEST_F(Completing, TextsThatAreHugeOrNoTextAreRefused) {
  write("huge.yaml", "# " + std::string(k_resource_bytes, 'x'));
  EXPECT_THAT(told(complete("do: [{a: {call: ./huge.yaml}}]\n")), HasSubstr("2097152 bytes"));
  write("binary.yaml", "\xff\xfe\x01");
  EXPECT_THAT(told(complete("do: [{a: {call: ./binary.yaml}}]\n")), HasSubstr("not UTF-8"));
}

TEST_F(Completing, CredentialsOfACatalogAreSentAndAMissingSecretIsTold) {
  const StandIn server;
  const std::string text = fmt::format(
      "use: {{secrets: [t], catalogs: {{c: {{endpoint: {{uri: '{}', authentication: {{bearer: {{token: '${{ $secrets.t "
      "}}'}}}}}}}}}}}}\n"
      "do: [{{a: {{call: 'f:1.0.0@c'}}}}]\n",
      server.url("/echo"));
  const auto refused = complete(text);
  EXPECT_THAT(told(refused), HasSubstr("the secret 't' was not given"));
  options_.secrets = json(R"({"t": "s3cr3t"})");
  const auto echoed = complete(text);  // the answer is the request, which is no function
  EXPECT_THAT(echoed.text, HasSubstr("Bearer s3cr3t"));
}

TEST(Credentials, AreFilledInFromSecretsAndNothingElse) {
  const SecretLookup lookup = [](const std::string& name) -> OrProblem<Value> {
    if (name == "pair") return json(R"({"username": "u", "password": "p"})");
    if (name == "word") return Value::string("w");
    return invalid_argument("no " + name);
  };
  const auto filled = [&](const char* policy) {
    const auto result = with_secrets(json(policy), lookup);
    return result ? to_json(result.value()) : "refused: " + result.error().detail;
  };
  EXPECT_EQ(filled(R"({"basic": {"use": "pair"}})"), R"({"basic":{"username":"u","password":"p"}})");
  EXPECT_EQ(filled(R"({"bearer": "${ $secrets.word }"})"), R"({"bearer":{"token":"w"}})");
  EXPECT_EQ(filled(R"({"bearer": {"token": "a-${ $secrets.word }-b"}})"), R"({"bearer":{"token":"a-w-b"}})");
  EXPECT_THAT(filled(R"({"bearer": {"token": "${ .x | $context }"}})"), HasSubstr("refused"));
  EXPECT_THAT(filled(R"({"bearer": {"token": "${ $secrets.none }"}})"), HasSubstr("no none"));
}

}  // namespace
}  // namespace cairn::test
