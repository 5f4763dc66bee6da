#pragma once
// JSON Schema for `input.schema`, `output.schema`, `export.schema`.
//
// Draft 7 (https://json-schema.org/draft-07) and what 2019-09 and 2020-12 changed in keywords that need no annotations:
// prefixItems, dependentRequired, dependentSchemas, minContains, maxContains, $defs, and `$ref` beside other keywords.
// valijson holds the compiled constraints; reading the document and applying them to values is ours, because valijson
// matches patterns by std::regex, whose recursion a long text can drive off the stack, compares integers as doubles,
// and names neither the keyword nor the reason. So numbers compare exactly, patterns are RE2's (linear time), lengths
// count code points; `format` is an annotation and is not checked.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <memory>
#include <optional>
#include <string>

namespace cairn {

/// A compiled schema. Immutable; may be shared by threads.
///
/// Of drafts 6, 7, 2019-09 or 2020-12, as `$schema` says; without it, with the keywords of all of them. References stay
/// inside the document and point by JSON pointer.
class JsonSchema {
 public:
  /// Error invalid_definition when the document is malformed or uses a keyword that cannot be checked here (it is never
  /// half-checked); `where` is the JSON pointer of the keyword inside the document.
  static Result<JsonSchema> compile(const Value& document);

  /// Nothing when `value` conforms; else what is wrong, each with the pointer into the value: "/order/id: expected
  /// string, got number".
  [[nodiscard]] std::optional<std::string> violation(const Value& value) const;

  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

 private:
  struct Impl;
  explicit JsonSchema(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace cairn
