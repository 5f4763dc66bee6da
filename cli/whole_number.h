#pragma once
// A check for options that count: a whole number, 0 or more, and said so when it is not.

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string>

namespace cairn {

inline CLI::Validator whole_number() {
  return {[](std::string& text) {
            const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
            return digits ? std::string() : "'" + text + "' is not a whole number, 0 or more";
          },
          ""};
}

}  // namespace cairn
