#pragma once
// Short ways to compile a schema and judge a value.

#include "workflows/schema/json_schema.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace cairn::test {

inline Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? value.value() : Value();
}

/// What is wrong with `value`, "" when it conforms.
inline std::string violation(std::string_view schema, std::string_view value) {
  const auto compiled = JsonSchema::compile(json(schema));
  if (!compiled) return "does not compile: " + compiled.error().to_string();
  return compiled.value().violation(json(value)).value_or("");
}

/// "where: message" of a schema that does not compile, "" when it does.
inline std::string compile_error(std::string_view schema) {
  const auto compiled = JsonSchema::compile(json(schema));
  if (compiled) return "";
  EXPECT_EQ(compiled.error().code, ErrorCode::invalid_definition);
  return compiled.error().where + ": " + compiled.error().message;
}

}  // namespace cairn::test
