#include "authoring/testing/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace cairn::authoring {
namespace {

/// Text for XML: what has no place in XML 1.0 becomes a question mark.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\n': result += "&#10;"; break;
      case '\t': result += "&#9;"; break;
      default: result += static_cast<unsigned char>(c) < 0x20U ? '?' : c;
    }
  }
  return result;
}

std::string text_of(const Failure& failure) {
  return failure.hint.empty() ? failure.text : failure.text + "\nhint: " + failure.hint;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Value rounded(double percent) { return Value::number(std::floor(percent * 10.0) / 10.0); }

Value counts(std::size_t all, std::size_t reached) {
  return Value::object({{"all", Value::unsigned_integer(all)}, {"reached", Value::unsigned_integer(reached)}});
}

}  // namespace

std::vector<WorkflowCoverage> coverage_of(const std::vector<SuiteResult>& suites) {
  struct Tested {
    const Program* program = nullptr;
    std::string file;
    std::set<std::string, std::less<>> reached;
  };
  std::vector<Tested> tested;
  for (const SuiteResult& suite : suites) {
    if (!suite.is_sound() || suite.tested() == nullptr) continue;
    const Program* program = suite.tested();
    auto found = std::ranges::find_if(tested, [&](const Tested& one) { return one.program->hash == program->hash; });
    if (found == tested.end()) {
      tested.push_back({program, suite.workflows.front().path, {}});
      found = std::prev(tested.end());
    }
    found->reached.insert(suite.reached.begin(), suite.reached.end());
  }
  std::vector<WorkflowCoverage> result;
  for (const Tested& one : tested) {
    result.push_back({one.program->identity.to_string(), one.file, coverage_of(*one.program, one.reached)});
  }
  return result;
}

double total_percent(const std::vector<WorkflowCoverage>& workflows) {
  Coverage all;
  for (const auto& one : workflows) {
    all.tasks += one.coverage.tasks;
    all.tasks_reached += one.coverage.tasks_reached;
    all.transitions += one.coverage.transitions;
    all.transitions_reached += one.coverage.transitions_reached;
  }
  return all.percent();
}

std::string to_junit(const std::vector<SuiteResult>& suites) {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::string body;
  for (const SuiteResult& suite : suites) {
    const std::string name = escaped(suite.file);
    tests += suite.cases.size();
    failures += suite.failed();
    if (!suite.is_sound()) {
      ++tests;
      ++errors;
      body += fmt::format(
          "  <testsuite name=\"{0}\" tests=\"1\" failures=\"0\" errors=\"1\">\n"
          "    <testcase classname=\"{0}\" name=\"the file\">\n",
          name);
      for (const Diagnostic& one : suite.diagnostics) {
        body += fmt::format("      <error message=\"{}:{}: {}\"/>\n", one.position.line, one.position.column,
                            escaped(one.message));
        break;
      }
      body += "    </testcase>\n  </testsuite>\n";
      continue;
    }
    body += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n", name,
                        suite.cases.size() + suite.left_out, suite.failed(), suite.left_out);
    for (const CaseResult& one : suite.cases) {
      body += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", name, escaped(one.name),
                          static_cast<double>(one.elapsed_ms) / 1000.0);
      if (one.passed()) {
        body += "/>\n";
        continue;
      }
      std::string text;
      for (const Failure& failure : one.failures) text += text_of(failure) + "\n";
      body += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                          escaped(first_line(one.failures.front().text)), escaped(text + "path:\n" + one.path));
    }
    body += "  </testsuite>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\">\n{}</testsuites>\n",
      tests, failures, errors, body);
}

Value to_json_report(const std::vector<SuiteResult>& suites) {
  std::size_t passed = 0;
  std::size_t failed = 0;
  Array files;
  for (const SuiteResult& suite : suites) {
    Array cases;
    for (const CaseResult& one : suite.cases) {
      ++(one.passed() ? passed : failed);
      Array failures;
      for (const Failure& failure : one.failures) failures.push_back(Value::string(text_of(failure)));
      cases.push_back(Value::object({{"name", Value::string(one.name)},
                                     {"passed", Value::boolean(one.passed())},
                                     {"failures", Value::array(std::move(failures))},
                                     {"elapsed", Value::number(static_cast<double>(one.elapsed_ms) / 1000.0)}}));
    }
    Array diagnostics;
    for (const Diagnostic& one : suite.diagnostics) {
      diagnostics.push_back(Value::object({{"line", Value::unsigned_integer(one.position.line)},
                                           {"column", Value::unsigned_integer(one.position.column)},
                                           {"pointer", Value::string(one.pointer)},
                                           {"message", Value::string(one.message)},
                                           {"hint", Value::string(one.hint)}}));
    }
    files.push_back(Value::object({{"file", Value::string(suite.file)},
                                   {"sound", Value::boolean(suite.is_sound())},
                                   {"diagnostics", Value::array(std::move(diagnostics))},
                                   {"cases", Value::array(std::move(cases))}}));
  }
  return Value::object({{"passed", Value::unsigned_integer(passed)},
                        {"failed", Value::unsigned_integer(failed)},
                        {"files", Value::array(std::move(files))}});
}

Value to_json_coverage(const std::vector<WorkflowCoverage>& workflows) {
  Array list;
  for (const auto& one : workflows) {
    Array missed;
    for (const auto& point : one.coverage.missed) {
      missed.push_back(Value::object({{"task", Value::string(point.reference)}, {"what", Value::string(point.what)}}));
    }
    list.push_back(Value::object({{"workflow", Value::string(one.workflow)},
                                  {"file", Value::string(one.file)},
                                  {"percent", rounded(one.coverage.percent())},
                                  {"tasks", counts(one.coverage.tasks, one.coverage.tasks_reached)},
                                  {"transitions", counts(one.coverage.transitions, one.coverage.transitions_reached)},
                                  {"missed", Value::array(std::move(missed))}}));
  }
  return Value::object({{"percent", rounded(total_percent(workflows))}, {"workflows", Value::array(std::move(list))}});
}

}  // namespace cairn::authoring
