#pragma once
// A schema document compiled to valijson's constraints.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <valijson/schema.hpp>

#include <map>
#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace cairn::schema {

struct CompiledSchema {
  valijson::Schema schemas;                   ///< owns every subschema of the document
  const valijson::Subschema* root = nullptr;  ///< the document's own
  /// Each regular expression of the document, by its text.
  std::map<std::string, std::shared_ptr<const re2::RE2>, std::less<>> patterns;
};

/// Checks and compiles `document` (JsonSchema::compile has the contract).
Result<std::unique_ptr<const CompiledSchema>> compile_schema(const Value& document);

}  // namespace cairn::schema
