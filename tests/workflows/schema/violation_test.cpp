// What conforms, what does not, and what is said about it.

#include "tests/workflows/schema/support.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace cairn::test {
namespace {

using testing::HasSubstr;

struct Case {
  const char* schema;
  const char* value;
  const char* violation;  // "" when the value conforms
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(violation(c.schema, c.value), c.violation) << c.schema << " on " << c.value;
}

TEST(Violation, boolean_schemas) {
  check({{"true", "1", ""},
         {"false", "1", "nothing is allowed here"},
         {"{}", "null", ""},
         {R"({"properties":{"a":false}})", R"({"a":1})", "/a: nothing is allowed here"}});
}

TEST(Violation, types) {
  check({{R"({"type":"string"})", "\"a\"", ""},
         {R"({"type":"string"})", "1", "expected string, got number"},
         {R"({"type":"object"})", "[]", "expected object, got array"},
         {R"({"type":["string","null"]})", "null", ""},
         {R"({"type":["string","null"]})", "true", "expected null or string, got boolean"},
         {R"({"type":"integer"})", "1.0", ""},
         {R"({"type":"integer"})", "18446744073709551615", ""},
         {R"({"type":"integer"})", "1.5", "expected integer, got 1.5"},
         {R"({"type":"integer"})", "\"1\"", "expected integer, got string"},
         {R"({"type":"number"})", "1", ""},
         {R"({"properties":{"order":{"properties":{"id":{"type":"string"}}}}})", R"({"order":{"id":5}})",
          "/order/id: expected string, got number"}});
}

TEST(Violation, numbers) {
  check({{R"({"minimum":5})", "5", ""},
         {R"({"minimum":5})", "3", "3 is less than the minimum 5"},
         {R"({"properties":{"n":{"maximum":10}}})", R"({"n":12})", "/n: 12 is greater than the maximum 10"},
         {R"({"exclusiveMinimum":5})", "5", "5 is not greater than the exclusive minimum 5"},
         {R"({"exclusiveMaximum":5})", "5", "5 is not less than the exclusive maximum 5"},
         {R"({"exclusiveMaximum":5})", "4.9", ""},
         {R"({"multipleOf":2})", "7", "7 is not a multiple of 2"},
         {R"({"multipleOf":0.1})", "0.3", ""},
         {R"({"multipleOf":0.01})", "0.0075", "0.0075 is not a multiple of 0.01"},
         {R"({"multipleOf":2})", "\"a\"", ""},
         {R"({"minimum":5})", "\"a\"", ""}});
}

TEST(Violation, integers_beyond_2_to_the_53_stay_exact) {
  check({{R"({"maximum":9007199254740992})", "9007199254740993",
          "9007199254740993 is greater than the maximum 9007199254740992"},
         {R"({"minimum":9007199254740993})", "9007199254740992",
          "9007199254740992 is less than the minimum 9007199254740993"},
         {R"({"exclusiveMinimum":9223372036854775807})", "9223372036854775808", ""},
         {R"({"exclusiveMinimum":18446744073709551614})", "18446744073709551615", ""},
         {R"({"const":1152921504606846977})", "1152921504606846976",
          "must be 1152921504606846977, got 1152921504606846976"},
         {R"({"enum":[1152921504606846977]})", "1152921504606846977", ""},
         {R"({"multipleOf":2})", "9007199254740993", "9007199254740993 is not a multiple of 2"},
         {R"({"multipleOf":3})", "-9223372036854775807", "-9223372036854775807 is not a multiple of 3"},
         {R"({"uniqueItems":true})", "[9007199254740992,9007199254740993]", ""}});
}

TEST(Violation, texts) {
  check({{R"({"minLength":3})", "\"ab\"", "has 2 characters, fewer than the minimum 3"},
         {R"({"maxLength":2})", "\"äöü\"", "has 3 characters, more than the maximum 2"},
         {R"({"maxLength":3})", "\"äöü\"", ""},
         {R"({"pattern":"^a+$"})", "\"aaa\"", ""},
         {R"({"pattern":"^a+$"})", "\"ab\"", "\"ab\" does not match the pattern '^a+$'"},
         {R"({"pattern":"b"})", "\"abc\"", ""},
         {R"({"pattern":"^\\u00e9(?<rest>x*)$"})", "\"éxx\"", ""},
         {R"({"pattern":"^\\d{2}/\\w$"})", "\"12/a\"", ""},
         {R"({"format":"date","pattern":"x"})", "\"x\"", ""}});
}

TEST(Violation, patterns_take_time_linear_in_the_text) {
  const std::string text(50'000, 'a');
  EXPECT_THAT(violation(R"({"pattern":"^(a*)*b$"})", "\"" + text + "\""), HasSubstr("does not match the pattern"));
  EXPECT_EQ(violation(R"({"patternProperties":{"^(a*)*b$":false}})", "{\"" + text + "\":1}"), "");
}

TEST(Violation, values) {
  check({{R"({"const":{"a":[1]}})", R"({"a":[1.0]})", ""},
         {R"({"const":null})", "0", "must be null, got 0"},
         {R"({"enum":["red","green"]})", "\"blue\"", "must be one of \"red\", \"green\", got \"blue\""},
         {R"({"enum":["red","green"]})", "\"red\"", ""},
         {R"({"const":false})", "0", "must be false, got 0"}});
}

TEST(Violation, arrays) {
  check({{R"({"items":{"type":"integer"}})", "[1,2]", ""},
         {R"({"items":{"type":"integer"}})", "[1,\"a\"]", "/1: expected integer, got string"},
         {R"({"items":[{"type":"integer"}],"additionalItems":false})", "[1]", ""},
         {R"({"items":[{"type":"integer"}],"additionalItems":false})", "[1,2]", "/1: nothing is allowed here"},
         {R"({"items":[{"type":"integer"}],"additionalItems":{"type":"null"}})", "[1,2]",
          "/1: expected null, got number"},
         {R"({"prefixItems":[{"type":"integer"}],"items":{"type":"string"}})", "[1,\"a\"]", ""},
         {R"({"prefixItems":[{"type":"integer"}],"items":{"type":"string"}})", "[1,2]",
          "/1: expected string, got number"},
         {R"({"prefixItems":[{"type":"integer"}]})", "[\"a\"]", "/0: expected integer, got string"},
         {R"({"minItems":1})", "[]", "has 0 items, fewer than the minimum 1"},
         {R"({"maxItems":1})", "[1,2]", "has 2 items, more than the maximum 1"},
         {R"({"uniqueItems":true})", "[1,2,1.0]", "items 0 and 2 are equal"},
         {R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2,"a":1}])", "items 0 and 1 are equal"},
         {R"({"uniqueItems":true})", R"([1,"1",true,[1],{"a":1}])", ""},
         {R"({"uniqueItems":false})", "[1,1]", ""},
         {R"({"contains":{"const":3}})", "[1,2]", "no item fits the schema under 'contains'"},
         {R"({"contains":{"const":3},"minContains":2})", "[3,1]",
          "1 items fit the schema under 'contains', fewer than the minimum 2"},
         {R"({"contains":{"const":3},"minContains":2})", "[3,1,3]", ""},
         {R"({"contains":{"const":3},"minContains":0})", "[]", ""},
         {R"({"contains":{"const":3},"maxContains":1})", "[3,3]",
          "2 items fit the schema under 'contains', more than the maximum 1"},
         {R"({"contains":{"const":3},"maxContains":1})", "[1]",
          "0 items fit the schema under 'contains', fewer than the minimum 1"},
         {R"({"minContains":5})", "[]", ""},
         {R"({"contains":{"const":3}})", "[1,3]", ""}});
}

TEST(Violation, objects) {
  check(
      {{R"({"required":["id"]})", R"({"name":1})", "missing required property 'id'"},
       {R"({"properties":{"a":{"required":["id"]}}})", R"({"a":{}})", "/a: missing required property 'id'"},
       {R"({"properties":{"a":true},"additionalProperties":false})", R"({"a":1,"b":2})", "property 'b' is not allowed"},
       {R"({"properties":{"a":true},"additionalProperties":{"type":"string"}})", R"({"a":1,"b":2})",
        "/b: expected string, got number"},
       {R"({"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false})", R"({"x-a":"1"})", ""},
       {R"({"patternProperties":{"^x-":{"type":"string"}}})", R"({"x-a":1})", "/x-a: expected string, got number"},
       {R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})",
        "property name 'abc': has 3 characters, more than the maximum 2"},
       {R"({"minProperties":1})", "{}", "has 0 properties, fewer than the minimum 1"},
       {R"({"maxProperties":0})", R"({"a":1})", "has 1 properties, more than the maximum 0"},
       {R"({"dependencies":{"a":["b"]}})", R"({"a":1})", "property 'a' requires property 'b'"},
       {R"({"dependencies":{"a":{"required":["c"]}}})", R"({"a":1})", "missing required property 'c'"},
       {R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})", "property 'a' requires property 'b'"},
       {R"({"dependentSchemas":{"a":{"maxProperties":1}}})", R"({"a":1,"b":2})",
        "has 2 properties, more than the maximum 1"},
       {R"({"dependentRequired":{"a":["b"]}})", R"({"b":1})", ""},
       {R"({"properties":{"a/b":{"properties":{"c~d":{"type":"null"}}}}})", R"({"a/b":{"c~d":1}})",
        "/a~1b/c~0d: expected null, got number"}});
}

TEST(Violation, combinations) {
  check(
      {{R"({"allOf":[{"minimum":1},{"maximum":3}]})", "5", "5 is greater than the maximum 3"},
       {R"({"anyOf":[{"type":"string"},{"minimum":3}]})", "1",
        "fits none of the alternatives (expected string, got number; or 1 is less than the minimum 3)"},
       {R"({"anyOf":[{"type":"string"},{"minimum":3}]})", "4", ""},
       {R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "3",
        "fits more than one of the alternatives under 'oneOf' (numbers 0 and 1)"},
       {R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "1", ""},
       {R"({"oneOf":[{"type":"string"},{"type":"string"}]})", "1", "expected string, got number"},
       {R"({"not":{"type":"string"}})", "\"a\"", "fits the schema under 'not'"},
       {R"({"not":{"type":"string"}})", "1", ""},
       {R"({"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":5}})", "\"a\"",
        "has 1 characters, fewer than the minimum 2"},
       {R"({"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":5}})", "1", "1 is less than the minimum 5"},
       {R"({"if":{"type":"string"},"then":{"minLength":2}})", "1", ""},
       {R"({"then":{"type":"string"}})", "1", ""},
       {R"({"anyOf":[{"properties":{"a":{"type":"string"}}},{"required":["b"]}]})", R"({"a":1})",
        "fits none of the alternatives (/a: expected string, got number; or missing required property 'b')"}});
}

TEST(Violation, the_plainest_reason_comes_first) {
  check({{R"({"properties":{"a":{"type":"string"}},"required":["b"]})", R"({"a":1})", "missing required property 'b'"},
         {R"({"anyOf":[{"minimum":3}],"type":"string"})", "1", "expected string, got number"},
         {R"({"enum":["a"],"type":"string"})", "1", "expected string, got number"}});
}

TEST(Violation, references) {
  constexpr const char* k_tree =
      R"({"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"required":["id"]}},"$ref":"#/$defs/node"})";
  check({{k_tree, R"({"id":1,"next":{"id":2,"next":{"id":3}}})", ""},
         {k_tree, R"({"id":1,"next":{"id":2,"next":{}}})", "/next/next: missing required property 'id'"},
         {R"({"properties":{"a":{"$ref":"#"}},"additionalProperties":false})", R"({"a":{"a":{"b":1}}})",
          "/a/a: property 'b' is not allowed"},
         {R"({"definitions":{"a b/c":{"type":"null"}},"$ref":"#/definitions/a%20b~1c"})", "1",
          "expected null, got number"},
         {R"({"$id":"https://example.com/s","$defs":{"a":{"type":"null"}},"$ref":"https://example.com/s#/$defs/a"})",
          "1", "expected null, got number"},
         {R"({"definitions":{"c":{"if":{"type":"string"},"then":{"minLength":2}}},"$ref":"#/definitions/c"})", "\"a\"",
          "has 1 characters, fewer than the minimum 2"},
         {R"({"definitions":{"c":{"propertyNames":{"minLength":2}}},"$ref":"#/definitions/c"})", R"({"ab":1})", ""}});
}

TEST(Violation, what_stands_beside_a_reference_counts_since_2019) {
  constexpr const char* k_beside = R"("definitions":{"a":{"minimum":1}},"$ref":"#/definitions/a","maximum":3})";
  const std::string draft_7 = std::string(R"({"$schema":"http://json-schema.org/draft-07/schema#",)") + k_beside;
  const std::string draft_2019 =
      std::string(R"({"$schema":"https://json-schema.org/draft/2019-09/schema",)") + k_beside;
  const std::string unsaid = std::string("{") + k_beside;
  EXPECT_EQ(violation(draft_7, "5"), "");
  EXPECT_EQ(violation(draft_2019, "5"), "5 is greater than the maximum 3");
  EXPECT_EQ(violation(unsaid, "5"), "5 is greater than the maximum 3");
  EXPECT_EQ(violation(unsaid, "0"), "0 is less than the minimum 1");
}

TEST(Violation, deep_values_and_deep_schemas_overflow_nothing) {
  std::string deep = "1";
  for (int i = 0; i < 500; ++i) deep = R"({"a":)" + deep + "}";
  EXPECT_EQ(violation(R"({"anyOf":[{"type":"integer"},{"properties":{"a":{"$ref":"#"}},"type":"object"}]})", deep), "");
  std::string schema = R"({"type":"string"})";
  for (int i = 0; i < 200; ++i) schema = R"({"allOf":[)" + schema + "]}";
  EXPECT_EQ(violation(schema, "1"), "expected string, got number");
  std::string chain = R"({"$defs":{"d5000":{"type":"string"})";
  for (int i = 0; i < 5000; ++i) chain += fmt::format(R"(,"d{}":{{"$ref":"#/$defs/d{}"}})", i, i + 1);
  chain += R"(},"$ref":"#/$defs/d0"})";
  EXPECT_THAT(violation(chain, "1"), HasSubstr("nests deeper than"));
}

TEST(Violation, schemas_that_multiply_are_given_up) {
  std::string bomb = R"({"$defs":{"d60":{"type":"integer"})";
  for (int i = 0; i < 60; ++i)
    bomb += fmt::format(R"(,"d{}":{{"allOf":[{{"$ref":"#/$defs/d{}"}},{{"$ref":"#/$defs/d{}"}}]}})", i, i + 1, i + 1);
  bomb += "}";
  EXPECT_THAT(violation(bomb + R"(,"$ref":"#/$defs/d0"})", "1"), HasSubstr("steps to check"));
  EXPECT_THAT(violation(bomb + R"(,"not":{"$ref":"#/$defs/d0"}})", "1"), HasSubstr("steps to check"));
}

}  // namespace
}  // namespace cairn::test
