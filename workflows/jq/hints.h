#pragma once
// What an author who thinks in another language probably looks for: the ends of messages.

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn::jq {

/// For the token or character at byte `at` of `text`, which nothing expects there: "; jq has …", or empty.
std::string_view hint_at(std::string_view text, std::size_t at);
/// For an object's name that stands at `at` and is followed by what no name holds: "; …" with the name in quotes.
std::string quoting_hint(std::string_view text, std::size_t at);
/// For an unknown `@name`: "; did you mean …", or empty.
std::string format_hint(std::string_view name);

}  // namespace cairn::jq
