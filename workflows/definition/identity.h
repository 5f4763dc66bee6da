#pragma once
// The patterns of names and versions.

#include <string_view>

namespace cairn {

inline constexpr std::string_view k_name_rule = "use 1 to 63 letters, digits and '-', with no '-' at either end";

/// A workflow's name or namespace: 1 to 63 letters, digits and '-', no '-' at the ends.
bool is_workflow_name(std::string_view text);

/// SemVer 2.0.0.
bool is_semantic_version(std::string_view text);

}  // namespace cairn
