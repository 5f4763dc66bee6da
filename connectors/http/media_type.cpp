#include "connectors/http/media_type.h"

#include "connectors/http/headers.h"
#include "workflows/value/base64.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace cairn {

namespace {

std::string trimmed_lower(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  std::string out(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool ends_with(std::string_view text, std::string_view end) { return text.ends_with(end); }

}  // namespace

MediaType MediaType::parse(std::string_view content_type) {
  MediaType type;
  auto end = std::min(content_type.find(';'), content_type.size());
  type.name = trimmed_lower(content_type.substr(0, end));
  while (end < content_type.size()) {
    content_type.remove_prefix(end + 1);
    end = std::min(content_type.find(';'), content_type.size());
    const auto parameter = content_type.substr(0, end);
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos || trimmed_lower(parameter.substr(0, equals)) != "charset") continue;
    type.charset = trimmed_lower(parameter.substr(equals + 1));
    std::erase(type.charset, '"');
  }
  return type;
}

bool MediaType::is_json() const {
  return name == "application/json" || name == "text/json" || ends_with(name, "+json");
}

bool MediaType::is_form() const { return name == "application/x-www-form-urlencoded"; }

bool MediaType::is_text() const {
  static constexpr std::array<std::string_view, 10> k_textual = {
      "application/xml",        "application/yaml",     "application/x-yaml",
      "application/javascript", "application/x-ndjson", "application/graphql",
      "application/toml",       "application/sql",      "application/x-www-form-urlencoded",
      "application/jsonl"};
  return name.starts_with("text/") || ends_with(name, "+xml") || ends_with(name, "+yaml") ||
         std::find(k_textual.begin(), k_textual.end(), name) != k_textual.end();
}

OrProblem<Value> decode_content(const MediaType& type, std::string_view body) {
  if (body.empty()) return Value::null();
  if (type.is_json()) {
    constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
    if (body.starts_with(k_byte_order_mark)) body.remove_prefix(k_byte_order_mark.size());
    auto parsed = parse_json(body);
    if (parsed) return std::move(parsed).value();
    Problem problem = make_problem(
        StandardError::communication, "Invalid response",
        "the response says that it is " + type.name + " but its body is not: " + parsed.error().to_string());
    problem.status = 502;
    return problem;
  }
  if (type.is_text()) {
    const bool utf8 =
        type.charset.empty() || type.charset == "utf-8" || type.charset == "utf8" || type.charset == "us-ascii";
    if (utf8 && is_valid_utf8(body)) return Value::string(std::string(body));
    if (type.charset == "iso-8859-1" || type.charset == "latin1") return Value::string(latin1_to_utf8(body));
  }
  return Value::string(encode_base64(body));
}

}  // namespace cairn
