#pragma once
// Regular expressions of schemas: written for ECMAScript, matched by RE2, so in time linear in the text.

#include "workflows/core/error.h"

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace cairn::schema {

/// Compiles `pattern`. What RE2 cannot match (lookaround, backreferences) is an error that says so.
Result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern);

/// Whether `pattern` matches anywhere in `text`.
bool matches(const re2::RE2& pattern, std::string_view text);

}  // namespace cairn::schema
