#pragma once
// Why a text is no program.

#include "workflows/core/error.h"

#include <cstdint>
#include <string>

namespace cairn::jq {

struct Problem {
  std::string message;
  std::uint32_t offset = 0;       ///< byte of the text
  bool unknown_variable = false;  ///< it names a variable that nothing declares
};

template <class T>
using Compiled = boost::outcome_v2::basic_result<T, Problem, boost::outcome_v2::policy::terminate>;

}  // namespace cairn::jq
