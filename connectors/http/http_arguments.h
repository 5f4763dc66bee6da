#pragma once
// From a task's arguments to an HTTP request: the pieces `call: http` and `call: openapi` have in common.

#include "connectors/http/http_client.h"
#include "connectors/http/or_problem.h"
#include "connectors/http/url.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>

namespace cairn {

struct Credentials;

/// `output` of a call.
enum class HttpOutput { raw, content, response };

/// A call ready to be sent: the request, and how its response becomes the task's output.
struct HttpCall {
  HttpRequest request;
  HttpOutput output = HttpOutput::content;
};

/// `output` and `redirect`; absent ones are `content` and false.
OrProblem<HttpOutput> read_output(const Value& arguments);
OrProblem<bool> read_redirect(const Value& arguments);

/// The URL of an endpoint: a text, or {uri, authentication?}. `what` names it in messages.
OrProblem<Url> read_endpoint_url(const Value& endpoint, std::string_view what);

/// A string, number or boolean as text; `what` names it in messages. Objects, arrays and null are a validation problem.
OrProblem<std::string> scalar_text(const Value& value, std::string_view what);

/// A map of headers. A member that is null is left out; Content-Length, Transfer-Encoding and Connection are refused:
/// they belong to the transport.
OrProblem<HeaderList> read_headers(const Value* headers);
OrProblem<void> add_header(HeaderList& headers, const std::string& name, const Value& value);

/// A map of query parameters: an array repeats its name, null is left out.
OrProblem<QueryList> read_query(const Value* query);

/// "a=1&b=2" of an object, an array repeating its name.
OrProblem<std::string> form_encode(const Value& object);

/// Sets request.body, and Content-Type when the author has not:
///   absent or null → no body; a string → as it is (text/plain); a form content type with an object → a form;
///   anything else → JSON (application/json). An object or array under another content type is refused.
OrProblem<void> set_body(HttpRequest& request, const Value* body);

/// Accept, User-Agent and Idempotency-Key where the author has not set them, and what `credentials` ask for (an author's
/// own Authorization header beside a policy is refused).
OrProblem<void> add_standard_headers(HttpRequest& request, const Credentials& credentials,
                                     const std::string& idempotency_key, const HttpOptions& options);

/// The whole of `call: http` (EffectBody in workflows/program/program.h).
OrProblem<HttpCall> read_http_call(const Value& arguments, const Credentials& credentials,
                                   const std::string& idempotency_key, const HttpOptions& options);

}  // namespace cairn
