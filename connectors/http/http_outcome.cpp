#include "connectors/http/http_outcome.h"

#include "connectors/http/media_type.h"
#include "workflows/value/base64.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {

namespace {

/// The usual phrase of a status, for servers that send none (HTTP/2 never does).
std::string_view usual_phrase(int status) {
  switch (status) {
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Unexpected Status";
  }
}

Value content_type_of(const HttpResponse& response) {
  const std::string* text = find_header(response.headers, "Content-Type");
  return text == nullptr ? Value::null() : Value::string(utf8_lossy(*text));
}

OrProblem<Value> content_of(const HttpResponse& response, const Redactor& redactor) {
  const Value content_type = content_type_of(response);
  const auto type = MediaType::parse(content_type.is_null() ? "" : content_type.as_string());
  if (redactor.empty() || type.is_json()) return decode_content(type, response.body);
  return decode_content(type, redactor.text(response.body));
}

Value echo(const HttpRequest& request) {
  const auto url = parse_url(request.url);
  return Value::object({{"method", Value::string(request.method)},
                        {"uri", Value::string(url ? url.value().for_echo() : std::string())},
                        {"headers", redacted_headers_to_value(request.headers)}});
}

Problem communication(std::string title, std::string detail, std::int64_t status) {
  Problem problem = make_problem(StandardError::communication, std::move(title), std::move(detail));
  problem.status = status;
  return problem;
}

}  // namespace

std::string describe(const HttpRequest& request) {
  const auto url = parse_url(request.url);
  return request.method + " " + (url ? url.value().for_message() : "(no valid URL)");
}

Problem problem_of(const HttpFailure& failure, const std::string& what) {
  const std::string detail = what + ": " + utf8_lossy(failure.reason);
  switch (failure.kind) {
    case HttpFailure::Kind::invalid_request:
      return make_problem(StandardError::configuration, "Invalid request", detail);
    case HttpFailure::Kind::unreachable: return communication("Service unreachable", detail, 503);
    case HttpFailure::Kind::timeout: return make_problem(StandardError::timeout, "Timeout", detail);
    case HttpFailure::Kind::untrusted: return communication("Untrusted connection", detail, 502);
    case HttpFailure::Kind::bad_response: return communication("Invalid response", detail, 502);
    case HttpFailure::Kind::too_large: return communication("Response too large", detail, 502);
  }
  return communication("Service unreachable", detail, 503);
}

Problem problem_of_status(const HttpResponse& response, const std::string& what) {
  std::string detail = fmt::format("{} answered {}", what, response.status);
  if (const std::string* location = find_header(response.headers, "Location");
      location != nullptr && response.status >= 300 && response.status < 400) {
    detail += ", redirecting to " + utf8_lossy(std::string_view(*location).substr(0, location->find_first_of("?#")));
  }
  if (!response.body.empty()) {
    detail += ": " + utf8_lossy(std::string_view(response.body).substr(0, k_body_excerpt_bytes));
    if (response.body.size() > k_body_excerpt_bytes) detail += "…";
  }
  std::string title =
      response.reason.empty() ? std::string(usual_phrase(response.status)) : utf8_lossy(response.reason);
  return communication(std::move(title), std::move(detail), response.status);
}

EffectOutcome outcome_of(const HttpCall& call, const HttpResult& result, const Redactor& redactor) {
  const std::string what = describe(call.request);
  if (const auto* failure = std::get_if<HttpFailure>(&result)) return problem_of(*failure, what);
  const auto& response = std::get<HttpResponse>(result);
  const int last_good = call.request.follow_redirects ? 399 : 299;
  if (response.status < 200 || response.status > last_good) return problem_of_status(response, what);
  if (call.output == HttpOutput::raw) return Value::string(encode_base64(redactor.text(response.body)));
  auto content = content_of(response, redactor);
  if (!content) {
    Problem problem = content.error();
    problem.detail = what + ": " + problem.detail;
    return problem;
  }
  if (call.output == HttpOutput::content) return std::move(content).value();
  return Value::object({{"request", echo(call.request)},
                        {"statusCode", Value::integer(response.status)},
                        {"headers", headers_to_value(response.headers)},
                        {"content", std::move(content).value()}});
}

}  // namespace cairn
