// The tests that come with jq 1.8 and the examples of its manual. What does not hold for this engine is listed in
// `excluded`, with the reason.

#include "tests/workflows/jq/spec.h"

#include <yaml-cpp/yaml.h>

namespace cairn::jq {
namespace {

using spec::Case;

std::string engine_name(Engine engine) { return engine == Engine::both ? "" : "_machine"; }

// ---- the test files: groups of lines
// ----------------------------------------------------------------------------------

std::vector<Case> cases_of(const spec::fs::path& file) {
  const auto lines = spec::lines_of(file);
  std::vector<Case> cases;
  for (std::size_t i = 0; i < lines.size();) {
    if (spec::is_skipped(lines[i])) {
      ++i;
      continue;
    }
    Case one;
    one.place = file.filename().string() + ":" + std::to_string(i + 1);
    if (lines[i].starts_with("%%FAIL")) {
      one.must_fail = true;
      one.program = lines[++i];
      while (i < lines.size() && !lines[i].empty()) ++i;
    } else {
      one.program = lines[i++];
      one.input = lines[i++];
      // Comments stand between outputs, too; a blank line ends them.
      for (; i < lines.size() && !spec::is_blank(lines[i]); ++i) {
        if (lines[i][0] != '#') one.outputs.push_back(lines[i]);
      }
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

class TestsOfJq : public testing::TestWithParam<std::tuple<const char*, Engine>> {};

TEST_P(TestsOfJq, HoldExceptForWhatIsListed) {
  const auto file = spec::folder() / std::get<0>(GetParam());
  if (!spec::fs::exists(file)) GTEST_SKIP() << "jq's tests are not at " << file;
  spec::expect_to_hold(cases_of(file), std::get<1>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Files, TestsOfJq,
                         testing::Combine(testing::Values("jq.test", "base64.test", "onig.test", "optional.test",
                                                          "uri.test"),
                                          testing::Values(Engine::both, Engine::machine)),
                         [](const auto& info) {
                           std::string name = std::get<0>(info.param);
                           name.resize(name.find('.'));
                           return name + engine_name(std::get<1>(info.param));
                         });

// ---- the manual: examples of its entries
// ------------------------------------------------------------------------------

std::vector<Case> cases_of_manual(const spec::fs::path& file) {
  std::vector<Case> cases;
  for (const auto& section : YAML::LoadFile(file.string())["sections"]) {
    for (const auto& entry : section["entries"]) {
      for (const auto& example : entry["examples"]) {
        Case one;
        one.place = "manual, " + entry["title"].as<std::string>();
        one.program = example["program"].as<std::string>();
        one.input = example["input"].as<std::string>();
        for (const auto& output : example["output"]) one.outputs.push_back(output.as<std::string>());
        cases.push_back(std::move(one));
      }
    }
  }
  return cases;
}

class ManualOfJq : public testing::TestWithParam<Engine> {};

TEST_P(ManualOfJq, HoldsExceptForWhatIsListed) {
  const auto file = spec::folder() / "manual-1.8.yml";
  if (!spec::fs::exists(file)) GTEST_SKIP() << "jq's manual is not at " << file;
  spec::expect_to_hold(cases_of_manual(file), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Engines, ManualOfJq, testing::Values(Engine::both, Engine::machine),
                         [](const auto& info) { return "manual" + engine_name(info.param); });

// ---- the list
// ---------------------------------------------------------------------------------------------------------

TEST(Exclusions, AreProgramsThatJqTests) {
  if (!spec::fs::exists(spec::folder())) GTEST_SKIP() << "jq's tests are not at " << spec::folder();
  auto left = spec::exclusions();
  for (const char* file : {"jq.test", "base64.test", "onig.test", "optional.test", "uri.test"}) {
    for (const auto& one : cases_of(spec::folder() / file)) left.erase(one.program);
  }
  for (const auto& one : cases_of_manual(spec::folder() / "manual-1.8.yml")) left.erase(one.program);
  for (const auto& [program, reason] : left) ADD_FAILURE() << "no test of jq's: " << program;
}

}  // namespace
}  // namespace cairn::jq
