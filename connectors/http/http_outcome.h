#pragma once
// From an HTTP response to a task's raw output, or to the problem it raises.

#include "connectors/http/http_arguments.h"
#include "engine/effects/effect.h"
#include "engine/effects/redaction.h"

#include <string>
#include <string_view>

namespace cairn {

/// What a problem's detail shows of a response's body, in bytes.
inline constexpr std::size_t k_body_excerpt_bytes = 1000;

/// The outcome of `call` after `result`. A status outside 200–299 is a communication problem with that status (300–399
/// too, unless the call follows redirects, when one that is left, like 304, is an output).
/// What is given in base 64 is searched by `redactor` before it is encoded.
EffectOutcome outcome_of(const HttpCall& call, const HttpResult& result, const Redactor& redactor);

/// The problem of a request that got no usable response: 503 unreachable, 502 an answer that cannot be used, 408 (type
/// timeout) none in time. `what` says who asked what, e.g. "GET https://host/path".
Problem problem_of(const HttpFailure& failure, const std::string& what);

/// The problem of a response whose status is an error.
Problem problem_of_status(const HttpResponse& response, const std::string& what);

/// "METHOD scheme://host/path" of a request: no user, no query.
std::string describe(const HttpRequest& request);

}  // namespace cairn
