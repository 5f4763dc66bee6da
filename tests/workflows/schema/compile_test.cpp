// Schemas that are malformed, or say what cannot be checked, do not compile.

#include "tests/workflows/schema/support.h"

#include <gmock/gmock.h>

namespace cairn::test {
namespace {

using testing::HasSubstr;

TEST(Compile, keywords_that_cannot_be_checked_are_named_with_their_place) {
  for (const char* keyword : {"unevaluatedProperties", "unevaluatedItems", "$anchor", "$dynamicRef", "$dynamicAnchor",
                              "$recursiveRef", "$recursiveAnchor", "$vocabulary"}) {
    const std::string name = keyword;
    EXPECT_EQ(compile_error(R"({"properties":{"a":{")" + name + R"(":true}}})"),
              "/properties/a/" + name + ": the keyword '" + name + "' cannot be checked by cairn");
  }
}

TEST(Compile, unknown_keywords_are_errors) {
  EXPECT_EQ(compile_error(R"({"requird":["a"]})"), "/requird: unknown keyword 'requird' (did you mean 'required'?)");
  EXPECT_EQ(compile_error(R"({"properties":{"a":{"minimun":1}}})"),
            "/properties/a/minimun: unknown keyword 'minimun' (did you mean 'minimum'?)");
  EXPECT_EQ(compile_error(R"({"nullable":true})"), "/nullable: unknown keyword 'nullable'");
  EXPECT_EQ(compile_error(R"({"$defs":{"unused":{"typ":"string"}}})"),
            "/$defs/unused/typ: unknown keyword 'typ' (did you mean 'type'?)");
  EXPECT_EQ(compile_error(R"({"additionalItems":{"typ":"string"}})"),
            "/additionalItems/typ: unknown keyword 'typ' (did you mean 'type'?)");
}

TEST(Compile, annotations_are_fine) {
  EXPECT_EQ(
      compile_error(
          R"({"title":"t","description":"d","default":{"requird":1},"examples":[1],"deprecated":true,"readOnly":true,
                              "writeOnly":false,"$comment":"c","format":"date-time","contentMediaType":"text/plain","x-note":{"a":1},
                              "$id":"https://example.com/s","const":{"properties":5},"enum":[{"typ":1}]})"),
      "");
}

TEST(Compile, malformed_schemas_are_errors_with_their_place) {
  const std::pair<const char*, const char*> cases[] = {
      {"5", ": expected a schema (an object, true or false), got 5"},
      {R"({"type":5})", "/type: expected one of array, boolean, integer, null, number, object, string, got 5"},
      {R"({"type":"text"})",
       "/type: expected one of array, boolean, integer, null, number, object, string, got \"text\""},
      {R"({"type":[]})", "/type: expected at least one type, got an array"},
      {R"({"type":["string",1]})",
       "/type/1: expected one of array, boolean, integer, null, number, object, string, got 1"},
      {R"({"required":"x"})", "/required: expected a list of property names, got \"x\""},
      {R"({"required":[1]})", "/required/0: expected a property name, got 1"},
      {R"({"properties":[]})", "/properties: expected an object, got an array"},
      {R"({"properties":{"a":"string"}})",
       "/properties/a: expected a schema (an object, true or false), got \"string\""},
      {R"({"items":5})", "/items: expected a schema (an object, true or false), got 5"},
      {R"({"items":[{},5]})", "/items/1: expected a schema (an object, true or false), got 5"},
      {R"({"allOf":[]})", "/allOf: expected a list of schemas, at least one, got an array"},
      {R"({"anyOf":{}})", "/anyOf: expected a list of schemas, at least one, got an object"},
      {R"({"enum":1})", "/enum: expected a list of values, got 1"},
      {R"({"minimum":"1"})", "/minimum: expected a number, got \"1\""},
      {R"({"exclusiveMinimum":true})", "/exclusiveMinimum: expected a number, got true"},
      {R"({"multipleOf":0})", "/multipleOf: expected a number above 0, got 0"},
      {R"({"minLength":-1})", "/minLength: expected an integer that is not negative, got -1"},
      {R"({"maxItems":1.5})", "/maxItems: expected an integer that is not negative, got 1.5"},
      {R"({"pattern":1})", "/pattern: expected a regular expression, got 1"},
      {R"({"uniqueItems":"yes"})", "/uniqueItems: expected true or false, got \"yes\""},
      {R"({"dependentRequired":{"a":"b"}})", "/dependentRequired/a: expected a list of property names, got \"b\""},
      {R"({"dependencies":{"a":5}})", "/dependencies/a: expected a schema (an object, true or false), got 5"},
      {R"({"$ref":5})", "/$ref: expected a string, got 5"},
      {R"({"not":{"a/b":1}})", "/not/a~1b: unknown keyword 'a/b'"},
      {R"({"required":["a\u0000b"]})",
       "/required/0: names and patterns with a NUL character cannot be checked by cairn"},
  };
  for (const auto& [schema, message] : cases) EXPECT_EQ(compile_error(schema), message) << schema;
}

TEST(Compile, a_count_may_be_written_with_a_fraction_of_zero) {
  EXPECT_EQ(violation(R"({"maxItems":1.0})", "[1,2]"), "has 2 items, more than the maximum 1");
}

TEST(Compile, patterns_that_re2_cannot_match_are_errors) {
  EXPECT_THAT(compile_error(R"s({"properties":{"a":{"pattern":"^(?=x)"}}})s"),
              HasSubstr("/properties/a/pattern: the pattern '^(?=x)' cannot be used"));
  EXPECT_THAT(compile_error(R"s({"pattern":"(a)\\1"})s"), HasSubstr("/pattern: the pattern '(a)\\1' cannot be used"));
  EXPECT_THAT(compile_error(R"s({"patternProperties":{"(":{}}})s"),
              HasSubstr("/patternProperties/(: the pattern '(' cannot be used"));
}

TEST(Compile, references_must_lead_somewhere_in_the_document) {
  EXPECT_EQ(compile_error(R"({"properties":{"a":{"$ref":"https://example.com/x.json"}}})"),
            "/properties/a/$ref: $ref 'https://example.com/x.json' leads out of this schema; cairn follows '#…' only");
  EXPECT_EQ(compile_error(R"({"$ref":"other.json#/a"})"),
            "/$ref: $ref 'other.json#/a' leads out of this schema; cairn follows '#…' only");
  EXPECT_EQ(compile_error(R"({"$ref":"#/$defs/a"})"), "/$ref: $ref '#/$defs/a' points at nothing");
  EXPECT_EQ(compile_error(R"({"$ref":"#anchor"})"),
            "/$ref: $ref '#anchor' is no JSON pointer; anchors cannot be checked by cairn");
  EXPECT_EQ(compile_error(R"({"title":"x","$ref":"#/title"})"),
            "/title: expected a schema (an object, true or false), got \"x\"");
}

TEST(Compile, references_without_end_are_errors) {
  for (const char* schema :
       {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})", R"({"not":{"$ref":"#"}})",
        R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"})",
        R"({"if":{"$ref":"#"}})", R"({"dependentSchemas":{"a":{"$ref":"#"}}})"}) {
    EXPECT_THAT(compile_error(schema), HasSubstr("refers to itself for the same value")) << schema;
  }
  EXPECT_EQ(compile_error(R"({"items":{"$ref":"#"},"properties":{"a":{"$ref":"#"}}})"), "");
}

TEST(Compile, the_dialect_decides_which_keywords_there_are) {
  EXPECT_EQ(compile_error(R"({"$schema":"http://json-schema.org/draft-04/schema#"})"),
            "/$schema: the dialect 'http://json-schema.org/draft-04/schema#' is not known here");
  EXPECT_EQ(compile_error(R"({"$schema":"http://json-schema.org/draft-07/schema#","prefixItems":[{}]})"),
            "/prefixItems: 'prefixItems' is no keyword of draft 7, which $schema names");
  EXPECT_EQ(compile_error(R"({"$schema":"http://json-schema.org/draft-06/schema#","if":{}})"),
            "/if: 'if' is no keyword of draft 6, which $schema names");
  EXPECT_EQ(compile_error(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","additionalItems":false})"),
            "/additionalItems: 'additionalItems' is no keyword of draft 2020-12, which $schema names");
  EXPECT_THAT(compile_error(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","items":[{}]})"),
              HasSubstr("goes into 'prefixItems'"));
  EXPECT_THAT(compile_error(R"({"prefixItems":[{}],"additionalItems":false})"),
              HasSubstr("says nothing beside 'prefixItems'"));
  EXPECT_EQ(
      compile_error(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{}],"items":false})"),
      "");
  EXPECT_EQ(
      compile_error(R"({"$schema":"http://json-schema.org/draft-07/schema#","items":[{}],"additionalItems":false})"),
      "");
  EXPECT_EQ(compile_error(R"({"not":{"$schema":"http://json-schema.org/draft-07/schema#"}})"),
            "/not/$schema: $schema inside of a schema cannot be checked by cairn");
  EXPECT_EQ(compile_error(R"({"not":{"$id":"x"}})"), "/not/$id: $id inside of a schema cannot be checked by cairn");
}

TEST(Compile, a_compiled_schema_may_move) {
  auto compiled = JsonSchema::compile(json(R"({"type":"string"})"));
  ASSERT_TRUE(compiled);
  JsonSchema first = std::move(compiled).value();
  JsonSchema second = std::move(first);
  EXPECT_EQ(second.violation(json("1")), "expected string, got number");
}

}  // namespace
}  // namespace cairn::test
