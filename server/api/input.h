#pragma once
// What requests bring: bodies, numbers, preferences; with an error that says what was expected.

#include "server/http/message.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace cairn::server {

/// The body as JSON; nothing: it is empty. invalid_usage with another media type than application/json or …+json (so no
/// form of a web page can send one); invalid_input: no JSON.
Result<std::optional<Value>> json_body(const Request& request);

/// The media type of the body, in lower case, without parameters; "" when none is given.
std::string media_type_of(const Request& request);

/// Each parameter of the query has one of these names; invalid_usage names the first that has not.
Result<void> check_query(const Request& request, std::initializer_list<std::string_view> known);

/// A whole number of the query within limits; nothing: it is not given.
Result<std::optional<std::uint64_t>> query_number(const Request& request, std::string_view name, std::uint64_t least,
                                                  std::uint64_t most);

/// `text` as a whole number; invalid_usage names `what`.
Result<std::uint64_t> number_of(std::string_view text, std::string_view what, std::uint64_t least, std::uint64_t most);

/// Prefer: wait=SECONDS (RFC 7240), at most `most`; 0: not asked for. Preferences that cannot be read are none.
std::uint64_t seconds_to_wait(const Request& request, std::uint64_t most);

}  // namespace cairn::server
