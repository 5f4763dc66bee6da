#include "server/http/message.h"

#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace cairn::server {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::optional<std::string_view> find(const std::vector<std::pair<std::string, std::string>>& list,
                                     std::string_view name) {
  const auto it = std::ranges::find(list, name, [](const auto& entry) { return std::string_view(entry.first); });
  if (it == list.end()) return std::nullopt;
  return it->second;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decoded(std::string_view text, bool plus_is_space) {
  const auto bad = [](std::string_view why) {
    return make_error(ErrorCode::invalid_input, fmt::format("the request's target {}", why));
  };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return bad("has a % without two hexadecimal digits behind it");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return bad("has a NUL");
    out += c;
  }
  if (!is_valid_utf8(out)) return bad("is not UTF-8 when it is decoded");
  return out;
}

Value problem_value(std::string type, std::string_view title, unsigned status, std::string detail) {
  std::vector<Member> members;
  members.push_back({"type", Value::string(std::move(type))});
  members.push_back({"title", Value::string(std::string(title))});
  members.push_back({"status", Value::integer(status)});
  if (!detail.empty()) members.push_back({"detail", Value::string(std::move(detail))});
  return Value::object(std::move(members));
}

Response problem_response(unsigned status, Value body) {
  Response response;
  response.status = status;
  response.add("Content-Type", "application/problem+json");
  response.body = std::move(body);
  return response;
}

struct Reason {
  unsigned status;
  std::string_view text;
};

/// https://www.iana.org/assignments/http-status-codes
constexpr std::array k_reasons{
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{304, "Not Modified"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{417, "Expectation Failed"},
    Reason{418, "(Unused)"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{507, "Insufficient Storage"},
};

std::string_view title_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_definition: return "The definition is not valid";
    case ErrorCode::invalid_input: return "The input is not valid";
    case ErrorCode::invalid_usage: return "The request makes no sense as it is";
    case ErrorCode::invalid_configuration: return "The configuration is not valid";
    case ErrorCode::unsupported: return "This version does not run that";
    case ErrorCode::not_found: return "There is no such thing";
    case ErrorCode::ambiguous: return "That names several";
    case ErrorCode::conflict: return "Its state does not allow that";
    case ErrorCode::limit_exceeded: return "That is beyond a limit";
    case ErrorCode::corrupt: return "Stored data is damaged";
    case ErrorCode::format_too_new: return "The data is of a newer version";
    case ErrorCode::io: return "The operating system refused";
    case ErrorCode::busy: return "Somebody else is at it";
    case ErrorCode::disk_full: return "The disk is full";
    case ErrorCode::overloaded: return "Too much is waiting";
    case ErrorCode::unavailable: return "Not available now";
    case ErrorCode::internal: return "An error of cairn itself";
  }
  return "";
}

}  // namespace

std::optional<std::string_view> Request::field(std::string_view name) const {
  const auto it = std::ranges::find_if(fields, [&](const Field& field) { return same_name(field.name, name); });
  if (it == fields.end()) return std::nullopt;
  return it->value;
}

std::string_view Request::parameter(std::string_view name) const { return find(parameters, name).value_or(""); }

std::optional<std::string_view> Request::query_value(std::string_view name) const { return find(query, name); }

Response json_response(unsigned status, Value body) {
  Response response;
  response.status = status;
  response.add("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

Response text_response(unsigned status, std::string_view content_type, std::string text) {
  Response response;
  response.status = status;
  response.add("Content-Type", std::string(content_type));
  response.body = std::move(text);
  return response;
}

Response empty_response(unsigned status) {
  Response response;
  response.status = status;
  response.has_body = false;
  return response;
}

Response problem(const Error& error) {
  const unsigned status = status_of(error.code);
  Value body =
      problem_value("urn:cairn:error:" + std::string(name_of(error.code)), title_of(error.code), status, error.message);
  if (!error.where.empty()) body = body.with("where", Value::string(error.where));
  if (!error.remedy.empty()) body = body.with("remedy", Value::string(error.remedy));
  Response response = problem_response(status, std::move(body));
  if (error.code == ErrorCode::overloaded || error.code == ErrorCode::busy) response.add("Retry-After", "1");
  return response;
}

Response problem(unsigned status, std::string detail) {
  return problem_response(status, problem_value("about:blank", reason_of(status), status, std::move(detail)));
}

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_input:
    case ErrorCode::invalid_usage: return 400;
    case ErrorCode::invalid_definition:
    case ErrorCode::unsupported: return 422;
    case ErrorCode::not_found: return 404;
    case ErrorCode::ambiguous:
    case ErrorCode::conflict: return 409;
    case ErrorCode::limit_exceeded: return 413;
    case ErrorCode::busy:
    case ErrorCode::overloaded:
    case ErrorCode::unavailable: return 503;
    case ErrorCode::disk_full: return 507;
    case ErrorCode::invalid_configuration:
    case ErrorCode::corrupt:
    case ErrorCode::format_too_new:
    case ErrorCode::io:
    case ErrorCode::internal: return 500;
  }
  return 500;
}

std::string_view reason_of(unsigned status) {
  const auto it = std::ranges::find(k_reasons, status, &Reason::status);
  return it == k_reasons.end() ? std::string_view() : it->text;
}

Result<void> read_target(Request& request) {
  const std::string_view target = request.target;
  if (!target.starts_with('/')) {
    return make_error(ErrorCode::invalid_input, "the request's target does not begin with '/'");
  }
  const auto question = target.find('?');
  std::string_view path = target.substr(1, question == std::string_view::npos ? question : question - 1);
  while (true) {
    const auto slash = path.find('/');
    CAIRN_TRY(auto segment, decoded(path.substr(0, slash), false));
    request.path.push_back(std::move(segment));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  if (question == std::string_view::npos) return success();
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view part = query.substr(0, end);
    const auto equals = part.find('=');
    if (!part.empty()) {
      CAIRN_TRY(auto name, decoded(part.substr(0, equals), true));
      CAIRN_TRY(auto value, decoded(equals == std::string_view::npos ? "" : part.substr(equals + 1), true));
      request.query.emplace_back(std::move(name), std::move(value));
    }
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return success();
}

}  // namespace cairn::server
