#pragma once
// What the tests of connectors share: effects run to their outcome, and stand-in servers.

#include "engine/effects/effect.h"
#include "workflows/value/json.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>

namespace cairn::test {

inline Value json(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed) ADD_FAILURE() << parsed.error().to_string() << " in " << text;
  return parsed ? std::move(parsed).value() : Value::null();
}

/// The stand-in server, as a child process on a free port.
class StandIn {
 public:
  explicit StandIn(const std::string& arguments = {}) {
    const std::string command = "exec python3 " CAIRN_SOURCE_DIR "/tests/connectors/stand_in.py " + arguments;
    pipe_ = popen(command.c_str(), "r");
    int pid = 0;
    if (pipe_ == nullptr || std::fscanf(pipe_, "%d %d", &port_, &pid) != 2) {
      ADD_FAILURE() << "the stand-in server does not start";
    }
    pid_ = pid;
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  ~StandIn() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    if (pipe_ != nullptr) pclose(pipe_);
  }
  [[nodiscard]] std::string url(const std::string& path, const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] int port() const { return port_; }

 private:
  std::FILE* pipe_ = nullptr;
  int port_ = 0;
  pid_t pid_ = 0;
};

/// An executor, and effects run on it.
class EffectRunner {
 public:
  boost::asio::io_context context;

  /// Runs one effect to its end (10 seconds at most).
  EffectOutcome run(Connector& connector, Value arguments) {
    std::optional<EffectOutcome> outcome;
    const auto running = start(connector, std::move(arguments), outcome);
    EXPECT_FALSE(outcome.has_value()) << "reported before start returned";
    run_until([&] { return outcome.has_value(); }, std::chrono::seconds(10));
    if (!outcome) ADD_FAILURE() << "no outcome in time";
    return outcome ? *outcome : EffectOutcome(Problem{});
  }

  std::unique_ptr<RunningEffect> start(Connector& connector, Value arguments, std::optional<EffectOutcome>& outcome) {
    EffectRequest request;
    request.arguments = std::move(arguments);
    request.idempotency_key = "key-1";
    request.run_id = "run-1";
    request.task = "/do/0/task";
    EffectObserver observer;
    observer.done = [&outcome](EffectOutcome result) {
      EXPECT_FALSE(outcome.has_value()) << "reported twice";
      outcome = std::move(result);
    };
    observer.progress = [this](std::string_view stream, std::string_view text) {
      progress += "[" + std::string(stream) + "]" + std::string(text);
    };
    return connector.start(std::move(request), std::move(observer));
  }

  template <class Condition>
  bool run_until(Condition condition, std::chrono::milliseconds longest) {
    const auto deadline = std::chrono::steady_clock::now() + longest;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(20));
    }
    return condition();
  }
  void run_for(std::chrono::milliseconds time) {
    run_until([] { return false; }, time);
  }

  std::string progress;
};

inline Value value_of(const EffectOutcome& outcome) {
  if (const auto* value = std::get_if<Value>(&outcome)) return *value;
  const auto& problem = std::get<Problem>(outcome);
  ADD_FAILURE() << "expected an output, got " << to_json(problem.to_value());
  return Value::null();
}

inline Problem problem_in(const EffectOutcome& outcome) {
  if (const auto* problem = std::get_if<Problem>(&outcome)) return *problem;
  ADD_FAILURE() << "expected a problem, got " << to_json(std::get<Value>(outcome)).substr(0, 500);
  return {};
}

/// The last segment of a problem's type.
inline std::string kind_of(const Problem& problem) { return problem.type.substr(problem.type.rfind('/') + 1); }

}  // namespace cairn::test
