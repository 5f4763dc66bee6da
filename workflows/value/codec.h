#pragma once
// Value ↔ bytes for the log: compact, exact, order-keeping, self-delimiting. docs/log-format.md has the grammar.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>

namespace cairn {

/// Appends the encoding of `value`. Equal bytes mean the same value in the same member order.
void encode_value(const Value& value, std::string& out);

/// Reads one value that fills `bytes` exactly. Total on any input: error `corrupt` on malformed bytes, never more memory
/// than a small multiple of bytes.size(), depth bounded by limits::k_value_depth.
Result<Value> decode_value(std::string_view bytes);

}  // namespace cairn
