#pragma once
// Most expressions only pick: `.`, `.order.id`, `$item.name`, `.["first name"][0]`. These are read off the Value
// itself, with jq's meaning and messages and without libjq: nothing is converted or copied.

#include "workflows/expressions/check.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cairn::jq {

struct NativePath {
  std::string variable;  ///< where the path starts, without '$'; empty: at the input
  std::vector<std::variant<std::string, std::int64_t>> steps;
};

/// The path, when the whole expression is one.
std::optional<NativePath> as_native_path(const CheckedExpression& expression);

/// Follows `path` from `start`. Null propagates; indexing anything else wrongly fails with jq's message.
Evaluation follow(const NativePath& path, const Value& start);

}  // namespace cairn::jq
