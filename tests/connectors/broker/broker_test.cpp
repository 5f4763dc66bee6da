// What brings messages in and takes events out, before a broker that the test plays.

#include "connectors/broker/broker_sender.h"
#include "connectors/broker/event_source.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

namespace cairn {
namespace {

Error away() { return make_error(ErrorCode::unavailable, "the broker at test:1 is away"); }

/// A stream that keeps what is not acknowledged.
struct Stream {
  std::mutex mutex;
  std::vector<BrokerMessage> messages;
  std::size_t acknowledged = 0;
  int connections = 0;
  int failing_connections = 0;
  int failing_acknowledgements = 0;
  std::vector<std::string> appended;
  std::vector<Result<void>> answers;  ///< to append(), the last first
};

class Consumer final : public BrokerConsumer {
 public:
  explicit Consumer(Stream& stream) : stream_(stream) {}
  Result<void> connect() override {
    const std::lock_guard lock(stream_.mutex);
    ++stream_.connections;
    at_ = stream_.acknowledged;
    if (stream_.failing_connections-- > 0) return away();
    return success();
  }
  Result<std::vector<BrokerMessage>> read(std::size_t, std::chrono::milliseconds) override {
    const std::lock_guard lock(stream_.mutex);
    std::vector<BrokerMessage> given;
    for (; at_ < stream_.messages.size() && given.size() < 2; ++at_) given.push_back(stream_.messages[at_]);
    return given;
  }
  Result<void> acknowledge() override {
    const std::lock_guard lock(stream_.mutex);
    if (at_ > stream_.acknowledged && stream_.failing_acknowledgements-- > 0) return away();
    stream_.acknowledged = at_;
    return success();
  }
  [[nodiscard]] std::string place() const override { return "test stream"; }

 private:
  Stream& stream_;
  std::size_t at_ = 0;
};

class Producer final : public BrokerProducer {
 public:
  explicit Producer(Stream& stream) : stream_(stream) {}
  Result<void> connect() override {
    ++stream_.connections;
    if (stream_.failing_connections-- > 0) return away();
    return success();
  }
  Result<void> append(const OutgoingMessage& message) override {
    if (!stream_.answers.empty()) {
      auto answer = stream_.answers.back();
      stream_.answers.pop_back();
      if (!answer) return answer;
    }
    stream_.appended.push_back(message.id.substr(0, 4) + " " + message.body);
    return success();
  }
  [[nodiscard]] std::string place() const override { return "test stream"; }

 private:
  Stream& stream_;
};

BrokerMessage message(int number) {
  return {std::to_string(number),
          {{"event", R"({"specversion":"1.0","source":"/s","type":"t","id":")" + std::to_string(number) + "\"}"}}};
}

Value event(int number) {
  return Value::object({{"source", Value::string("/s")}, {"id", Value::string(std::to_string(number))}});
}

class BrokerTest : public testing::Test {
 protected:
  template <class Condition>
  void run_until(Condition&& condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < until) io.run_one_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(condition());
  }
  std::unique_ptr<EventSource> source() {
    return std::make_unique<EventSource>(io.get_executor(), IncomingOptions{"orders", "event", {}, {}},
                                         std::make_unique<Consumer>(stream),
                                         [this](std::vector<Value> events, const EventSource::Published& published) {
                                           if (refusals-- > 0) return published(away());
                                           for (auto& one : events) bus.push_back(one.get("id").as_string());
                                           published(std::nullopt);
                                         });
  }
  std::size_t acknowledged() {
    const std::lock_guard lock(stream.mutex);
    return stream.acknowledged;
  }
  SendResult send(EventSender& sender, std::vector<Value> events) {
    std::optional<SendResult> result;
    const auto sending = sender.send(std::move(events), [&result](SendResult told) { result = std::move(told); });
    run_until([&] { return result.has_value(); });
    return result.value_or(SendResult{});
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  Stream stream;
  std::vector<std::string> bus;
  int refusals = 0;
};

TEST_F(BrokerTest, MessagesComeInOrderAndAreAcknowledgedWhenTheyAreDurable) {
  for (int i = 0; i < 5; ++i) stream.messages.push_back(message(i));
  refusals = 2;
  const auto taking = source();
  run_until([this] { return acknowledged() == 5; });
  EXPECT_EQ(bus, (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST_F(BrokerTest, NothingIsAcknowledgedThatIsNotDurable) {
  stream.messages.push_back(message(1));
  refusals = 1'000'000;
  auto taking = source();
  run_until([this] { return refusals < 1'000'000; });
  taking.reset();
  EXPECT_EQ(acknowledged(), 0U);
  EXPECT_TRUE(bus.empty());
}

TEST_F(BrokerTest, ABrokerThatIsAwayIsTriedAgainAndGivesAgainWhatWasNotAcknowledged) {
  stream.failing_connections = 2;
  stream.failing_acknowledgements = 1;
  stream.messages = {message(1), message(2)};
  const auto taking = source();
  run_until([this] { return acknowledged() == 2; });
  EXPECT_EQ(bus, (std::vector<std::string>{"1", "2", "1", "2"})) << "the bus knows them by source and id";
  EXPECT_EQ(stream.connections, 4);
}

TEST_F(BrokerTest, EventsGoOutInOrderUnderIdsOfTheirOwn) {
  const auto sender = make_broker_sender(io.get_executor(), std::make_unique<Producer>(stream));
  EXPECT_EQ(send(*sender, {event(1), event(2), event(1)}).kind, SendResult::Kind::accepted);
  ASSERT_EQ(stream.appended.size(), 3U);
  EXPECT_EQ(stream.appended[0], stream.appended[2]);
  EXPECT_NE(stream.appended[0].substr(0, 4), stream.appended[1].substr(0, 4));
  EXPECT_EQ(stream.connections, 1);
  EXPECT_EQ(sender->destination(), "test stream");
}

TEST_F(BrokerTest, ASenderSaysWhatWasTakenBeforeTheBrokerWentAway) {
  const auto sender = make_broker_sender(io.get_executor(), std::make_unique<Producer>(stream));
  stream.answers = {away(), success()};
  const auto result = send(*sender, {event(1), event(2), event(3)});
  EXPECT_EQ(result.kind, SendResult::Kind::retry);
  EXPECT_EQ(result.taken, 1U);
  EXPECT_EQ(result.why, "the broker at test:1 is away");
  EXPECT_EQ(send(*sender, {event(2), event(3)}).kind, SendResult::Kind::accepted);
  EXPECT_EQ(stream.connections, 2) << "it connects again";
}

TEST_F(BrokerTest, AnEventThatTheBrokerNeverTakesIsRefused) {
  const auto sender = make_broker_sender(io.get_executor(), std::make_unique<Producer>(stream));
  stream.answers = {make_error(ErrorCode::limit_exceeded, "too large")};
  EXPECT_EQ(send(*sender, {event(1)}).kind, SendResult::Kind::refused);
}

TEST_F(BrokerTest, WhatIsGivenUpIsNotToldAnyMore) {
  auto sender = make_broker_sender(io.get_executor(), std::make_unique<Producer>(stream));
  bool told = false;
  sender->send({event(1)}, [&told](const SendResult&) { told = true; });  // the sending goes at once
  sender.reset();
  io.poll();
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace cairn
