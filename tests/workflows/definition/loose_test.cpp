// evaluate.mode: loose.

#include "tests/workflows/definition/definition_text.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

const Template& member_of_set(const Program& program, std::string_view name) {
  const TemplateId id = std::get<SetBody>(node_at(program, "/do/0/a").body).value;
  for (const auto& [key, member] : std::get<Template::ObjectOf>(template_at(program, id).form).members) {
    if (key == name) return template_at(program, member);
  }
  ADD_FAILURE() << "no member " << name;
  return template_at(program, id);
}

TEST(LooseMode, TriesEveryTextAndKeepsWhatIsNoExpression) {
  const auto program = load(
      "evaluate: {mode: loose}\ndo:\n  - a: {set: {path: .a.b, words: Hello there, half: '.a +', marked: '${ .c }', "
      "number: 5, blank: ' '}}\n");
  ASSERT_NE(program, nullptr);
  EXPECT_TRUE(program->loose);
  const auto& path = std::get<Template::Expression>(member_of_set(*program, "path").form);
  EXPECT_EQ(path.text, ".a.b");
  EXPECT_EQ(std::get<Template::Constant>(member_of_set(*program, "words").form).value.as_string(), "Hello there");
  EXPECT_EQ(std::get<Template::Constant>(member_of_set(*program, "half").form).value.as_string(), ".a +");
  EXPECT_TRUE(std::holds_alternative<Template::Expression>(member_of_set(*program, "marked").form));
  EXPECT_EQ(std::get<Template::Constant>(member_of_set(*program, "blank").form).value.as_string(), " ");
  EXPECT_EQ(program->sources.size(), 2u) << "what is text is no expression of the program";
}

TEST(LooseMode, KeepsTextForExpressionsThatDoNotCompile) {
  const auto program =
      load("evaluate: {mode: loose}\ndo:\n  - a: {set: not an expression at all, output: {as: also not}}\n");
  ASSERT_NE(program, nullptr);
  const Node& node = node_at(*program, "/do/0/a");
  EXPECT_EQ(
      std::get<Template::Constant>(template_at(*program, std::get<SetBody>(node.body).value).form).value.as_string(),
      "not an expression at all");
  EXPECT_TRUE(std::holds_alternative<Template::Constant>(template_at(*program, node.output.transform.value()).form));
}

TEST(LooseMode, StillRefusesConditionsAndMarkedExpressionsThatDoNotCompile) {
  for (const char* body : {"do:\n  - a: {if: not a condition, set: {x: 1}}\n", "do:\n  - a: {set: {x: '${ .a + }'}}\n",
                           "do:\n  - a: {for: {in: not a list}, do: []}\n", "do:\n  - a: {set: '${ .a + }'}\n"}) {
    EXPECT_FALSE(load_definition(std::string(k_document) + "evaluate: {mode: loose}\n" + body).ok()) << body;
  }
}

TEST(LooseMode, RefusesSecretsWhereTheyWouldBecomeData) {
  EXPECT_FALSE(load_definition(std::string(k_document) +
                               "evaluate: {mode: loose}\nuse: {secrets: [k]}\ndo:\n  - a: {set: {x: $secrets.k}}\n")
                   .ok());
}

TEST(LooseMode, TakesDollarsInTextForText) {
  const auto program = load("evaluate: {mode: loose}\ndo:\n  - a: {set: {price: costs $five or more, x: .a}}\n");
  ASSERT_NE(program, nullptr);
  EXPECT_EQ(std::get<Template::Constant>(member_of_set(*program, "price").form).value.as_string(),
            "costs $five or more");
}

TEST(StrictMode, TakesOnlyMarkedTextForExpressions) {
  const auto program = load("do:\n  - a: {set: {path: .a.b, marked: '${ .c }'}}\n");
  EXPECT_EQ(std::get<Template::Constant>(member_of_set(*program, "path").form).value.as_string(), ".a.b");
  EXPECT_EQ(program->sources.size(), 1u);
}

}  // namespace
}  // namespace cairn
