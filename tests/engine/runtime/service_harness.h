#pragma once
// A Service over an Engine with a log in memory, a clock and an outside world that the test holds in its hand.

#include "engine/runtime/history.h"
#include "engine/runtime/service.h"
#include "tests/engine/runtime/memory_log.h"
#include "workflows/value/json.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cairn::tests {

inline Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value ? value.value() : Value{};
}

class HandClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return {time}; }
  std::int64_t time = 1'800'000'000'000;
};

/// The same numbers every time.
class SeededRandom final : public Random {
 public:
  std::uint64_t next() override { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

/// What connectors were asked; the test answers.
class Outside {
 public:
  struct Call {
    EffectRequest request;
    EffectObserver observer;
  };
  std::vector<std::shared_ptr<Call>> calls;

  Connectors connectors() {
    Connectors all;
    for (const auto* name : {"http", "openapi", "shell", "script"}) all.emplace(name, std::make_unique<Door>(*this));
    return all;
  }

 private:
  class Ongoing final : public RunningEffect {};
  class Door final : public Connector {
   public:
    explicit Door(Outside& outside) : outside_(outside) {}
    std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
      outside_.calls.push_back(std::make_shared<Call>(Call{std::move(request), std::move(observer)}));
      return std::make_unique<Ongoing>();
    }

   private:
    Outside& outside_;
  };
};

inline std::string definition_text(const std::string& tasks, const std::string& name = "served") {
  return "document: {dsl: '1.0.3', namespace: test, name: " + name + ", version: '1.0.0'}\n" + tasks;
}

/// Everything one request was answered with.
struct Answers {
  std::vector<Value> messages;
  bool over = false;
  std::unique_ptr<Exchange> exchange;

  [[nodiscard]] const Value& only() const {
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_TRUE(over);
    return messages.at(0);
  }
  [[nodiscard]] std::vector<Value> all(std::string_view name) const {
    std::vector<Value> found;
    for (const auto& message : messages) {
      if (const Value* member = message.find(name)) found.push_back(*member);
    }
    return found;
  }
  [[nodiscard]] std::string error_code() const {
    const auto errors = all("error");
    return errors.empty() ? "" : errors.front().get("code").as_string();
  }
};

class ServiceTest : public testing::Test {
 protected:
  ServiceTest()
      : engine(io, log, make_direct_committer(log), outside.connectors(), clock, random), service(io, engine, clock) {}

  /// Sends a request and lets everything happen that is ready. The answers go on coming while the result lives.
  std::shared_ptr<Answers> ask(const Value& request) {
    auto answers = std::make_shared<Answers>();
    answers->exchange = service.handle(request, [answers = answers.get()](const Value& message, bool last) {
      EXPECT_FALSE(answers->over) << "nothing comes after the last answer";
      answers->messages.push_back(message);
      answers->over = last;
    });
    turn();
    return answers;
  }
  std::shared_ptr<Answers> ask(const std::string& request) { return ask(json(request)); }

  /// Waits for the last answer of what works on a thread of its own.
  void finish(const std::shared_ptr<Answers>& answers) {
    while (!answers->over) {
      io.restart();
      io.run_one();
    }
  }

  std::string start(const std::string& tasks, const std::string& name = "served") {
    const auto answers = ask(Value::object({{"op", Value::string("start")},
                                            {"definition", Value::string(definition_text(tasks, name))},
                                            {"input", json("{}")}}));
    const Value run = answers->only().get("run");
    EXPECT_TRUE(run.is_string()) << to_json(answers->messages.at(0));
    return run.is_string() ? run.as_string() : "";
  }

  void answer(std::size_t call, EffectOutcome outcome) {
    outside.calls.at(call)->observer.done(std::move(outcome));
    turn();
  }
  void turn() {
    io.restart();
    io.poll();
  }

  static constexpr const char* k_call =
      "do:\n  - call: {call: http, with: {method: get, endpoint: 'http://x.test/'}}\n";

  boost::asio::io_context io;
  MemoryLog log;
  HandClock clock;
  SeededRandom random;
  Outside outside;
  Engine engine;
  Service service;
};

}  // namespace cairn::tests
