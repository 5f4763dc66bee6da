#pragma once
// server/http: HTTP/1.1 for the API above it. Plain requests come in, plain responses go out; Beast is in two files of
// this folder and in no header. Knows nothing of runs.
//
// Messages: one request as a handler sees it, and what it answers.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::server {

struct Field {
  std::string name;
  std::string value;
};

/// A request, whole. Names of fields compare without case.
struct Request {
  std::string method;                                      ///< as sent: "GET"
  std::string target;                                      ///< as sent: "/v1/runs?limit=2"
  std::vector<std::string> path;                           ///< segments, percent-decoded: {"v1", "runs"}
  std::vector<std::pair<std::string, std::string>> query;  ///< in their order, decoded
  std::vector<Field> fields;
  std::string body;
  std::string peer;                                             ///< address of the client, without the port
  std::vector<std::pair<std::string, std::string>> parameters;  ///< of the route's pattern, decoded

  /// The first field of that name; nothing: there is none.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;
  /// Of the route's pattern; "" when the pattern has no such name.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
  /// The first of that name; nothing: there is none.
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
};

/// An answer. Lengths and the connection's fields are added when it is sent; a Value is written as JSON then, on the
/// server's thread.
struct Response {
  unsigned status = 200;
  std::vector<Field> fields;
  std::variant<std::string, Value> body;
  bool has_body = true;  ///< false: 204, 304 and the like

  void add(std::string_view name, std::string value) { fields.push_back({std::string(name), std::move(value)}); }
};

Response json_response(unsigned status, Value body);
Response text_response(unsigned status, std::string_view content_type, std::string text);
Response empty_response(unsigned status);

/// application/problem+json (RFC 9457): type, title, status, detail, and `where` and `remedy` of the error when they are
/// there. The type is "urn:cairn:error:CODE"; docs/errors.md has each code.
Response problem(const Error& error);
/// The same of a failure that is HTTP's alone; the type is "about:blank", the title the status's own words.
Response problem(unsigned status, std::string detail);

/// The status that an error of this code is answered with.
unsigned status_of(ErrorCode code);
/// "Not Found"; "" for a status that is none of IANA's.
std::string_view reason_of(unsigned status);

/// Splits a target at '?' and its path at '/', and decodes both (RFC 3986; '+' in a query is a space, as forms write
/// it). invalid_input: it does not begin with '/', or a % stands before something else than two hex digits, or what it
/// decodes to is not UTF-8 or has a NUL.
Result<void> read_target(Request& request);

}  // namespace cairn::server
