#pragma once
// Every function that an expression finds defined, wherever it comes from, and what docs/expressions.md says of it.

#include <string>
#include <vector>

namespace cairn::jq {

struct Builtin {
  std::string name;
  std::vector<std::string> parameters;  ///< `$name`: takes values; `name`: a filter, run as often as the function wants
  std::string documentation;            ///< one or two sentences
  bool pure = true;                     ///< false: gives something else in another evaluation (`now`)
};

/// By name, then number of parameters. Made anew at each call: for documents and tests.
std::vector<Builtin> builtins();

}  // namespace cairn::jq
