// The table of natives as a whole.

#include <set>

#include "natives_support.h"

namespace cairn::jq {
namespace {

TEST(Natives, AreSortedByNameAndArity) {
  const auto table = natives();
  ASSERT_FALSE(table.empty());
  for (std::size_t i = 1; i < table.size(); ++i) {
    EXPECT_LT(std::pair(table[i - 1].name, table[i - 1].arity), std::pair(table[i].name, table[i].arity));
  }
}

TEST(Natives, AreDocumentedUnlessTheyAreInternal) {
  for (const auto& row : natives()) EXPECT_EQ(row.documentation.empty(), row.name.starts_with('_')) << row.name;
}

TEST(Natives, ArePureExceptNow) {
  std::set<std::string_view> impure;
  for (const auto& row : natives()) {
    if (!row.pure) impure.insert(row.name);
  }
  EXPECT_EQ(impure, std::set<std::string_view>{"now"});
}

/// Every native, on every kind of input and argument: an answer, an error or a limit, and nothing worse.
TEST(Natives, SurviveAnyInput) {
  const std::vector<std::string_view> texts = {"null",
                                               "true",
                                               "false",
                                               "0",
                                               "-1",
                                               "1.5",
                                               "nan",
                                               "18446744073709551615",
                                               "-9223372036854775808",
                                               "1e300",
                                               "-1e300",
                                               "Infinity",
                                               "\"\"",
                                               "\"a,b\"",
                                               "\"ab\\u0000é☆\"",
                                               "[]",
                                               "[1,[2]]",
                                               "[null]",
                                               "[\"a\",\"b\"]",
                                               "{}",
                                               "{\"a\":[1]}",
                                               "{\"start\":null,\"end\":1}",
                                               "[[\"a\"]]",
                                               "[{\"key\":\"k\"}]"};
  Bench reader;
  std::vector<Value> values;
  for (const auto text : texts) values.push_back(reader.json(text));
  for (const auto& row : natives()) {
    for (const auto& input : values) {
      for (const auto& first : values) {
        if (row.arity == 0 && &first != values.data()) break;
        for (const auto& second : values) {
          if (row.arity < 2 && &second != values.data()) break;
          Bench bench;
          const std::vector<Value> all = {first, second, second};
          const auto answer = row.call(bench.surroundings(), input, std::span(all).first(row.arity));
          if (answer.has_error()) {
            EXPECT_TRUE(answer.error().error.is_string() || answer.error().exhausted != Exhausted::none) << row.name;
          } else {
            EXPECT_LE(answer.value().depth(), Limits{}.depth);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace cairn::jq
