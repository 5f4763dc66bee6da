#pragma once
// JSON Schema for `input.schema`, `output.schema`, `export.schema`.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <memory>
#include <optional>
#include <string>

namespace cairn {

/// A compiled schema. Immutable; may be shared by threads.
class JsonSchema {
 public:
  /// Error invalid_definition when the document is malformed or uses a keyword that cannot be checked here (it is never
  /// half-checked); `where` is the JSON pointer of the keyword inside the document.
  static Result<JsonSchema> compile(const Value& document);

  /// Nothing when `value` conforms; else what is wrong, each with the pointer into the value: "/order/id: expected string,
  /// got number".
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
