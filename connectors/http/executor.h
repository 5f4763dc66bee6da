#pragma once
// The executor's name, for headers: Asio itself is expensive to include.

namespace boost::asio {
class any_io_executor;  // NOLINT(readability-identifier-naming): theirs
}
