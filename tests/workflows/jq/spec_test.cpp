// The tests that come with jq 1.8 and the examples of its manual: groups of lines, a program, an input, the outputs expected.
// What does not hold for this engine is listed in `excluded`, with the reason.

#include "workflows/jq/program.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace cairn::jq {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string file;
  std::size_t line = 0;
  bool must_fail = false;
  std::string program;
  std::string input;
  std::vector<std::string> outputs;
};

fs::path tests_of_jq() {
  const char* specification = std::getenv("OPEN_WORKFLOW_SPEC");
  const fs::path shared = specification != nullptr ? fs::path(specification) / ".." : fs::path(CAIRN_SOURCE_DIR) / "../shared";
  return shared / "jq";
}

bool is_skipped(const std::string& line) {
  const auto first = line.find_first_not_of(" \t");
  return first == std::string::npos || line[first] == '#';
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

std::vector<Case> read_cases(const fs::path& file) {
  const auto lines = lines_of(file);
  std::vector<Case> cases;
  for (std::size_t i = 0; i < lines.size();) {
    if (is_skipped(lines[i])) {
      ++i;
      continue;
    }
    Case one{file.filename().string(), i + 1};
    if (lines[i].starts_with("%%FAIL")) {
      one.must_fail = true;
      one.program = lines[++i];
      while (i < lines.size() && !lines[i].empty()) ++i;
    } else {
      one.program = lines[i++];
      one.input = lines[i++];
      // A comment ends the outputs only when a blank line follows before the next program; jq's own reader skips comments.
      for (; i < lines.size() && !(lines[i].empty() || lines[i].find_first_not_of(" \t") == std::string::npos); ++i) {
        if (lines[i][0] != '#') one.outputs.push_back(lines[i]);
      }
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

/// JSON as jq reads it: with NaN, numbers beyond double's range, and a byte order mark.
Value read(const std::string& text) {
  if (auto value = parse_json(text)) return std::move(value).value();
  static const Program fromjson = compile("fromjson").value();
  Limits limits;
  Budget budget(limits);
  Surroundings surroundings{budget};
  Value result;
  const std::string plain = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  auto done = fromjson.evaluate(Value::string(plain), {}, surroundings, [&](Value value) {
    result = std::move(value);
    return true;
  });
  EXPECT_TRUE(done) << "not JSON: " << text;
  return result;
}

struct Run {
  std::vector<Value> outputs;
  std::string failure;
};

Run run(const Program& program, const Value& input) {
  Run run;
  Limits limits;
  Budget budget(limits);
  Surroundings surroundings{budget, 1425599621.678};
  auto done = program.evaluate(input, {}, surroundings, [&](Value value) {
    run.outputs.push_back(std::move(value));
    return true;
  });
  if (!done) {
    const auto& failure = done.error();
    run.failure = failure.exhausted != Exhausted::none ? "limit " + std::to_string(static_cast<int>(failure.exhausted))
                                                       : to_json(failure.error);
  }
  return run;
}

std::string outcome(const Case& one, Engine engine) {
  auto program = compile(one.program, {}, engine);
  if (one.must_fail) return program ? "compiles, and must not" : "";
  if (!program) return "does not compile: " + program.error().message + " at " + std::to_string(program.error().offset);
  const Run result = run(program.value(), read(one.input));
  std::string difference;
  bool same = result.outputs.size() == one.outputs.size();
  for (std::size_t i = 0; same && i < one.outputs.size(); ++i) same = result.outputs[i] == read(one.outputs[i]);
  if (same) return "";
  difference = "gave";
  for (const auto& output : result.outputs) difference += "\n      " + to_json(output);
  if (!result.failure.empty()) difference += "\n      error: " + result.failure;
  return difference;
}

/// Lines of `excluded`: a program, two blanks or more and a '#', the reason.
std::map<std::string, std::string> excluded() {
  std::map<std::string, std::string> programs;
  for (const auto& line : lines_of(fs::path(CAIRN_SOURCE_DIR) / "tests/workflows/jq/excluded")) {
    if (is_skipped(line)) continue;
    const auto mark = line.rfind("  # ");
    EXPECT_NE(mark, std::string::npos) << "no reason: " << line;
    if (mark == std::string::npos) continue;
    const auto end = line.find_last_not_of(' ', mark);
    programs.emplace(line.substr(0, end + 1), line.substr(mark + 4));
  }
  return programs;
}

class JqTests : public testing::TestWithParam<std::tuple<const char*, Engine>> {};

TEST_P(JqTests, HoldExceptForWhatIsListed) {
  const auto file = tests_of_jq() / std::get<0>(GetParam());
  if (!fs::exists(file)) GTEST_SKIP() << "jq's tests are not at " << file;
  const auto exclusions = excluded();
  std::size_t held = 0;
  for (const auto& one : read_cases(file)) {
    const bool is_excluded = exclusions.contains(one.program);
    const std::string difference = outcome(one, std::get<1>(GetParam()));
    if (difference.empty()) {
      ++held;
      EXPECT_FALSE(is_excluded) << one.file << ":" << one.line << ": holds, but is listed as excluded: " << one.program;
    } else if (!is_excluded) {
      ADD_FAILURE() << one.file << ":" << one.line << ": " << one.program << "\n    on " << one.input << " " << difference;
    }
  }
  RecordProperty("held", static_cast<int>(held));
  EXPECT_GT(held, 0u);
}

INSTANTIATE_TEST_SUITE_P(Files, JqTests,
                         testing::Combine(testing::Values("jq.test", "base64.test", "onig.test", "optional.test", "uri.test"),
                                          testing::Values(Engine::both, Engine::machine)),
                         [](const auto& info) {
                           std::string name = std::get<0>(info.param);
                           name.resize(name.find('.'));
                           return name + (std::get<1>(info.param) == Engine::both ? "" : "_machine");
                         });

}  // namespace
}  // namespace cairn::jq
