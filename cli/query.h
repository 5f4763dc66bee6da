#pragma once
// Commands that ask one question: open, call, gather.

#include "cli/cli.h"
#include "cli/session.h"

#include <string>

namespace cairn {

/// The only answer to `request`. Asks the next owner when one goes away. interrupted gives an error (unavailable).
Result<Value> ask(const Settings& settings, Access access, const Value& request);

/// Every answer to `request`, which only reads, passed to `on_message`; the next owner is asked when one goes away
/// before the first answer.
Result<CallEnd> ask_all(const Settings& settings, Access access, const Value& request,
                        const Session::OnMessage& on_message);

/// A member that is text; "" otherwise.
std::string text_in(const Value& from, std::string_view name);
/// A member that is a count; 0 otherwise.
std::uint64_t count_in(const Value& from, std::string_view name);

/// "1 run", "2 runs".
std::string counted(std::uint64_t count, std::string_view one);

}  // namespace cairn
