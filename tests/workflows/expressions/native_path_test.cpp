// Paths are read without libjq, and mean what libjq would have meant.

#include "workflows/expressions/native_path.h"

#include "tests/workflows/expressions/support.h"

namespace cairn::test {
namespace {

bool is_native(const std::string& text) {
  const ExpressionSource source{text, {"context"}};
  const auto checked = jq::check(source);
  const auto* expression = std::get_if<jq::CheckedExpression>(&checked);
  return expression != nullptr && jq::as_native_path(*expression).has_value();
}

const std::vector<std::string> k_paths = {
    ".",     ".a",           ".a.b",   ".a.b.\"c d\"", ".[\"a\"]",   ".a[0]",       ".[0]",
    ".[-1]", ".[-9]",        ".[5].x", "$context",     "$context.a", "$context[0]", "$context.a[\"b\"].c",
    ".a .b", ".\"a\".\"b\"", ". [0]",  " .a # path",   ".and",       ".a[0][1][2]"};

TEST(NativePath, paths_are_recognised) {
  for (const std::string& path : k_paths) EXPECT_TRUE(is_native(path)) << path;
}

TEST(NativePath, everything_else_is_left_to_libjq) {
  for (const char* text : {"..",
                           ".a?",
                           ".[]",
                           ".a[]",
                           ".[1:]",
                           ".[.a]",
                           ".a | .b",
                           ".a, .b",
                           "1",
                           "\"a\"",
                           "(.a)",
                           ".a[0]?",
                           ".[1.5]",
                           ".\"a\\(1)\"",
                           ".\"\\u00e9\"",
                           "$__loc__",
                           "a",
                           ".a.[0]",
                           ".[0",
                           "."
                           ".",
                           ".[1e3]",
                           ".[-]",
                           ".a.",
                           "[0]"}) {
    EXPECT_FALSE(is_native(text)) << text;
  }
}

TEST(NativePath, means_the_same_as_in_libjq) {
  const std::vector<std::string> inputs = {
      "null",
      "5",
      "true",
      "\"text\"",
      "[]",
      "{}",
      R"({"a":{"b":{"c d":1,"c":2}},"and":3})",
      R"({"a":[[1,[2,3,4]],5]})",
      R"([{"x":1},{"x":2},3,4,5,{"x":6}])",
      R"({"a":null})",
      R"({"a":"s"})",
  };
  std::vector<ExpressionSource> sources;
  for (const std::string& path : k_paths) sources.push_back({path, {"context"}});
  for (const std::string& path : k_paths) sources.push_back({"(" + path + "\n)", {"context"}});
  const auto program = program_of(sources);
  ASSERT_TRUE(program);
  for (std::uint32_t id = 0; id < k_paths.size(); ++id) {
    for (const std::string& text : inputs) {
      const Value input = json(text);
      const std::vector<Binding> bindings = {{"context", input}};
      const ExpressionId by_libjq{static_cast<std::uint32_t>(id + k_paths.size())};
      EXPECT_EQ(show(program->evaluate(ExpressionId{id}, input, bindings, {})),
                show(program->evaluate(by_libjq, input, bindings, {})))
          << k_paths[id] << " on " << text;
    }
  }
}

TEST(NativePath, long_names_are_left_out_of_messages_as_libjq_does) {
  const std::string name29(29, 'n');
  const std::string name30(30, 'n');
  EXPECT_EQ(evaluate("." + name29, "1"), "failed: Cannot index number with string \"" + name29 + "\"");
  EXPECT_EQ(evaluate("." + name30, "1"), "failed: Cannot index number with string");
  EXPECT_EQ(evaluate("(." + name30 + ")", "1"), "failed: Cannot index number with string");
}

TEST(NativePath, shares_what_it_finds) {
  const auto program = program_of({{".a", {}}});
  ASSERT_TRUE(program);
  const Value input = json(R"({"a":[1,2]})");
  const Evaluation found = program->evaluate(ExpressionId{0}, input, {}, {});
  ASSERT_TRUE(std::holds_alternative<Value>(found));
  EXPECT_TRUE(std::get<Value>(found).same_as(input.get("a")));
}

}  // namespace
}  // namespace cairn::test
