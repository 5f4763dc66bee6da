#pragma once
// Cases of jq's own tests and manual: a program, an input, the outputs expected; and which of them are known not to
// hold.

#include "workflows/jq/program.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace cairn::jq::spec {

namespace fs = std::filesystem;

struct Case {
  std::string place;  ///< file and line, or where in the manual
  bool must_fail = false;
  std::string program;
  std::string input;
  std::vector<std::string> outputs;
};

/// The folder of jq's tests and manual. They are not part of the repository, so it may be missing.
inline fs::path folder() {
  const char* specification = std::getenv("OPEN_WORKFLOW_SPEC");
  const fs::path shared =
      specification != nullptr ? fs::path(specification) / ".." : fs::path(CAIRN_SOURCE_DIR) / "../shared";
  return shared / "jq";
}

inline bool is_blank(const std::string& line) { return line.find_first_not_of(" \t") == std::string::npos; }
inline bool is_skipped(const std::string& line) { return is_blank(line) || line[line.find_first_not_of(" \t")] == '#'; }

inline std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

/// JSON as jq reads it: with nan, numbers beyond a double's range, and a byte order mark.
inline Value read(const std::string& text) {
  static const Program fromjson = compile("fromjson").value();
  Limits limits;
  Budget budget(limits);
  Surroundings surroundings{budget};
  Value result;
  auto done = fromjson.evaluate(Value::string(text), {}, surroundings, [&](Value value) {
    result = std::move(value);
    return true;
  });
  EXPECT_TRUE(done) << "not JSON: " << text;
  return result;
}

/// What differs from the case's outputs; empty when nothing does.
inline std::string difference(const Case& one, Engine engine) {
  auto program = compile(one.program, {}, engine);
  if (one.must_fail) return program ? "compiles, and must not" : "";
  if (!program) return "does not compile: " + program.error().message + " at " + std::to_string(program.error().offset);
  Limits limits;
  Budget budget(limits);
  Surroundings surroundings{budget, 1425599621.678};
  std::vector<Value> outputs;
  auto done = program.value().evaluate(read(one.input), {}, surroundings, [&](Value value) {
    outputs.push_back(std::move(value));
    return true;
  });
  bool same = outputs.size() == one.outputs.size();
  for (std::size_t i = 0; same && i < outputs.size(); ++i) same = outputs[i] == read(one.outputs[i]);
  if (same) return "";
  std::string text = "gave";
  for (const auto& output : outputs) text += "\n      " + to_json(output);
  if (!done) {
    const Failure& failure = done.error();
    text += failure.exhausted != Exhausted::none ? "\n      a limit" : "\n      error: " + to_json(failure.error);
  }
  return text;
}

inline fs::path exclusions_file() { return fs::path(CAIRN_SOURCE_DIR) / "tests/workflows/jq/excluded"; }

/// Lines of `excluded`: a program, two blanks or more and a '#', the reason.
inline std::map<std::string, std::string> exclusions() {
  std::map<std::string, std::string> programs;
  for (const auto& line : lines_of(exclusions_file())) {
    if (is_skipped(line)) continue;
    const auto mark = line.rfind("  # ");
    EXPECT_NE(mark, std::string::npos) << "no reason: " << line;
    if (mark == std::string::npos) continue;
    const auto end = line.find_last_not_of(' ', mark);
    programs.emplace(line.substr(0, end + 1), line.substr(mark + 4));
  }
  return programs;
}

/// Every case holds but those excluded, and these do not hold.
inline void expect_to_hold(const std::vector<Case>& cases, Engine engine) {
  const auto excluded = exclusions();
  std::size_t held = 0;
  for (const auto& one : cases) {
    const bool is_excluded = excluded.contains(one.program);
    const std::string different = difference(one, engine);
    if (different.empty()) {
      ++held;
      EXPECT_FALSE(is_excluded) << one.place << ": holds, but is listed as excluded: " << one.program;
    } else if (!is_excluded) {
      ADD_FAILURE() << one.place << ": " << one.program << "\n    on " << one.input << " " << different;
    }
  }
  testing::Test::RecordProperty("held", static_cast<int>(held));
  EXPECT_GT(held, 0u);
}

}  // namespace cairn::jq::spec
