// Hosting of runs on a real log, with connectors and a clock the test holds in its hand.

#include "engine/runtime/engine.h"

#include "engine/log/rocks_log.h"
#include "engine/runtime/history.h"
#include "workflows/value/json.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cairn {
namespace {

Value json(std::string_view text) { return parse_json(text).value(); }

class TestClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return {time}; }
  std::int64_t time = 1'800'000'000'000;
};

class TestRandom final : public Random {
 public:
  std::uint64_t next() override { return state_ += 0x9e3779b97f4a7c15ULL; }

 private:
  std::uint64_t state_ = 1;
};

/// What a connector was asked, and the way to answer it.
struct Outside {
  struct Call {
    EffectRequest request;
    EffectObserver observer;
    bool cancelled = false;
  };
  std::vector<std::shared_ptr<Call>> calls;

  class Ongoing final : public RunningEffect {
   public:
    explicit Ongoing(std::shared_ptr<Call> call) : call_(std::move(call)) {}
    Ongoing(const Ongoing&) = delete;
    Ongoing& operator=(const Ongoing&) = delete;
    ~Ongoing() override { call_->cancelled = true; }

   private:
    std::shared_ptr<Call> call_;
  };
  class Door final : public Connector {
   public:
    explicit Door(Outside& outside) : outside_(outside) {}
    std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
      auto call = std::make_shared<Call>(Call{std::move(request), std::move(observer)});
      outside_.calls.push_back(call);
      return std::make_unique<Ongoing>(call);
    }

   private:
    Outside& outside_;
  };
};

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() /
                 ("cairn-engine-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + "-" +
                  std::to_string(::getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    open();
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  /// Opens the log anew, as a process that starts does.
  void open(std::unique_ptr<Committer> (*make_committer)(EventLog&) = make_direct_committer) {
    io = std::make_unique<boost::asio::io_context>();
    auto opened = open_rocks_log(directory_.string(), {});
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    log = std::move(opened.value());
    Connectors connectors;
    connectors.emplace("http", std::make_unique<Outside::Door>(outside));
    connectors.emplace("shell", std::make_unique<Outside::Door>(outside));
    engine = std::make_unique<Engine>(*io, *log, make_committer(*log), std::move(connectors), clock, random);
  }
  void close() {
    engine.reset();
    log.reset();
    io.reset();
    outside.calls.clear();
  }

  static DefinitionText definition(const std::string& tasks, const std::string& name = "hosted") {
    DefinitionText text;
    text.text = "document: {dsl: '1.0.3', namespace: test, name: " + name + ", version: '1.0.0'}\n" + tasks;
    auto loaded = load_definition(text.text);
    EXPECT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, text.text, name);
    text.program = loaded.program;
    return text;
  }
  Result<Started> start(const std::string& tasks, const std::string& key = {}, Value input = json("{}")) {
    StartOptions options;
    options.workflow = definition(tasks);
    options.input = std::move(input);
    options.key = key;
    return engine->start(std::move(options));
  }
  void answer(std::size_t call, EffectOutcome outcome) {
    outside.calls.at(call)->observer.done(std::move(outcome));
    turn();
  }
  /// Lets everything that is ready happen.
  void turn() {
    io->restart();
    io->poll();
  }
  RunState state(const RunId& run) { return fold_run(*log, run).value(); }

  static constexpr const char* k_call =
      "do:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n";

  std::filesystem::path directory_;
  TestClock clock;
  TestRandom random;
  Outside outside;
  std::unique_ptr<boost::asio::io_context> io;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<Engine> engine;
};

TEST_F(EngineTest, ARunOfPureTasksHasEndedWhenStartReturns) {
  const auto started = start("do:\n  - a: {set: {x: 1}}\n");
  ASSERT_TRUE(started.has_value());
  EXPECT_EQ(to_json(state(started.value().run).output), R"({"x":1})");
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(EngineTest, AnEffectGoesOutAfterItsRecordAndItsResultIsTheNextStep) {
  const auto run = start(k_call).value().run;
  ASSERT_EQ(outside.calls.size(), 1U);
  const auto recorded = state(run);
  ASSERT_EQ(recorded.effects.size(), 1U) << "recorded before it went out";
  EXPECT_EQ(outside.calls[0]->request.idempotency_key,
            run.to_string() + "-" + std::to_string(number_of(recorded.effects.begin()->first)));
  answer(0, json(R"({"ok":true})"));
  EXPECT_EQ(to_json(state(run).output), R"({"ok":true})");
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(EngineTest, AfterACrashOnlyEffectsWithoutAResultRunAgainUnderTheSameKey) {
  const auto run = start(
                       "do:\n  - both:\n      fork:\n        branches:\n"
                       "          - one: {call: http, with: {method: get, endpoint: 'http://x.test/1'}}\n"
                       "          - two: {call: http, with: {method: get, endpoint: 'http://x.test/2'}}\n")
                       .value()
                       .run;
  ASSERT_EQ(outside.calls.size(), 2U);
  const auto key = outside.calls[1]->request.idempotency_key;
  answer(0, json("1"));
  close();
  open();
  ASSERT_TRUE(engine->resume(run, Value{}).has_value());
  turn();
  ASSERT_EQ(outside.calls.size(), 1U);
  EXPECT_EQ(outside.calls[0]->request.idempotency_key, key);
  answer(0, json("2"));
  EXPECT_EQ(to_json(state(run).output), "[1,2]");
  const auto verified = verify_run(*log, run);
  ASSERT_TRUE(verified.has_value());
  EXPECT_FALSE(verified.value().has_value());
}

TEST_F(EngineTest, AnAtMostOnceEffectInFlightAtACrashFaultsItsTask) {
  const auto run = start(
                       "do:\n  - pay:\n      call: http\n      with: {method: post, endpoint: 'http://x.test/'}\n"
                       "      metadata: {cairn: {delivery: at-most-once}}\n")
                       .value()
                       .run;
  close();
  open();
  ASSERT_TRUE(engine->resume(run, Value{}).has_value());
  turn();
  EXPECT_TRUE(outside.calls.empty());
  const auto after = state(run);
  ASSERT_EQ(after.ending, Ending::faulted);
  EXPECT_NE(after.problem->detail.find("at-most-once"), std::string::npos);
}

TEST_F(EngineTest, AnEffectThatWasLostWaitsForNoPlaceAnyMore) {
  const auto run = start(
                       "do:\n  - both:\n      fork:\n        branches:\n"
                       "          - pay: {try: [{it: {call: http, with: {method: post, endpoint: 'http://x.test/'},\n"
                       "                  metadata: {cairn: {delivery: at-most-once}}}}], catch: {}}\n"
                       "          - ask: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n")
                       .value()
                       .run;
  close();
  open();
  ASSERT_TRUE(engine->resume(run, json("{}")).has_value());
  turn();
  const std::vector<RunState> states{state(run)};
  const auto work = engine->work_on(states);
  ASSERT_TRUE(work.contains(run));
  EXPECT_TRUE(work.at(run).queued.empty());
  EXPECT_EQ(work.at(run).running.size(), 1U);
}

TEST_F(EngineTest, AKeyStartsOneRunAndRefusesOtherContent) {
  const auto first = start(k_call, "order-1").value();
  EXPECT_FALSE(first.existing);
  const auto again = start(k_call, "order-1").value();
  EXPECT_TRUE(again.existing);
  EXPECT_EQ(again.run, first.run);
  EXPECT_EQ(outside.calls.size(), 1U);
  const auto other = start(k_call, "order-1", json(R"({"n":1})"));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
}

TEST_F(EngineTest, TimersFireByTheClockAlsoAfterARestart) {
  const auto run = start("do:\n  - nap: {wait: {hours: 1}}\n  - done: {set: {ok: true}}\n").value().run;
  close();
  clock.time += 3'700'000;
  open();
  ASSERT_TRUE(engine->resume(run, Value{}).has_value());
  io->restart();
  io->run_for(std::chrono::seconds(2));
  EXPECT_EQ(to_json(state(run).output), R"({"ok":true})");
}

TEST_F(EngineTest, CancelStopsWhatIsUnderWay) {
  const auto run = start(k_call).value().run;
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::cancel, "test").has_value());
  EXPECT_TRUE(outside.calls[0]->cancelled);
  EXPECT_EQ(state(run).ending, Ending::cancelled);
  const auto again = engine->command(run, OperatorCommand::Kind::cancel, "test");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(EngineTest, ACommandForARunNobodyHostsIsRecordedAndNothingElseHappens) {
  const auto run = start(k_call).value().run;
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::suspend, "").has_value());
  close();
  open();
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::proceed, "").has_value());
  turn();
  EXPECT_TRUE(outside.calls.empty());
  EXPECT_EQ(engine->hosted(), 0U);
  EXPECT_FALSE(state(run).suspended_at.has_value());
  ASSERT_TRUE(engine->resume(run, Value{}).has_value());
  turn();
  EXPECT_EQ(outside.calls.size(), 1U);
}

TEST_F(EngineTest, AChildRunsBesideItsParentAndAnswersIt) {
  StartOptions options;
  options.workflow =
      definition("do:\n  - sub: {run: {workflow: {namespace: test, name: child, version: latest, input: {n: 20}}}}\n");
  options.with.push_back(
      definition("do:\n  - one: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n"
                 "  - two: {set: '${ {twice: (. * 2)} }'}\n",
                 "child"));
  options.input = json("{}");
  const auto run = engine->start(std::move(options)).value().run;
  ASSERT_EQ(outside.calls.size(), 1U);
  const auto child = state(run).children.begin()->first;
  close();  // a crash while the child waits
  open();
  ASSERT_TRUE(engine->resume(run, Value{}).has_value());
  turn();
  ASSERT_EQ(outside.calls.size(), 1U);
  answer(0, json("21"));
  EXPECT_EQ(to_json(state(run).output), R"({"twice":42})");
  EXPECT_EQ(state(child).ending, Ending::completed);
}

TEST_F(EngineTest, CancellingAParentCancelsItsChild) {
  StartOptions options;
  options.workflow = definition("do:\n  - sub: {run: {workflow: {namespace: test, name: child, version: latest}}}\n");
  options.with.push_back(definition(k_call, "child"));
  options.input = json("{}");
  const auto run = engine->start(std::move(options)).value().run;
  const auto child = state(run).children.begin()->first;
  ASSERT_TRUE(engine->command(run, OperatorCommand::Kind::cancel, "").has_value());
  turn();
  EXPECT_EQ(state(child).ending, Ending::cancelled);
  EXPECT_TRUE(outside.calls[0]->cancelled);
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(EngineTest, ASubWorkflowThatIsNotKnownIsRefusedBeforeAnythingIsRecorded) {
  const auto refused = start("do:\n  - sub: {run: {workflow: {namespace: test, name: nobody, version: latest}}}\n");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_usage);
  std::size_t runs = 0;
  ASSERT_TRUE(log->each_run([&](const RunSummary&) {
                   ++runs;
                   return true;
                 })
                  .has_value());
  EXPECT_EQ(runs, 0U);
}

TEST_F(EngineTest, SecretsReachTheEffectAndNothingElse) {
  StartOptions options;
  options.workflow = definition(
      "use: {secrets: [crm]}\ndo:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/', headers: "
      "{Key: '${ $secrets.crm.key }'}}}\n");
  options.input = json("{}");
  options.secrets = json(R"({"crm":{"key":"sesame-4711"},"other":"not declared"})");
  const auto run = engine->start(std::move(options)).value().run;
  EXPECT_EQ(outside.calls.at(0)->request.arguments.get("headers").get("Key").as_string(), "sesame-4711");
  answer(0, json(R"({"echo":"you sent sesame-4711"})"));
  EXPECT_EQ(to_json(state(run).output).find("sesame"), std::string::npos);
  const auto missing = engine->resume(start(k_call).value().run, Value{});
  EXPECT_TRUE(missing.has_value()) << "a definition without secrets needs none";
}

TEST_F(EngineTest, ResumingWithoutADeclaredSecretChangesNothing) {
  StartOptions options;
  options.workflow = definition(
      "use: {secrets: [crm]}\ndo:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/', headers: "
      "{Key: '${ $secrets.crm }'}}}\n");
  options.input = json("{}");
  options.secrets = json(R"({"crm":"sesame-4711"})");
  const auto run = engine->start(std::move(options)).value().run;
  const auto before = state(run).last;
  close();
  open();
  const auto refused = engine->resume(run, json("{}"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_usage);
  EXPECT_EQ(state(run).last, before);
  ASSERT_TRUE(engine->resume(run, json(R"({"crm":"sesame-4711"})")).has_value());
  turn();
  EXPECT_EQ(outside.calls.size(), 1U);
}

TEST_F(EngineTest, ManyRunsShareACommitterOnAThreadOfItsOwn) {
  close();
  open(make_threaded_committer);
  constexpr std::size_t k_runs = 300;
  const auto text = definition(k_call);
  std::map<RunId, std::unique_ptr<Observation>> observed;
  std::map<RunId, std::string> outputs;
  for (std::size_t i = 0; i < k_runs; ++i) {
    StartOptions options;
    options.workflow = text;
    options.input = json("{}");
    engine->start(std::move(options), [&](const Result<Started>& answer) {
      const RunId run = answer.value().run;
      RunObserver observer;
      observer.on_end = [&outputs, run](const RunState& ended) { outputs[run] = to_json(ended.output); };
      observed[run] = engine->observe(run, std::move(observer));
    });
  }
  std::size_t answered = 0;
  while (outputs.size() < k_runs) {
    io->restart();
    io->run_one();
    while (answered < outside.calls.size()) {
      const auto call = outside.calls.at(answered++);
      call->observer.done(json("\"" + call->request.run_id + "\""));
    }
  }
  for (const auto& [run, output] : outputs) {
    EXPECT_EQ(output, "\"" + run.to_string() + "\"");
    EXPECT_EQ(to_json(state(run).output), output);
  }
  EXPECT_EQ(engine->hosted(), 0U);
}

TEST_F(EngineTest, AnEngineWithBatchesOnTheirWayMayGoAtAnyTime) {
  const auto text = definition(k_call);
  for (int turns = 0; turns < 6; ++turns) {
    close();
    open(make_threaded_committer);
    for (int i = 0; i < 20; ++i) {
      StartOptions options;
      options.workflow = text;
      options.input = json("{}");
      engine->start(std::move(options), [](const Result<Started>& answer) { EXPECT_TRUE(answer.has_value()); });
    }
    for (int i = 0; i < turns; ++i) io->poll_one();
  }
  close();
  open();
  std::vector<RunId> there;
  ASSERT_TRUE(log->each_run([&](const RunSummary& summary) {
                   there.push_back(summary.id);
                   return true;
                 })
                  .has_value());
  EXPECT_FALSE(there.empty());
  for (const auto& run : there) EXPECT_EQ(state(run).effects.size(), 1U);
}

TEST_F(EngineTest, ALoopThatNeverEndsLeavesRoomForOthersAndCanBeCancelled) {
  const auto endless = start("do:\n  - a: {set: {x: 1}}\n  - b: {set: {x: 2}, then: a}\n").value().run;
  for (int i = 0; i < 3; ++i) {
    io->restart();
    io->poll_one();
  }
  const auto quick = start("do:\n  - a: {set: {x: 1}}\n").value().run;
  EXPECT_EQ(state(quick).ending, Ending::completed);
  ASSERT_TRUE(engine->command(endless, OperatorCommand::Kind::cancel, "").has_value());
  EXPECT_EQ(state(endless).ending, Ending::cancelled);
}

}  // namespace
}  // namespace cairn
