// `run: shell` and `run: script` with real children.
#include "connectors/http/http_client.h"
#include "connectors/process/output_buffer.h"
#include "connectors/process/script_connector.h"
#include "connectors/process/shell_connector.h"
#include "connectors/process/spawn.h"
#include "tests/connectors/harness.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <vector>

namespace cairn::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string read_all(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether process `pid` runs (a zombie does not).
bool runs(int pid) {
  const std::string status = read_all(fmt::format("/proc/{}/stat", pid));
  const auto parenthesis = status.rfind(')');
  return parenthesis != std::string::npos && status.at(parenthesis + 2) != 'Z';
}

int number_in(const std::string& path) {
  const std::string text = read_all(path);
  return text.empty() || text.back() != '\n' ? 0 : std::atoi(text.c_str());
}

class Processes : public testing::Test {
 protected:
  static HttpOptions direct() {
    HttpOptions options;
    options.proxy = "";
    return options;
  }
  void SetUp() override {
    folder_ = testing::TempDir() + fmt::format("cairn-process-{}", getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  EffectOutcome shell(const std::string& command, const std::string& more = "{}") {
    return runner_.run(*shell_, json(more).with("command", Value::string(command)));
  }
  EffectOutcome script(const std::string& language, const std::string& code, const std::string& more = "{}") {
    return runner_.run(*script_,
                       json(more).with("language", Value::string(language)).with("code", Value::string(code)));
  }
  std::unique_ptr<RunningEffect> start_shell(const std::string& command, std::optional<EffectOutcome>& outcome) {
    return runner_.start(*shell_, Value::object({{"command", Value::string(command)}}), outcome);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_ + "/" + name; }
  bool wait_for_file(const std::string& path) {
    return runner_.run_until([&] { return number_in(path) != 0; }, milliseconds(5000));
  }

  EffectRunner runner_;
  std::shared_ptr<HttpClient> client_ = std::make_shared<HttpClient>(runner_.context.get_executor(), direct());
  std::unique_ptr<Connector> shell_ = make_shell_connector(runner_.context.get_executor());
  std::unique_ptr<Connector> script_ = make_script_connector(client_);
  std::string folder_;
};

// ---- what goes in
// ----------------------------------------------------------------------------------------------------

TEST_F(Processes, AShellCommandGetsItsArgumentsAndStdin) {
  EXPECT_EQ(value_of(shell("input=$(cat)\necho \"STDIN was: $input\"\necho \"ARGS are $1 $2\"\necho $0 $#",
                           R"({"stdin": "Hello World", "arguments": ["Foo", "B a r"]})"))
                .as_string(),
            "STDIN was: Hello World\nARGS are Foo B a r\nsh 2\n");
}

TEST_F(Processes, WhatIsNoTextIsGivenAsJson) {
  EXPECT_EQ(value_of(shell("cat; echo \" $1 $2 $V\"",
                           R"({"stdin": {"a": [1]}, "arguments": [7, {"b": true}], "environment": {"V": [1]}})"))
                .as_string(),
            "{\"a\":[1]} 7 {\"b\":true} [1]\n");
}

TEST_F(Processes, WithoutStdinThereIsNothingToRead) {
  EXPECT_EQ(value_of(shell("cat; echo end")).as_string(), "end\n");
}

TEST_F(Processes, TheEnvironmentIsMinimalAndHoldsNoneOfOurSecrets) {
  setenv("CAIRN_TEST_SECRET", "s3cret", 1);      // NOLINT(concurrency-mt-unsafe): one thread
  setenv("AWS_SECRET_ACCESS_KEY", "s3cret", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string all =
      value_of(shell("env", R"({"environment": {"MINE": "1", "NOTHING": null, "LANG": "xx"}})")).as_string();
  std::set<std::string> names;
  std::size_t begin = 0;
  while (begin < all.size()) {
    names.insert(all.substr(begin, all.find('=', begin) - begin));
    begin = all.find('\n', begin) + 1;
  }
  for (const char* allowed : {"PATH", "HOME", "LANG", "TMPDIR", "MINE", "CAIRN_RUN_ID", "CAIRN_IDEMPOTENCY_KEY", "PWD",
                              "SHLVL", "_", "OLDPWD"}) {
    names.erase(allowed);
  }
  EXPECT_THAT(names, testing::IsEmpty());
  EXPECT_THAT(all, AllOf(HasSubstr("MINE=1\n"), HasSubstr("LANG=xx\n"), HasSubstr("CAIRN_RUN_ID=run-1\n"),
                         HasSubstr("CAIRN_IDEMPOTENCY_KEY=key-1\n"), Not(HasSubstr("s3cret"))));
}

TEST_F(Processes, AChildInheritsNoDescriptorsNoIgnoredSignalsAndLeadsItsGroup) {
  const int leaked = dup(STDERR_FILENO);  // without close-on-exec
  // The fourth is the directory that ls reads.
  EXPECT_EQ(value_of(shell("exec ls /proc/self/fd")).as_string(), "0\n1\n2\n3\n");
  close(leaked);
  EXPECT_EQ(value_of(shell("exec grep -E '^Sig(Ign|Blk)' /proc/self/status")).as_string(),
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  EXPECT_EQ(value_of(shell("[ $(cut -d' ' -f5 /proc/$$/stat) = $$ ] && echo leader")).as_string(), "leader\n");
}

// ---- what comes out
// --------------------------------------------------------------------------------------------------

TEST_F(Processes, ReturnChoosesTheOutput) {
  const std::string command = "echo out; echo err >&2; exit $1";
  EXPECT_EQ(value_of(shell(command, R"({"arguments": ["0"]})")), json(R"("out\n")"));
  EXPECT_EQ(value_of(shell(command, R"({"arguments": ["0"], "return": "stdout"})")), json(R"("out\n")"));
  EXPECT_EQ(value_of(shell(command, R"({"arguments": ["0"], "return": "stderr"})")), json(R"("err\n")"));
  EXPECT_EQ(value_of(shell(command, R"({"arguments": ["0"], "return": "none"})")), Value::null());
  EXPECT_EQ(value_of(shell(command, R"({"arguments": ["3"], "return": "code"})")), json("3"));
  EXPECT_EQ(value_of(shell(command, R"({"arguments": ["3"], "return": "all"})")),
            json(R"({"code": 3, "stdout": "out\n", "stderr": "err\n"})"));
}

TEST_F(Processes, AFailureIsARuntimeProblemWithTheEndOfStderr) {
  for (const char* returns : {"stdout", "stderr", "none"}) {
    const Problem problem =
        problem_in(shell("echo no such thing >&2; exit 3", fmt::format(R"({{"return": "{}"}})", returns)));
    EXPECT_EQ(kind_of(problem), "runtime");
    EXPECT_EQ(problem.status, 500);
    EXPECT_EQ(problem.detail, "the shell command ended with exit code 3: no such thing");
  }
  const Problem problem = problem_in(shell("yes begin | head -n 100000 >&2; echo the end >&2; exit 1"));
  EXPECT_THAT(problem.detail, EndsWith("begin\nthe end"));
  EXPECT_LT(problem.detail.size(), 5000U);
}

TEST_F(Processes, ASignalIsNamedAndCountsAsCode128AndMore) {
  EXPECT_THAT(problem_in(shell("kill -9 $$")).detail, HasSubstr("signal 9 (Killed)"));
  EXPECT_EQ(value_of(shell("kill -15 $$", R"({"return": "code"})")).as_int(), 143);
}

TEST_F(Processes, OutputThatIsNotUtf8IsRepaired) {
  EXPECT_EQ(value_of(shell("printf 'a\\377b'")).as_string(),
            "a\xEF\xBF\xBD"
            "b");
}

TEST_F(Processes, ProgressShowsBothStreamsWhileTheyCome) {
  std::optional<EffectOutcome> outcome;
  const auto running = start_shell("echo one; echo two >&2; exec sleep 20", outcome);
  EXPECT_TRUE(runner_.run_until([&] { return runner_.progress.size() >= 24; }, milliseconds(5000))) << runner_.progress;
  EXPECT_THAT(runner_.progress, AllOf(HasSubstr("[stdout]one\n"), HasSubstr("[stderr]two\n")));
  EXPECT_FALSE(outcome.has_value());
}

TEST_F(Processes, ACharacterSplitBetweenPiecesIsShownWhole) {
  OutputBuffer buffer(OutputBuffer::Keep::all);
  EXPECT_EQ(buffer.append("a\xE2\x82"), "a");
  EXPECT_EQ(buffer.append("\xACz"), "€z");
  EXPECT_EQ(buffer.append("\xF0\x9F\x98"), "");
  EXPECT_EQ(buffer.append("\x80"), "😀");
  EXPECT_EQ(buffer.append("\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(buffer.text(), "a€z😀\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_F(Processes, OutputUpToTheLimitIsKeptAndBeyondItTheProcessIsStopped) {
  const auto limit = limits::k_effect_result_bytes;
  EXPECT_EQ(value_of(shell(fmt::format("head -c {} /dev/zero | tr '\\0' x", limit))).as_string().size(), limit);
  const Problem problem = problem_in(shell("exec yes"));
  EXPECT_EQ(kind_of(problem), "runtime");
  EXPECT_THAT(problem.detail, HasSubstr("more than 16777216 bytes"));
}

TEST_F(Processes, OutputThatIsNotAskedForMayBeEndless) {
  EXPECT_EQ(value_of(shell("head -c 40000000 /dev/zero; exit 4", R"({"return": "code"})")).as_int(), 4);
}

TEST_F(Processes, InputAndOutputOfAMegabyteFlowAtOnce) {
  const std::string text(3U << 20, 'x');
  const Value arguments = Value::object({{"command", Value::string("tee /dev/stderr")},
                                         {"stdin", Value::string(text)},
                                         {"return", Value::string("all")}});
  const Value all = value_of(runner_.run(*shell_, arguments));
  EXPECT_EQ(all.get("stdout").as_string(), text);
  EXPECT_EQ(all.get("stderr").as_string(), text);
}

TEST_F(Processes, AChildThatClosesItsStdinEarlyIsInItsRight) {
  const Value arguments = Value::object({{"command", Value::string("exec <&-; sleep 0.05; echo fine")},
                                         {"stdin", Value::string(std::string(1U << 20, 'x'))}});
  EXPECT_EQ(value_of(runner_.run(*shell_, arguments)).as_string(), "fine\n");
}

TEST_F(Processes, WhatIsLeftInTheBackgroundDoesNotHoldUpTheEnd) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(value_of(shell(fmt::format("sleep 30 & echo $! > {}; echo done", file("pid")))).as_string(), "done\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(25));
  const int left = number_in(file("pid"));
  EXPECT_TRUE(runs(left)) << "it is not ours to stop";
  kill(left, SIGKILL);
}

// ---- the end before the end
// ------------------------------------------------------------------------------------------

TEST_F(Processes, DestroyingTheEffectStopsTheWholeGroup) {
  std::optional<EffectOutcome> outcome;
  auto running =
      start_shell(fmt::format("sleep 30 & echo $! > {}; echo $$ > {}; wait", file("child"), file("leader")), outcome);
  ASSERT_TRUE(wait_for_file(file("leader")));
  const int child = number_in(file("child"));
  const int leader = number_in(file("leader"));
  EXPECT_TRUE(runs(child));
  running.reset();
  EXPECT_TRUE(runner_.run_until([&] { return !runs(child) && !runs(leader); }, milliseconds(1500)));
  EXPECT_FALSE(outcome.has_value());
}

TEST_F(Processes, WhoIgnoresTheRequestToEndIsKilledTwoSecondsLater) {
  std::optional<EffectOutcome> outcome;
  auto running =
      start_shell(fmt::format("trap '' TERM; echo $$ > {}; while :; do sleep 0.1; done", file("leader")), outcome);
  ASSERT_TRUE(wait_for_file(file("leader")));
  const int leader = number_in(file("leader"));
  running.reset();
  runner_.run_for(milliseconds(300));
  EXPECT_TRUE(runs(leader));
  EXPECT_TRUE(runner_.run_until([&] { return !runs(leader); }, milliseconds(2500)));
}

TEST_F(Processes, AnExecutorThatIsTornDownLeavesNoChildBehind) {
  int leader = 0;
  {
    EffectRunner brief;
    const auto connector = make_shell_connector(brief.context.get_executor());
    std::optional<EffectOutcome> outcome;
    const auto running = brief.start(
        *connector,
        Value::object({{"command", Value::string(fmt::format("trap '' TERM; echo $$ > {}; while :; do sleep 0.1; done",
                                                             file("leader")))}}),
        outcome);
    ASSERT_TRUE(brief.run_until([&] { return number_in(file("leader")) != 0; }, milliseconds(5000)));
    leader = number_in(file("leader"));
  }
  EXPECT_FALSE(runs(leader));
}

TEST_F(Processes, AChildDiesWithItsParent) {
  const pid_t parent = fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {  // a process of its own, which starts a child and is then killed
    SpawnRequest request{"/bin/sh",
                         {"sh", "-c", fmt::format("echo $$ > {}; exec sleep 30", file("pid"))},
                         {"PATH=/usr/bin:/bin"},
                         false};
    const auto spawned = spawn(request);
    pause();
    _exit(spawned ? 0 : 1);
  }
  ASSERT_TRUE(wait_for_file(file("pid")));
  const int child = number_in(file("pid"));
  EXPECT_TRUE(runs(child));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  EXPECT_TRUE(runner_.run_until([&] { return !runs(child); }, milliseconds(2000)));
}

TEST_F(Processes, BadArgumentsAreProblems) {
  EXPECT_EQ(kind_of(problem_in(runner_.run(*shell_, json("{}")))), "validation");
  EXPECT_THAT(problem_in(shell("true", R"({"arguments": {"a": 1}})")).detail, HasSubstr("'arguments' is a list"));
  EXPECT_THAT(problem_in(shell("true", R"({"environment": {"a=b": 1}})")).detail, HasSubstr("no usable name"));
  EXPECT_THAT(problem_in(shell("true", R"({"return": "everything"})")).detail,
              HasSubstr("stdout, stderr, code, all, none"));
  EXPECT_THAT(problem_in(shell("true", R"({"arguments": ["a\u0000b"]})")).detail, HasSubstr("NUL"));
  const Value long_list = Value::object(
      {{"command", Value::string("true")}, {"arguments", Value::array({Value::string(std::string(4U << 20, 'x'))})}});
  EXPECT_THAT(problem_in(runner_.run(*shell_, long_list)).detail, HasSubstr("Argument list too long"));
}

// ---- scripts
// ---------------------------------------------------------------------------------------------------------

TEST_F(Processes, AJavaScriptModuleReadsStdinArgumentsAndEnvironment) {
  EXPECT_EQ(value_of(script("js", R"(
import { readFileSync } from 'node:fs';
const stdin = readFileSync(process.stdin.fd, 'utf8');
const [_, __, arg] = process.argv;
console.log(stdin, arg, process.env.foo, process.argv.length);
)",
                            R"({"stdin": "Hello Workflow", "arguments": ["hello"], "environment": {"foo": "bar"}})"))
                .as_string(),
            "Hello Workflow hello bar 3\n");
}

TEST_F(Processes, AJavaScriptMayAlsoCallRequire) {
  EXPECT_EQ(value_of(script("js", "const os = require('os'); console.log(typeof os.cpus, await Promise.resolve(1));"))
                .as_string(),
            "function 1\n");
}

TEST_F(Processes, APythonScriptReadsStdinArgumentsAndEnvironment) {
  EXPECT_EQ(value_of(script("python", "import os, sys\nprint(sys.stdin.read(), sys.argv[1:], os.environ['foo'])",
                            R"({"stdin": "in", "arguments": ["a", 2], "environment": {"foo": "bar"}})"))
                .as_string(),
            "in ['a', '2'] bar\n");
}

TEST_F(Processes, AScriptThatThrowsIsARuntimeProblemThatSaysWhere) {
  const Problem problem = problem_in(script("python", "x = 1\nraise ValueError('too bad')"));
  EXPECT_EQ(kind_of(problem), "runtime");
  EXPECT_THAT(problem.detail,
              AllOf(StartsWith("the python script ended with exit code 1"), HasSubstr("line 2"), HasSubstr("too bad")));
}

TEST_F(Processes, AScriptsFilesAreRemoved) {
  const std::string path = value_of(script("python", "import os, sys\nprint(sys.argv[0])")).as_string();
  const std::filesystem::path file = path.substr(0, path.find('\n'));
  EXPECT_THAT(file.filename(), "script.py");
  EXPECT_FALSE(std::filesystem::exists(file.parent_path()));
}

TEST_F(Processes, AnotherLanguageOrAMissingInterpreterIsAConfigurationProblem) {
  EXPECT_EQ(kind_of(problem_in(script("ruby", "puts 1"))), "configuration");
  const Problem problem = problem_in(script("js", "1", R"({"environment": {"PATH": "/nowhere"}})"));
  EXPECT_EQ(kind_of(problem), "configuration");
  EXPECT_THAT(problem.detail, AllOf(HasSubstr("node, which is not on the PATH"), HasSubstr("apt-get install nodejs")));
}

TEST_F(Processes, AScriptsSourceComesFromAFileOrTheWeb) {
  std::ofstream(file("hello world.py")) << "print('from a file')\n";
  const auto sourced = [&](const std::string& uri) {
    return runner_.run(
        *script_, json(fmt::format(R"({{"language": "python", "source": {{"endpoint": {{"uri": "{}"}}}}}})", uri)));
  };
  EXPECT_EQ(value_of(sourced("file://" + file("hello%20world.py"))).as_string(), "from a file\n");
  const Problem missing = problem_in(sourced("file:///no/such/script.py"));
  EXPECT_EQ(kind_of(missing), "configuration");
  EXPECT_THAT(missing.detail, HasSubstr("/no/such/script.py is no file"));
  const StandIn server;
  EXPECT_EQ(value_of(sourced(server.url("/content?type=text/x-python&body=cHJpbnQoJ3dlYicp"))).as_string(), "web\n");
  EXPECT_EQ(problem_in(sourced(server.url("/status/404"))).status, 404);
}

TEST_F(Processes, CancellingWhileTheSourceIsFetchedStartsNothing) {
  const StandIn server;
  std::optional<EffectOutcome> outcome;
  auto running = runner_.start(
      *script_,
      json(fmt::format(R"({{"language": "python", "source": {{"endpoint": "{}"}}}})", server.url("/slow/20000"))),
      outcome);
  runner_.run_for(milliseconds(50));
  running.reset();
  runner_.run_for(milliseconds(50));
  EXPECT_FALSE(outcome.has_value());
}

}  // namespace
}  // namespace cairn::test
