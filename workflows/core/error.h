#pragma once
// Failures of cairn itself as values. (What a *workflow* raises is a Problem, workflows/program/problem.h.)

#include <boost/outcome/result.hpp>
#include <boost/outcome/try.hpp>

#include <string>
#include <string_view>

namespace cairn {

/// What went wrong. Each code has a line in docs/errors.md (cause and remedy) and a test that produces it.
enum class ErrorCode {
  invalid_definition,     ///< the workflow text does not parse or check; message holds the diagnostics
  invalid_input,          ///< malformed JSON, wrong type, too deep, too large
  invalid_usage,          ///< a command or a call that makes no sense as written
  invalid_configuration,  ///< cairn.yaml or a CAIRN_* variable
  unsupported,            ///< valid by the standard, not run by this version
  not_found,              ///< no such run, file, definition
  ambiguous,              ///< a prefix that names several runs
  conflict,               ///< the state does not allow it (already ended, key reused with other content)
  limit_exceeded,         ///< a named limit of core/limits.h
  corrupt,                ///< stored bytes are not what was written
  format_too_new,         ///< data directory written by a newer cairn
  io,                     ///< the operating system refused
  busy,                   ///< another process owns the data directory and does not answer
  disk_full,              ///< nothing can be written until there is room; what was accepted is kept
  overloaded,             ///< too much has been accepted already: later
  unavailable,            ///< cannot serve now (shutting down, read-only)
  internal,               ///< a bug; the message says what to report
};

/// Stable snake_case name of a code, as printed by `--json` and listed in docs/errors.md.
std::string_view name_of(ErrorCode code);

/// A failure: what, where, and what to do about it. `where` and `remedy` may be empty.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string where;   ///< file, file:line:column, run and event number, key …
  std::string remedy;  ///< one imperative sentence

  /// "where: message. remedy", leaving out what is empty.
  [[nodiscard]] std::string to_string() const;
};

/// A value or an Error. Reading the side that is not there terminates: check first, or use CAIRN_TRY.
template <class T>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

using boost::outcome_v2::success;

inline Error make_error(ErrorCode code, std::string message, std::string where = {}, std::string remedy = {}) {
  return Error{code, std::move(message), std::move(where), std::move(remedy)};
}

}  // namespace cairn

/// CAIRN_TRY(expression) or CAIRN_TRY(auto name, expression): returns the error to our caller, if there is one.
#define CAIRN_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
