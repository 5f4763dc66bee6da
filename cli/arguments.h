#pragma once
// Options that carry data.

#include "workflows/core/error.h"
#include "workflows/core/time.h"
#include "workflows/value/value.h"

#include <string>
#include <vector>

namespace cairn {

/// `--input`: JSON, @FILE, or - for standard input. Empty: {}.
Result<Value> parse_input_option(const std::string& text);

/// JSON, @FILE, or - for standard input, of at most `limit` bytes. `option` names it in messages.
Result<Value> parse_json_option(const std::string& text, const std::string& option, std::size_t limit);

/// `--secret NAME=VALUE`s as an object. VALUE as secret_of_text() takes it.
Result<Value> parse_secret_options(const std::vector<std::string>& options);

/// `--since`: an RFC 3339 time, a date, or how long before `now` (PT2H, 2h, 30m, 7d).
Result<Timestamp> parse_since_option(const std::string& text, Timestamp now, const std::string& option = "--since");

}  // namespace cairn
