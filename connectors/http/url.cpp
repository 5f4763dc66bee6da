#include "connectors/http/url.h"

#include <curl/urlapi.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>

namespace cairn {

namespace {

struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, CurlUrlDeleter>;

// Default ports are left out, as they are in a Host header; characters a URL cannot hold are encoded.
constexpr unsigned k_set_flags = CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME;

std::optional<std::string> part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK || text == nullptr) return std::nullopt;
  std::string copy(text);
  curl_free(text);
  return copy;
}

Result<Url> read_parts(CURLU* url) {
  Url parts;
  parts.scheme = part(url, CURLUPART_SCHEME).value_or("");
  if (parts.scheme != "http" && parts.scheme != "https" && parts.scheme != "file") {
    return make_error(ErrorCode::invalid_input, "the scheme '" + parts.scheme + "' is not supported", {},
                      "Use http, https or file");
  }
  if (auto user = part(url, CURLUPART_USER)) {
    parts.userinfo = *user;
    if (auto password = part(url, CURLUPART_PASSWORD)) parts.userinfo += ":" + *password;
  }
  parts.host = part(url, CURLUPART_HOST).value_or("");
  parts.port = part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT).value_or("");
  parts.path = part(url, CURLUPART_PATH).value_or("/");
  parts.query = part(url, CURLUPART_QUERY).value_or("");
  if (parts.scheme != "file" && parts.host.empty()) {
    return make_error(ErrorCode::invalid_input, "the URL names no host");
  }
  return parts;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Url::origin() const {
  std::string text = scheme + "://" + host;
  if (!port.empty()) text += ":" + port;
  return text;
}

std::string Url::to_string() const {
  std::string text = scheme + "://";
  if (!userinfo.empty()) text += userinfo + "@";
  text += host;
  if (!port.empty()) text += ":" + port;
  text += path;
  if (!query.empty()) text += "?" + query;
  return text;
}

std::string Url::for_message() const { return origin() + path; }

std::string Url::for_echo() const {
  std::string text = for_message();
  char separator = '?';
  std::string_view rest = query;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto parameter = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto equals = parameter.find('=');
    text += separator;
    separator = '&';
    if (equals != std::string_view::npos && is_secret_name(percent_decode(parameter.substr(0, equals)))) {
      text.append(parameter.substr(0, equals + 1)).append("***");
    } else {
      text.append(parameter);
    }
  }
  return text;
}

void Url::append_query(const QueryList& parameters) {
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query += '&';
    query += percent_encode(name) + "=" + percent_encode(value);
  }
}

Result<Url> parse_url(std::string_view text) {
  if (has_control_character(text)) {
    return make_error(ErrorCode::invalid_input, "a URL cannot hold control characters or line breaks");
  }
  const CurlUrl url(curl_url());
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), k_set_flags);
  if (code == CURLUE_BAD_SCHEME || text.find("://") == std::string_view::npos) {
    return make_error(ErrorCode::invalid_input, "not an absolute URL", {}, "Begin it with http:// or https://");
  }
  if (code != CURLUE_OK) return make_error(ErrorCode::invalid_input, curl_url_strerror(code));
  return read_parts(url.get());
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  if (has_control_character(reference)) {
    return make_error(ErrorCode::invalid_input, "a URL cannot hold control characters or line breaks");
  }
  const CurlUrl url(curl_url());
  CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, base.to_string().c_str(), k_set_flags);
  if (code == CURLUE_OK) {
    code = curl_url_set(url.get(), CURLUPART_URL, std::string(reference).c_str(), k_set_flags);
  }
  if (code != CURLUE_OK) return make_error(ErrorCode::invalid_input, curl_url_strerror(code));
  return read_parts(url.get());
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

bool is_secret_name(std::string_view name) {
  // Words found anywhere in a name, and words that count only when they stand alone between punctuation.
  static constexpr std::array<std::string_view, 9> k_anywhere = {
      "authoriz", "cookie", "token", "secret", "password", "passwd", "apikey", "signature", "credential"};
  static constexpr std::array<std::string_view, 5> k_alone = {"auth", "key", "sig", "jwt", "pwd"};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "idempotency-key") return false;
  const auto holds = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
  if (std::any_of(k_anywhere.begin(), k_anywhere.end(), holds)) return true;
  std::size_t begin = 0;
  while (begin <= lower.size()) {
    const auto end = std::min(lower.find_first_of("-_.", begin), lower.size());
    if (std::find(k_alone.begin(), k_alone.end(), std::string_view(lower).substr(begin, end - begin)) !=
        k_alone.end()) {
      return true;
    }
    begin = end + 1;
  }
  return false;
}

}  // namespace cairn
