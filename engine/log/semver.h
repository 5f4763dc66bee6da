#pragma once
// Precedence of semantic versions (semver.org 2.0.0, item 11), for "the latest" definition.

#include <compare>
#include <string_view>

namespace cairn {

/// Which of two versions comes later. Build metadata does not count. Text that is no semantic version comes before all that
/// are, ordered as text.
std::weak_ordering compare_versions(std::string_view a, std::string_view b);

}  // namespace cairn
