// Definitions that were made to hurt.

#include "tests/workflows/definition/definition_text.h"
#include "workflows/core/limits.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ctime>
#include <string>

namespace cairn {
namespace {

LoadedDefinition load_in_time(const std::string& body) {
  const std::clock_t began = std::clock();  // processor time: the machine may have other things to do
  LoadedDefinition loaded = load_definition(std::string(k_document) + body);
  const double took = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return loaded;
#endif
#endif
  EXPECT_LT(took, 2.0) << body.substr(0, 60);
  return loaded;
}

std::string tasks(std::size_t count, std::string_view task) {
  std::string body = "do:\n";
  for (std::size_t i = 0; i < count; ++i) body += "  - t" + std::to_string(i) + ": " + std::string(task) + "\n";
  return body;
}

TEST(HostileDefinition, TasksAreLimitedExactly) {
  EXPECT_TRUE(load_in_time(tasks(limits::k_definition_tasks, "{wait: PT1S}")).ok());
  EXPECT_FALSE(load_in_time(tasks(limits::k_definition_tasks + 1, "{wait: PT1S}")).ok());
}

TEST(HostileDefinition, TasksOfAliasesCount) {
  std::string body = "x: &x [a: {wait: PT1S}, b: {wait: PT1S}]\ndo:\n";
  for (int i = 0; i < 4'000; ++i) body += "  - t" + std::to_string(i) + ": {do: *x}\n";
  const LoadedDefinition loaded = load_in_time(body);
  EXPECT_NE(format_diagnostics(loaded.diagnostics, "", "x").find("more than 10000 tasks"), std::string::npos);
}

TEST(HostileDefinition, ThousandsOfWrongTargetsAreCheap) {
  EXPECT_FALSE(load_in_time(tasks(9'000, "{wait: PT1S, then: nowhere}")).ok());
}

TEST(HostileDefinition, ThousandsOfUnknownKeysAreCheap) {
  std::string body = "do:\n  - a:\n      set: {x: 1}\n";
  for (int i = 0; i < 90'000; ++i) body += "      k" + std::to_string(i) + ": 1\n";
  EXPECT_FALSE(load_in_time(body).ok());
}

TEST(HostileDefinition, DeepNestingOfTasksIsNoTrouble) {
  std::string body = "do:";
  for (std::size_t i = 0; i < 130; ++i)
    body += "\n" + std::string(4 * i + 2, ' ') + "- t:\n" + std::string(4 * i + 6, ' ') + "do:";
  EXPECT_TRUE(load_in_time(body + " []\n").ok());
}

TEST(HostileDefinition, AnExpressionsLengthIsLimitedExactly) {
  const auto body = [](std::size_t bytes) {
    return "do:\n  - a: {set: {x: '${ \"" + std::string(bytes - 2, 'x') + "\" }'}}\n";
  };
  EXPECT_TRUE(load_in_time(body(limits::k_expression_bytes)).ok());
  EXPECT_FALSE(load_in_time(body(limits::k_expression_bytes + 1)).ok());
}

TEST(HostileDefinition, ExpressionsAreLimited) {
  std::string body = "x: &x [";
  for (int i = 0; i < 100; ++i) body += "'${ . }',";
  body += "1]\ndo:\n";
  for (int i = 0; i < 101; ++i) body += "  - t" + std::to_string(i) + ": {set: {x: *x}}\n";
  const LoadedDefinition loaded = load_definition(std::string(k_document) + body);
  EXPECT_NE(format_diagnostics(loaded.diagnostics, "", "x").find("more than 10000 expressions"), std::string::npos);
}

RC_GTEST_PROP(HostileDefinition, AnyTextGivesAProgramOrAReason, (const std::string& noise)) {
  const std::string_view valid =
      "document: {dsl: '1.0.3', namespace: t, name: n, version: '1.0.0'}\ndo:\n  - a: {set: {x: '${ .a }'}}\n  - b: "
      "{wait: PT1S, then: a}\n";
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, valid.size());
  const std::size_t skip = *rc::gen::inRange<std::size_t>(0, 20);
  const std::string text =
      std::string(valid.substr(0, cut)) + noise + std::string(valid.substr(std::min(valid.size(), cut + skip)));
  const LoadedDefinition loaded = load_definition(text);
  RC_ASSERT(loaded.ok() == of_severity(loaded.diagnostics, Severity::error).empty());
  RC_ASSERT(loaded.diagnostics.empty() == format_diagnostics(loaded.diagnostics, text, "x.yaml").empty());
}

}  // namespace
}  // namespace cairn
