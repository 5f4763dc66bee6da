#include "connectors/http/http_arguments.h"

#include "connectors/http/auth/credentials.h"
#include "connectors/http/media_type.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace cairn {

namespace {

OrProblem<std::string> required_text(const Value& object, std::string_view member, std::string_view what) {
  const Value* value = object.find(member);
  if (value == nullptr || value->is_null()) return invalid_argument(fmt::format("{} has no '{}'", what, member));
  return scalar_text(*value, fmt::format("'{}' of {}", member, what));
}

OrProblem<std::string> method_of(const Value& arguments) {
  CONNECTOR_TRY(auto method, required_text(arguments, "method", "the call"));
  std::transform(method.begin(), method.end(), method.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (!is_http_token(method)) return invalid_argument("the method of a call is one word, like GET");
  if (method == "CONNECT") return invalid_argument("the method CONNECT opens tunnels; it cannot be called");
  return method;
}

bool starts_list(const Value& value) { return value.is_array() || value.is_object(); }

}  // namespace

OrProblem<HttpOutput> read_output(const Value& arguments) {
  const Value output = arguments.get("output");
  if (output.is_null()) return HttpOutput::content;
  if (output.is_string() && output.as_string() == "content") return HttpOutput::content;
  if (output.is_string() && output.as_string() == "raw") return HttpOutput::raw;
  if (output.is_string() && output.as_string() == "response") return HttpOutput::response;
  return invalid_argument("'output' is one of raw, content, response");
}

OrProblem<bool> read_redirect(const Value& arguments) {
  const Value redirect = arguments.get("redirect");
  if (redirect.is_null()) return false;
  if (redirect.is_bool()) return redirect.as_bool();
  return invalid_argument("'redirect' is true or false");
}

OrProblem<Url> read_endpoint_url(const Value& endpoint, std::string_view what) {
  const Value& uri = endpoint.is_object() ? endpoint.get("uri") : endpoint;
  if (!uri.is_string() || uri.as_string().empty()) {
    return invalid_argument(fmt::format("{} needs a URI: a text or an object with 'uri'", what));
  }
  auto url = parse_url(uri.as_string());
  if (url) return std::move(url).value();
  return make_problem(StandardError::configuration, "Invalid URI",
                      fmt::format("{}: {}", what, url.error().to_string()));
}

OrProblem<std::string> scalar_text(const Value& value, std::string_view what) {
  if (value.is_string()) return value.as_string();
  if (value.is_number() || value.is_bool()) return to_json(value);
  return invalid_argument(fmt::format("{} must be a string, number or boolean, not {}", what, value.type_name()));
}

OrProblem<void> add_header(HeaderList& headers, const std::string& name, const Value& value) {
  static constexpr std::array<std::string_view, 3> k_of_the_transport = {"Content-Length", "Transfer-Encoding",
                                                                         "Connection"};
  if (!is_http_token(name)) return invalid_argument("the header name " + quote_json(name) + " is not one word");
  for (const auto& refused : k_of_the_transport) {
    if (same_header_name(name, refused)) {
      return invalid_argument(fmt::format("the header {} is set by the transport; leave it out", refused));
    }
  }
  CONNECTOR_TRY(auto text, scalar_text(value, "the header " + name));
  if (!is_header_value(text)) {
    return invalid_argument(fmt::format("the header {} holds a line break or another control character", name));
  }
  if (find_header(headers, name) != nullptr) return invalid_argument(fmt::format("the header {} is given twice", name));
  headers.emplace_back(name, std::move(text));
  return boost::outcome_v2::success();
}

OrProblem<HeaderList> read_headers(const Value* headers) {
  HeaderList list;
  if (headers == nullptr || headers->is_null()) return list;
  if (!headers->is_object()) return invalid_argument("'headers' is a map of names to values");
  for (const auto& [name, value] : headers->as_object()) {
    if (value.is_null()) continue;
    CONNECTOR_TRY(add_header(list, name, value));
  }
  return list;
}

OrProblem<QueryList> read_query(const Value* query) {
  QueryList list;
  if (query == nullptr || query->is_null()) return list;
  if (!query->is_object()) return invalid_argument("'query' is a map of names to values");
  for (const auto& [name, value] : query->as_object()) {
    const std::string what = "the query parameter '" + name + "'";
    if (value.is_null()) continue;
    if (!value.is_array()) {
      CONNECTOR_TRY(auto text, scalar_text(value, what));
      list.emplace_back(name, std::move(text));
      continue;
    }
    for (const Value& item : value.as_array()) {
      CONNECTOR_TRY(auto text, scalar_text(item, "each item of " + what));
      list.emplace_back(name, std::move(text));
    }
  }
  return list;
}

OrProblem<std::string> form_encode(const Value& object) {
  CONNECTOR_TRY(const auto fields, read_query(&object));
  Url form;
  form.append_query(fields);
  return std::move(form.query);
}

OrProblem<void> set_body(HttpRequest& request, const Value* body) {
  if (body == nullptr || body->is_null()) return boost::outcome_v2::success();
  if (request.method == "HEAD") return invalid_argument("a HEAD request has no body");
  const std::string* content_type = find_header(request.headers, "Content-Type");
  const auto type = content_type == nullptr ? std::optional<MediaType>() : MediaType::parse(*content_type);
  if (body->is_string()) {
    if (!type) request.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    request.body = body->as_string();
    return boost::outcome_v2::success();
  }
  if (type && type->is_form() && body->is_object()) {
    CONNECTOR_TRY(request.body, form_encode(*body));
    return boost::outcome_v2::success();
  }
  if (type && !type->is_json() && starts_list(*body)) {
    return invalid_argument(
        fmt::format("a body of content type {} must be given as a string, not {}", type->name, body->type_name()));
  }
  if (!type) request.headers.emplace_back("Content-Type", "application/json");
  request.body = to_json(*body);
  return boost::outcome_v2::success();
}

OrProblem<void> add_standard_headers(HttpRequest& request, const Credentials& credentials,
                                     const std::string& idempotency_key, const HttpOptions& options) {
  const auto add_unless_set = [&request](std::string_view name, const std::string& value) {
    if (!value.empty() && find_header(request.headers, name) == nullptr) request.headers.emplace_back(name, value);
  };
  if (!credentials.scheme.empty()) {
    const std::string authorization = credentials.header();
    if (!is_header_value(authorization)) return invalid_argument("the credentials hold a line break");
    if (find_header(request.headers, "Authorization") != nullptr) {
      return invalid_argument("the call has both 'authentication' and an Authorization header; keep one");
    }
    if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
    request.digest = credentials.digest;
  }
  add_unless_set("Accept", "application/json, */*;q=0.8");
  add_unless_set("User-Agent", options.user_agent);
  add_unless_set("Idempotency-Key", idempotency_key);
  return boost::outcome_v2::success();
}

OrProblem<HttpCall> read_http_call(const Value& arguments, const Credentials& credentials,
                                   const std::string& idempotency_key, const HttpOptions& options) {
  HttpCall call;
  CONNECTOR_TRY(call.output, read_output(arguments));
  CONNECTOR_TRY(call.request.follow_redirects, read_redirect(arguments));
  CONNECTOR_TRY(call.request.method, method_of(arguments));
  const Value endpoint = arguments.get("endpoint");
  CONNECTOR_TRY(auto url, read_endpoint_url(endpoint, "the endpoint of the call"));
  if (url.scheme == "file") {
    return make_problem(StandardError::configuration, "Invalid URI", "only http and https can be called");
  }
  CONNECTOR_TRY(const auto query, read_query(arguments.find("query")));
  url.append_query(query);
  call.request.url = url.to_string();
  CONNECTOR_TRY(call.request.headers, read_headers(arguments.find("headers")));
  CONNECTOR_TRY(set_body(call.request, arguments.find("body")));
  CONNECTOR_TRY(add_standard_headers(call.request, credentials, idempotency_key, options));
  return call;
}

}  // namespace cairn
