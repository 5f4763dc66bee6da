#pragma once
// What the machine computes may fail as the workflow's own error: a Problem, not an Error of ours.

#include "workflows/core/error.h"
#include "workflows/program/problem.h"

namespace cairn {

template <class T>
using Fallible = boost::outcome_v2::basic_result<T, Problem, boost::outcome_v2::policy::terminate>;

}  // namespace cairn
