#pragma once
// OrProblem<T>: what a connector makes out of a task's arguments, or the problem the task raises.

#include "workflows/program/problem.h"

#include <boost/outcome/result.hpp>
#include <boost/outcome/try.hpp>

#include <string>

namespace cairn {

/// A value or a Problem. Reading the side that is not there terminates.
template <class T>
using OrProblem = boost::outcome_v2::basic_result<T, Problem, boost::outcome_v2::policy::terminate>;

/// The arguments of a task are not what the connector can work with.
inline Problem invalid_argument(std::string detail) {
  return make_problem(StandardError::validation, "Invalid argument", std::move(detail));
}

}  // namespace cairn

/// CONNECTOR_TRY(expression) or CONNECTOR_TRY(auto name, expression): returns the problem to our caller, if there is
/// one.
#define CONNECTOR_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
