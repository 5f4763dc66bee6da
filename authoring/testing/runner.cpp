#include "authoring/testing/runner.h"

#include "workflows/definition/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn::authoring {
namespace {

bool has_error(const std::vector<Diagnostic>& diagnostics) {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& one) { return one.severity == Severity::error; });
}

/// "order.yaml" for "tests/order.test.yaml".
std::string usual_workflow_of(const std::string& file) {
  const auto slash = file.rfind('/');
  const std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  const auto mark = name.rfind(".test.");
  return mark == std::string::npos ? std::string() : name.substr(0, mark) + name.substr(mark + 5);
}

/// Takes in one definition; what is wrong is said where the file names it.
std::shared_ptr<const Program> take_in(const std::string& path, const Spot& spot, const Surroundings& surroundings,
                                       SuiteResult& result) {
  const auto complain = [&](std::string message, std::string hint = {}) {
    result.diagnostics.push_back(
        {Severity::error, spot.position, spot.pointer, std::move(message), std::move(hint), {}});
    return nullptr;
  };
  if (path.empty()) return nullptr;
  auto given = surroundings.load(path);
  if (!given) {
    return complain(fmt::format("the workflow '{}' cannot be read: {}", path, given.error().message),
                    spot.pointer.empty() ? "say which one it is: workflow: PATH" : "");
  }
  result.workflows.push_back(std::move(given.value()));
  const LoadedDefinition& loaded = result.workflows.back().loaded;
  if (!loaded.ok()) return complain(fmt::format("the workflow '{}' has errors", path));
  if (!loaded.program->unsupported.empty()) {
    return complain(fmt::format("the workflow '{}' uses what this version does not run: {}", path,
                                loaded.program->unsupported.front()));
  }
  return loaded.program;
}

}  // namespace

bool SuiteResult::is_sound() const { return !has_error(diagnostics); }

std::size_t SuiteResult::failed() const {
  return static_cast<std::size_t>(std::ranges::count_if(cases, [](const auto& one) { return !one.passed(); }));
}

const Program* SuiteResult::tested() const {
  return workflows.empty() ? nullptr : workflows.front().loaded.program.get();
}

SuiteResult run_suite(const std::string& file, std::string text, const Surroundings& surroundings,
                      const WantedCase& wanted) {
  SuiteResult result;
  result.file = file;
  result.text = std::move(text);
  ParsedSuite parsed = parse_suite(result.text, usual_workflow_of(file), surroundings.read);
  result.diagnostics = std::move(parsed.diagnostics);
  if (has_error(result.diagnostics)) return result;
  const TestSuite& suite = parsed.suite;

  Workflows workflows;
  workflows.tested = take_in(suite.workflow, suite.workflow_spot, surroundings, result);
  for (std::size_t i = 0; i < suite.with.size(); ++i) {
    if (auto other = take_in(suite.with[i], suite.with_spots[i], surroundings, result)) {
      workflows.others.push_back(std::move(other));
    }
  }
  if (has_error(result.diagnostics)) return result;
  result.diagnostics = check_names(suite, workflows);
  order_by_position(result.diagnostics);
  if (has_error(result.diagnostics)) return result;

  for (const TestCase& test : suite.cases) {
    if (!wanted(test.name)) {
      ++result.left_out;
      continue;
    }
    CaseRun run = run_case(suite, test, workflows, surroundings.real);
    CaseResult one{test.name, judge(suite, test, workflows, run), {}, run.elapsed_ms};
    if (!one.passed()) one.path = path_text(run);
    result.cases.push_back(std::move(one));
    result.reached.merge(run.reached[workflows.tested.get()]);
  }
  return result;
}

}  // namespace cairn::authoring
