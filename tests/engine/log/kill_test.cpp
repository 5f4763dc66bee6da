// A writer killed with -9 at any instant: the log opens, is sound, and holds what the writer was told is durable.

#include "engine/log/verify.h"
#include "tests/engine/log/log_fixture.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT
using ::testing::IsEmpty;

constexpr const char* k_directory = "CAIRN_KILL_TEST_DIRECTORY";

/// Appends without end, and prints the run's length after each acknowledged batch. Run by the test below in a process of its own.
TEST(KilledWriter, DISABLED_Writer) {
  const char* directory = std::getenv(k_directory);
  ASSERT_NE(directory, nullptr);
  RocksLogOptions options;
  options.write_buffer_bytes = 64u << 10;
  options.head_interval = 16;
  const auto log = open_log(directory, options);
  std::uint64_t number = 1;
  expect_ok(log->each_run([&](const RunSummary& run) {
    number = static_cast<std::uint64_t>(run.started_at.ms) + 1;
    return false;
  }));
  SampleRun run(run_id(number));
  run.summary().started_at = Timestamp{static_cast<std::int64_t>(number)};
  const int acknowledgements =
      open((std::string(directory) + "/acknowledged").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  expect_ok(log->append({{definition()}, {run.start()}}));
  for (;;) {
    const std::string line = run.id().to_string() + " " + std::to_string(run.length()) + "\n";
    ASSERT_EQ(write(acknowledgements, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    expect_ok(log->append({{}, {run.step(run.length() % 5 * 1'000)}}));
  }
}

TEST(KilledWriter, LosesNothingThatWasAcknowledged) {
  TemporaryDirectory directory;
  std::mt19937 random(3);
  setenv(k_directory, directory.path().c_str(), 1);
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const int rounds = exhaustive() ? 150 : 12;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    std::vector<std::string> words{self, "--gtest_filter=KilledWriter.DISABLED_Writer",
                                   "--gtest_also_run_disabled_tests", "--gtest_brief=1"};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    ASSERT_EQ(posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 150));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";

    if (!std::filesystem::exists(directory.log())) continue;  // killed while creating it
    const auto report = expect_ok(verify_directory(directory.path()));
    ASSERT_THAT(report.damage, IsEmpty()) << to_string(report);
    const auto log = open_log(directory.path());
    const auto acknowledged = read_file(directory.path() + "/acknowledged");
    const auto end = acknowledged.rfind('\n');
    if (end == std::string::npos) continue;
    const auto begin = end == 0 ? 0 : acknowledged.rfind('\n', end - 1) + 1;
    const auto id = RunId::parse(acknowledged.substr(begin, 36));
    ASSERT_TRUE(id);
    const auto length = std::stoull(acknowledged.substr(begin + 37, end - begin - 37));
    EXPECT_GE(expect_ok(log->summary(*id))->length, length);
  }
  unsetenv(k_directory);
}

}  // namespace
}  // namespace cairn
