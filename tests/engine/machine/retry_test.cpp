#include "tests/engine/machine/driver.h"

#include <algorithm>

namespace cairn::tests {
namespace {

std::string guarded(const std::string& policy, const std::string& rest = "") {
  return "do:\n  - guard:\n      try:\n        - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
         "      catch:\n        errors: {with: {status: 503}}\n        retry: " +
         policy + "\n" + rest;
}

/// Delays between failures and next attempts, in milliseconds, until the run ends.
std::vector<std::int64_t> delays(Driver& run) {
  std::vector<std::int64_t> found;
  run.start();
  while (!run.state().ended()) {
    const auto before = run.now();
    auto decision = run.refuse(run.pending(), 503);
    if (run.state().ended()) break;
    if (run.state().effects.empty()) {
      run.fire_next_timer();
    }
    found.push_back(run.now().ms - before.ms);
    if (found.size() > 50) break;
  }
  return found;
}

struct BackoffCase {
  const char* policy;
  std::vector<std::int64_t> expected;
};

TEST(Retry, DelaysFollowThePolicyAndTheCountIsOfRetries) {
  const BackoffCase cases[] = {
      {"{delay: {seconds: 2}, limit: {attempt: {count: 3}}}", {2000, 2000, 2000}},
      {"{delay: {seconds: 2}, backoff: {constant: {}}, limit: {attempt: {count: 2}}}", {2000, 2000}},
      {"{delay: {seconds: 2}, backoff: {linear: {}}, limit: {attempt: {count: 4}}}", {2000, 4000, 6000, 8000}},
      {"{delay: {seconds: 2}, backoff: {exponential: {}}, limit: {attempt: {count: 4}}}", {2000, 4000, 8000, 16000}},
      {"{limit: {attempt: {count: 2}}}", {0, 0}},
      {"{delay: {seconds: 4}, limit: {duration: {seconds: 10}}}", {4000, 4000}},
      {"{delay: {seconds: 4}, limit: {attempt: {count: 0}}}", {}},
  };
  for (const auto& one : cases) {
    Driver run(guarded(one.policy));
    EXPECT_EQ(delays(run), one.expected) << one.policy;
    EXPECT_EQ(status_of(run.state()), RunStatus::faulted) << "out of retries, nothing else to do: raised again";
    EXPECT_EQ(run.state().problem->status, 503);
    EXPECT_EQ(run.state().problem->instance, "/do/0/guard/try/0/call");
  }
}

TEST(Retry, JitterIsAddedWithinItsRange) {
  Driver run(
      guarded("{delay: {seconds: 1}, jitter: {from: {milliseconds: 100}, to: {milliseconds: 300}}, limit: {attempt: "
              "{count: 20}}}"));
  const auto found = delays(run);
  ASSERT_EQ(found.size(), 20U);
  EXPECT_TRUE(std::ranges::all_of(found, [](auto d) { return d >= 1100 && d <= 1300; }));
  EXPECT_GT(*std::ranges::max_element(found) - *std::ranges::min_element(found), 0) << "it varies";
}

TEST(Retry, AttemptsOfOneVisitShareAKeyAndRoundsOfALoopDoNot) {
  Driver run(
      "do:\n  - loop:\n      for: {in: '[1, 2]'}\n      do:\n        - guard:\n            try:\n"
      "              - one: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
      "              - two: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
      "            catch: {retry: {limit: {attempt: {count: 3}}}}\n");
  run.start();
  run.answer(run.pending(), json("1"));  // round 1, one
  run.refuse(run.pending(), 503);        // round 1, two fails: both again
  run.answer(run.pending(), json("1"));
  run.answer(run.pending(), json("1"));
  run.answer(run.pending(), json("1"));  // round 2
  run.answer(run.pending(), json("1"));
  ASSERT_EQ(status_of(run.state()), RunStatus::completed);
  const auto scheduled = run.all<EffectScheduled>();
  ASSERT_EQ(scheduled.size(), 6U);
  EXPECT_EQ(scheduled[0].key, k_no_event) << "the first visit is its own key";
  EXPECT_NE(scheduled[2].key, k_no_event);
  EXPECT_NE(scheduled[3].key, k_no_event);
  EXPECT_NE(scheduled[2].key, scheduled[3].key);
  EXPECT_EQ(scheduled[4].key, k_no_event) << "another round is another visit";
}

TEST(Retry, AnOuterTryKeepsTheKeysOfAnInnerOne) {
  Driver run(
      "do:\n  - outer:\n      try:\n        - inner:\n            try:\n"
      "              - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
      "            catch: {errors: {with: {status: 503}}, retry: {limit: {attempt: {count: 1}}}}\n"
      "      catch: {retry: {limit: {attempt: {count: 1}}}}\n");
  run.start();
  const auto first = run.pending();
  for (int i = 0; i < 3; ++i) run.refuse(run.pending(), 503);
  run.answer(run.pending(), json("1"));
  const auto scheduled = run.all<EffectScheduled>();
  ASSERT_EQ(scheduled.size(), 4U);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(scheduled[i].key, first);
}

TEST(Catch, TheHandlerSeesTheErrorAndItsOutputIsTheTrys) {
  Driver run(
      "do:\n  - guard:\n      try:\n        - bad: {raise: {error: {type: 'https://x.test/e', status: 409, title: "
      "Oops}}}\n"
      "      catch:\n        as: why\n        when: '$why.status == 409'\n        do:\n          - tell: {set: {told: "
      "'${ $why.title }', at: '${ $why.instance }'}}\n");
  run.start();
  EXPECT_EQ(run.output(), R"({"told":"Oops","at":"/do/0/guard/try/0/bad"})");
}

TEST(Catch, AnErrorInTheHandlerIsNotCaughtByTheSameTry) {
  Driver run(
      "do:\n  - guard:\n      try:\n        - bad: {raise: {error: {type: 'https://x.test/e', status: 409}}}\n"
      "      catch:\n        do:\n          - worse: {raise: {error: {type: 'https://x.test/f', status: 410}}}\n");
  run.start();
  ASSERT_EQ(status_of(run.state()), RunStatus::faulted);
  EXPECT_EQ(run.state().problem->status, 410);
}

TEST(Catch, ExceptWhenAndFiltersLetErrorsThrough) {
  for (const char* clause :
       {"{errors: {with: {status: 500}}}", "{when: '$error.status == 500'}", "{exceptWhen: '$error.status == 409'}",
        "{errors: {with: {type: 'https://x.test/other'}}}"}) {
    Driver run(std::string("do:\n  - guard:\n      try:\n        - bad: {raise: {error: {type: 'https://x.test/e', "
                           "status: 409}}}\n      catch: ") +
               clause + "\n");
    run.start();
    EXPECT_EQ(status_of(run.state()), RunStatus::faulted) << clause;
  }
}

TEST(Retry, AnAttemptThatTakesTooLongIsInterruptedAndRetried) {
  Driver run(
      "do:\n  - guard:\n      try:\n        - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
      "      catch:\n        retry: {limit: {attempt: {count: 1, duration: {seconds: 5}}}}\n");
  run.start();
  const auto first = run.pending();
  const auto decision = run.fire_next_timer();
  EXPECT_EQ(decision.cancelled_effects, std::vector<EventSeq>{first});
  run.answer(run.pending(), json("7"));
  EXPECT_EQ(run.output(), "7");
}

TEST(Effects, AtMostOnceFaultsAfterACrashAndSaysSo) {
  Driver run(
      "do:\n  - pay:\n      call: http\n      with: {method: post, endpoint: 'http://x.test/'}\n      metadata: "
      "{cairn: {delivery: at-most-once}}\n");
  run.start();
  EXPECT_TRUE(run.state().effects.begin()->second.at_most_once);
  run.give(EffectLost{run.pending()});
  ASSERT_EQ(status_of(run.state()), RunStatus::faulted);
  EXPECT_NE(run.state().problem->detail.find("at-most-once"), std::string::npos);
}

TEST(Effects, SecretsAreEvaluatedAtDispatchAndNeverRecorded) {
  Driver run(
      "use: {secrets: [token]}\ndo:\n  - call:\n      call: http\n      with:\n        method: post\n        "
      "endpoint:\n          uri: http://x.test/\n"
      "          authentication: {bearer: {token: '${ $secrets.token }'}}\n        headers: {X-Key: 'k-${ "
      "$secrets.token }'}\n        body: {id: '${ .id }'}\n");
  run.start(json(R"({"id":9007199254740993})"));
  const auto effect = run.state().effects.begin()->second;
  EXPECT_TRUE(effect.confidential);
  EXPECT_EQ(effect.request.get("body").get("id").as_int(), 9007199254740993);
  EXPECT_EQ(to_json(effect.request).find("hunter2"), std::string::npos);
  const auto request = run.machine().request(effect, json(R"({"token":"hunter2"})"), run.now());
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request.value().get("headers").get("X-Key").as_string(), "k-hunter2");
  EXPECT_EQ(request.value().get("endpoint").get("authentication").get("bearer").get("token").as_string(), "hunter2");
  EXPECT_EQ(to_json(to_value(run.state())).find("hunter2"), std::string::npos);

  const auto missing = run.machine().request(effect, json("{}"), run.now());
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().status, 403);
}

}  // namespace
}  // namespace cairn::tests
