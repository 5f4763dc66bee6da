// Tokens from an authority that checks what it is sent (authority.py), and from one that misbehaves.

#include "connectors/http/auth/token_source.h"

#include "connectors/http/auth/jwt.h"
#include "tests/connectors/http/http_calls.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace cairn::test {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Tokens : public testing::Test {
 protected:
  explicit Tokens(const std::string& public_key = {}) {
    const std::string command = "exec python3 " CAIRN_SOURCE_DIR "/tests/connectors/http/authority.py " + public_key;
    pipe_ = popen(command.c_str(), "r");
    if (pipe_ == nullptr || std::fscanf(pipe_, "%d %d", &port_, &pid_) != 2)
      ADD_FAILURE() << "the authority does not start";
    HttpOptions options;
    options.proxy = "";
    client_ = std::make_shared<HttpClient>(runner_.context.get_executor(), options);
    connector_ = make_http_connector(client_);
  }
  ~Tokens() override {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pipe_ != nullptr) pclose(pipe_);
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

  Value policy(const std::string& path, const std::string& more = R"({"client":{"id":"me","secret":"shh!"}})") {
    Value settings = json(more)
                         .with("authority", Value::string(url("")))
                         .with("endpoints", Value::object({{"token", Value::string(path)}}));
    if (settings.find("grant") == nullptr) settings = settings.with("grant", Value::string("client_credentials"));
    return Value::object({{"oauth2", settings}});
  }
  static Value call(const std::string& to, const Value& with) {
    return Value::object({{"method", Value::string("GET")},
                          {"endpoint", Value::object({{"uri", Value::string(to)}, {"authentication", with}})}});
  }
  EffectOutcome run(const Value& with, const std::string& path = "/in") {
    return runner_.run(*connector_, call(url(path), with));
  }
  std::int64_t asked() { return value_of(run(Value(), "/asked")).as_int(); }

  EffectRunner runner_;
  std::shared_ptr<HttpClient> client_;
  std::unique_ptr<Connector> connector_;

 private:
  std::FILE* pipe_ = nullptr;
  int port_ = 0;
  int pid_ = 0;
};

/// The token reached the service and does not come back.
const Value k_sent = json(R"({"authorization":"Bearer ***"})");

TEST_F(Tokens, AreFetchedOnceForEqualPolicies) {
  EXPECT_EQ(value_of(run(policy("/token"))), k_sent);
  EXPECT_EQ(value_of(run(policy("/token"))), k_sent);
  EXPECT_EQ(asked(), 1);
  run(policy("/token", R"({"client":{"id":"me","secret":"another"}})"));
  EXPECT_EQ(asked(), 2) << "other credentials, another token";
}

TEST_F(Tokens, AreFetchedOnceForAllWhoWantOneAtTheSameTime) {
  std::vector<std::optional<EffectOutcome>> outcomes(20);
  std::vector<std::unique_ptr<RunningEffect>> running;
  for (auto& outcome : outcomes)
    running.push_back(runner_.start(*connector_, call(url("/in"), policy("/slow")), outcome));
  running[3].reset();  // one who goes away takes nothing from the others
  ASSERT_TRUE(runner_.run_until(
      [&] {
        std::size_t done = 0;
        for (const auto& outcome : outcomes) done += outcome ? 1 : 0;
        return done == outcomes.size() - 1;
      },
      std::chrono::seconds(10)));
  EXPECT_EQ(value_of(*outcomes[19]), k_sent);
  EXPECT_EQ(asked(), 1);
}

TEST_F(Tokens, ARequestThatNobodyWaitsForIsGivenUp) {
  std::optional<EffectOutcome> outcome;
  auto running = runner_.start(*connector_, call(url("/in"), policy("/hang")), outcome);
  runner_.run_until([&] { return asked() == 1; }, std::chrono::seconds(10));
  running.reset();
  runner_.run_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(outcome.has_value());
}

TEST_F(Tokens, AreRenewedAheadOfTheirEnd) {
  run(policy("/short"));  // lives a second, which the authority says as a text
  runner_.run_for(std::chrono::milliseconds(850));
  EXPECT_EQ(value_of(run(policy("/short"))), k_sent);
  EXPECT_EQ(asked(), 2);
}

TEST_F(Tokens, AKnownOneIsUsedToItsEndWhenNoNewOneIsToBeHad) {
  run(policy("/then-down"));
  runner_.run_for(std::chrono::milliseconds(3300));
  EXPECT_EQ(value_of(run(policy("/then-down"))), k_sent) << "renewing failed, and it is still good";
  EXPECT_EQ(asked(), 2);
  runner_.run_for(std::chrono::milliseconds(800));
  EXPECT_EQ(problem_in(run(policy("/then-down"))).status, 401);
}

TEST_F(Tokens, ARefreshTokenIsUsedAndReplaced) {
  const auto rotating =
      policy("/rotating",
             R"({"grant":"password","username":"ada","password":"love","client":{"id":"me","authentication":"none"}})");
  run(rotating);
  runner_.run_for(std::chrono::milliseconds(850));
  run(rotating);
  runner_.run_for(std::chrono::milliseconds(850));
  EXPECT_EQ(value_of(run(rotating)), k_sent);
  EXPECT_EQ(value_of(run(Value(), "/grants")), json(R"(["password","refresh_token","refresh_token"])"));
}

TEST_F(Tokens, ARefreshTokenThatIsNoLongerGoodGivesWayToTheGrant) {
  const auto rotating =
      policy("/rotating",
             R"({"grant":"password","username":"ada","password":"love","client":{"id":"me","authentication":"none"}})");
  run(rotating);
  run(policy("/token"));  // now the refresh token is not that of the last request
  runner_.run_for(std::chrono::milliseconds(850));
  EXPECT_EQ(value_of(run(rotating)), k_sent);
  EXPECT_EQ(value_of(run(Value(), "/grants")), json(R"(["password","client_credentials","refresh_token","password"])"));
}

TEST_F(Tokens, OneThatTheServiceRefusesIsReplacedOnce) {
  run(policy("/token"));
  run(policy("/token", R"({"client":{"id":"me","secret":"another"}})"));  // from now on the first one is refused
  EXPECT_EQ(value_of(run(policy("/token"), "/protected")), json(R"({"with":"Bearer ***"})"));
  EXPECT_EQ(asked(), 3);
}

TEST_F(Tokens, AnAuthorityThatMisbehavesIsAnAuthenticationError) {
  for (const auto& [path, status] : {std::pair{"/huge", 502}, {"/drop", 503}}) {
    const Problem problem = problem_in(run(policy(path)));
    EXPECT_EQ(kind_of(problem), "authentication");
    EXPECT_EQ(problem.status, status) << problem.detail;
    EXPECT_NE(problem.detail.find(url(path)), std::string::npos) << problem.detail;
  }
}

TEST_F(Tokens, ASecretSignsAssertions) {
  const std::string client = R"({"client":{"id":"me","authentication":"client_secret_jwt","secret":"SECRET"}})";
  const auto with = [&](const std::string& secret) {
    return policy("/token", std::string(client).replace(client.find("SECRET"), 6, secret));
  };
  EXPECT_EQ(value_of(run(with("shared-secret"))), k_sent);
  EXPECT_EQ(kind_of(problem_in(run(with("wrong-secret")))), "authentication");
}

class SignedTokens : public testing::WithParamInterface<const char*>, public Tokens {
 protected:
  static std::string key_file() {
    const std::string path = testing::TempDir() + "cairn-assertion-key.pem";
    const std::string make = std::string("openssl genpkey -quiet ") + GetParam() + " -out " + path +
                             " 2>/dev/null && openssl pkey -in " + path + " -pubout -out " + path + ".pub";
    EXPECT_EQ(std::system(make.c_str()), 0);  // NOLINT(concurrency-mt-unsafe)
    return path;
  }
  SignedTokens() : Tokens(key_file() + ".pub") {}
  ~SignedTokens() override {
    const std::string path = testing::TempDir() + "cairn-assertion-key.pem";
    std::filesystem::remove(path);
    std::filesystem::remove(path + ".pub");
  }
};

TEST_P(SignedTokens, APrivateKeySignsAssertions) {
  const std::string pem = text_of(testing::TempDir() + "cairn-assertion-key.pem");
  const Value client = Value::object({{"id", Value::string("me")},
                                      {"authentication", Value::string("private_key_jwt")},
                                      {"assertion", Value::string(pem)}});
  EXPECT_EQ(value_of(run(policy("/token", to_json(Value::object({{"client", client}}))))), k_sent);
}
INSTANTIATE_TEST_SUITE_P(Keys, SignedTokens,
                         testing::Values("-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
                                         "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"));

TEST_F(Tokens, AKeyThatIsNoneIsToldWithoutIt) {
  const auto outcome = run(policy(
      "/token", R"({"client":{"id":"me","authentication":"private_key_jwt","assertion":"-----BEGIN NONSENSE"}})"));
  EXPECT_EQ(kind_of(problem_in(outcome)), "authentication");
  EXPECT_EQ(problem_in(outcome).detail.find("NONSENSE"), std::string::npos);
  EXPECT_EQ(asked(), 0);
}

TEST(Jwt, ClaimsAreReadOfWhatIsOneOnly) {
  const Value claims = json(R"({"iss":"me","n":1})");
  EXPECT_EQ(jwt_claims(sign_jwt_with_secret(claims, "key")), claims);
  for (const auto* text : {"", "a.b", "a.b.c", "e30.e30", "e30.e30.e30.e30", "opaque"})
    EXPECT_EQ(jwt_claims(text), std::nullopt);
}

TEST(Jwt, IsSignedAsTheStandardsExampleIs) {
  // The claims and secret that the site of the standard shows.
  EXPECT_EQ(
      sign_jwt_with_secret(json(R"({"sub":"1234567890","name":"John Doe","iat":1516239022})"), "your-256-bit-secret"),
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
      "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c");
}

}  // namespace
}  // namespace cairn::test
