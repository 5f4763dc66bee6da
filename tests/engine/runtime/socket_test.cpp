// The owner's socket, from both sides.

#include "engine/runtime/socket.h"

#include "engine/runtime/owner_lock.h"
#include "tests/engine/runtime/service_harness.h"
#include "workflows/core/limits.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace cairn::tests {
namespace {

using testing::HasSubstr;

class Folder {
 public:
  explicit Folder(const std::string& more = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "cairn-socket-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    path_ = root_ + more;
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(root_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string root_;
  std::string path_;
};

/// Runs a context on a thread of its own, as another process would. Keep what it works on alive longer.
class Elsewhere {
 public:
  explicit Elsewhere(std::function<void()> work) : thread_(std::move(work)) {}
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
  ~Elsewhere() { thread_.join(); }

 private:
  std::thread thread_;
};

class SocketTest : public ServiceTest {
 protected:
  void listen(const std::string& path) {
    auto opened = SocketServer::open(io, path, service);
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
    server = std::move(opened.value());
  }

  /// Runs the owner until `done` or for ten seconds.
  template <class Done>
  void serve_until(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io.restart();
      io.run_one_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(done()) << "waited in vain";
  }

  /// What a guest gets to read who sends `bytes` as they are.
  std::string raw_exchange(const std::string& path, const std::string& bytes) {
    std::string got;
    std::atomic<bool> over = false;
    const Elsewhere guest([&] {
      const int descriptor = raw_connect(path);
      std::size_t sent = 0;
      while (sent < bytes.size()) {
        const auto put = ::send(descriptor, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (put <= 0) break;
        sent += static_cast<std::size_t>(put);
      }
      char buffer[4096];
      for (ssize_t n = 0; (n = ::recv(descriptor, buffer, sizeof buffer, 0)) > 0;)
        got.append(buffer, static_cast<std::size_t>(n));
      ::close(descriptor);
      over = true;
    });
    serve_until([&] { return over.load(); });
    return got;
  }

  static int raw_connect(const std::string& path) {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (path + "/owner.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return descriptor;
  }

  /// Sends one request over a connection of the client and waits for its last answer.
  std::vector<Value> exchange(const std::string& path, const Value& request) {
    std::vector<Value> messages;
    std::atomic<bool> over = false;
    const Elsewhere guest([&] {
      boost::asio::io_context guest_io;
      auto connection = connect_owner(guest_io, path);
      ASSERT_TRUE(connection.has_value()) << connection.error().to_string();
      ASSERT_NE(connection.value(), nullptr);
      connection.value()->send(
          request, [&](const Value& message, bool) { messages.push_back(message); }, [] { ADD_FAILURE() << "lost"; });
      guest_io.run();
      over = true;
    });
    serve_until([&] { return over.load(); });
    return messages;
  }

  Folder folder;
  std::unique_ptr<SocketServer> server;
};

TEST_F(SocketTest, ARequestIsAnsweredAsIfItWereOurOwn) {
  listen(folder.path());
  const std::string run = start("do:\n  - a: {set: {x: 1}}\n");
  const auto events = exchange(folder.path(), json(R"({"op": "events", "run": "last"})"));
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events[3].get("event").get("type"), Value::string("RunCompleted"));
  const auto error = exchange(folder.path(), json(R"({"op": "show", "run": "zebra"})"));
  EXPECT_EQ(error_in(error.at(0))->code, ErrorCode::not_found);
}

TEST_F(SocketTest, ALongHistoryArrivesWhole) {
  listen(folder.path());
  start("do:\n  - each:\n      for: {each: i, in: '[range(3000)]'}\n      do:\n        - a: {set: {x: 1}}\n");
  serve_until([this] { return engine.hosted() == 0; });
  const auto events = exchange(folder.path(), json(R"({"op": "events", "run": "last"})"));
  EXPECT_EQ(events.size(), log.summaries.begin()->second.length + 1);
}

TEST_F(SocketTest, DataAsDeepAsARunMayHaveItArrives) {
  listen(folder.path());
  const auto depth = limits::k_data_depth;
  const Value deep = json(std::string(depth, '[') + std::string(depth, ']'));
  ask(Value::object({{"op", Value::string("start")},
                     {"definition", Value::string(definition_text("do:\n  - pause: {wait: {seconds: 5}}\n"))},
                     {"input", deep}}));
  EXPECT_EQ(exchange(folder.path(), json(R"({"op": "show", "run": "last"})")).at(0).get("run").get("input"), deep);
  const auto events = exchange(folder.path(), json(R"({"op": "events", "run": "last"})"));
  EXPECT_EQ(events.at(0).get("event").get("data").get("input"), deep);
  const auto state = exchange(folder.path(), json(R"({"op": "replay", "run": "last"})"));
  EXPECT_EQ(state.at(0).get("state").get("position").as_array().at(0).get("input"), deep);
}

TEST_F(SocketTest, TheSocketIsForItsOwnerAloneAndGoesWithTheServer) {
  listen(folder.path());
  struct stat status{};
  ASSERT_EQ(::stat((folder.path() + "/owner.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  server.reset();
  EXPECT_NE(::stat((folder.path() + "/owner.sock").c_str(), &status), 0);
}

TEST_F(SocketTest, APathLongerThanASocketsAddressWorks) {
  const Folder deep("/" + std::string(100, 'd') + "/" + std::string(100, 'e'));
  listen(deep.path());
  EXPECT_EQ(exchange(deep.path(), json(R"({"op": "runs"})")).size(), 1U);
}

TEST_F(SocketTest, NobodyListeningIsNotAnError) {
  const auto connection = connect_owner(io, folder.path());
  ASSERT_TRUE(connection.has_value());
  EXPECT_EQ(connection.value(), nullptr);
}

TEST_F(SocketTest, WhatADeadOwnerLeftIsReplaced) {
  listen(folder.path());
  // A socket file without a process behind it: what kill -9 leaves.
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  server.reset();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder.path() + "/owner.sock").copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(descriptor);
  EXPECT_EQ(connect_owner(io, folder.path()).value(), nullptr);
  listen(folder.path());
  EXPECT_EQ(exchange(folder.path(), json(R"({"op": "runs"})")).size(), 1U);
}

class MalformedLines : public SocketTest, public testing::WithParamInterface<std::pair<std::string, std::string>> {};

TEST_P(MalformedLines, GetAnErrorAndAreClosed) {
  listen(folder.path());
  const std::string got = raw_exchange(folder.path(), GetParam().first);
  EXPECT_THAT(got, HasSubstr(R"({"last":{"error":{"code":")" + GetParam().second + "\""));
  EXPECT_TRUE(got.ends_with('\n'));
  EXPECT_EQ(server->guests(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Table, MalformedLines,
                         testing::Values(std::pair{std::string("\n"), std::string("invalid_input")},
                                         std::pair{std::string("hello\n"), std::string("invalid_input")},
                                         std::pair{std::string("{\"op\": \"runs\"\n"), std::string("invalid_input")},
                                         std::pair{std::string("\0\n", 2), std::string("invalid_input")},
                                         std::pair{std::string("\"\xff\"\n"), std::string("invalid_input")},
                                         std::pair{std::string(600, '[') + "\n", std::string("limit_exceeded")},
                                         std::pair{std::string("7\n"), std::string("invalid_usage")}));

TEST_F(SocketTest, ARequestBeyondTheLimitIsRefused) {
  listen(folder.path());
  EXPECT_THAT(raw_exchange(folder.path(), std::string(k_request_bytes + 1, 'x')), HasSubstr("limit_exceeded"));
}

TEST_F(SocketTest, AGuestBeyondTheLimitIsToldToComeBack) {
  listen(folder.path());
  std::vector<int> guests;
  for (std::size_t i = 0; i < k_max_guests; ++i) guests.push_back(raw_connect(folder.path()));
  serve_until([this] { return server->guests() == k_max_guests; });
  std::optional<Error> refused;
  std::atomic<bool> over = false;
  {
    const Elsewhere guest([&] {
      boost::asio::io_context guest_io;
      const auto connection = connect_owner(guest_io, folder.path());
      if (!connection) refused = connection.error();
      over = true;
    });
    serve_until([&] { return over.load(); });
  }
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code, ErrorCode::busy);
  for (const int descriptor : guests) ::close(descriptor);
  serve_until([this] { return server->guests() == 0; });
}

TEST_F(SocketTest, AGuestThatDoesNotReadCostsAPageAndBlocksNobody) {
  listen(folder.path());
  start("do:\n  - each:\n      for: {each: i, in: '[range(20000)]'}\n      do:\n        - a: {set: {x: 1}}\n");
  serve_until([this] { return engine.hosted() == 0; });
  const int idle = raw_connect(folder.path());
  const std::string request = "{\"op\": \"events\", \"run\": \"last\"}\n";
  ASSERT_EQ(::send(idle, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
  // Others are served meanwhile.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(exchange(folder.path(), json(R"({"op": "runs"})")).size(), 1U);
  serve_until([this] { return server->guests() <= 1; });  // the last of them may still be closing
  EXPECT_EQ(server->guests(), 1U) << "it is owed its answers";
  ::close(idle);
  serve_until([this] { return server->guests() == 0; });
}

TEST_F(SocketTest, AGuestThatOnlyWaitsForNewsDoesNotKeepTheOwner) {
  listen(folder.path());
  start(k_call);
  const int follower = raw_connect(folder.path());
  const std::string request = "{\"op\": \"events\", \"run\": \"last\", \"follow\": true}\n";
  ASSERT_EQ(::send(follower, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
  serve_until([this] { return server->guests() == 1; });
  serve_until([this] { return server->guests() == 0; });
  ::close(follower);
}

TEST_F(SocketTest, AGuestLearnsThatItsOwnerIsGone) {
  listen(folder.path());
  start(k_call);
  std::atomic<bool> following = false;
  std::atomic<bool> lost = false;
  std::atomic<bool> over = false;
  const Elsewhere guest([&] {
    boost::asio::io_context guest_io;
    auto connection = connect_owner(guest_io, folder.path());
    connection.value()->send(
        json(R"({"op": "follow", "run": "last"})"), [&](const Value&, bool) { following = true; },
        [&] { lost = true; });
    guest_io.run();
    over = true;
  });
  serve_until([&] { return following.load(); });
  server.reset();
  serve_until([&] { return over.load(); });
  EXPECT_TRUE(lost);
}

TEST(OwnerLock, IsHeldByOneAndGivenBackByItsEnd) {
  const Folder folder;
  auto first = OwnerLock::try_acquire(folder.path());
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first.value().has_value());
  EXPECT_FALSE(OwnerLock::try_acquire(folder.path()).value().has_value());
  first.value().reset();
  EXPECT_TRUE(OwnerLock::try_acquire(folder.path()).value().has_value());
}

TEST(OwnerLock, InAFolderThatIsNotThereIsAnError) {
  EXPECT_EQ(OwnerLock::try_acquire("/nonexistent/folder").error().code, ErrorCode::io);
}

}  // namespace
}  // namespace cairn::tests
