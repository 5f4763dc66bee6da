#pragma once
// Applies a compiled schema to a value and says, in one sentence, what is wrong.

#include "workflows/schema/compiled_schema.h"
#include "workflows/value/value.h"

#include <optional>
#include <string>

namespace cairn::schema {

/// "/order/id: expected string, got number", or nothing when `value` conforms.
std::optional<std::string> judge(const CompiledSchema& schema, const Value& value);

}  // namespace cairn::schema
