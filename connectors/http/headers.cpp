#include "connectors/http/headers.h"

#include "connectors/http/url.h"
#include "workflows/value/utf8.h"

#include <algorithm>
#include <cctype>

namespace cairn {

namespace {

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
char upper(char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); }

std::string value_text(const std::string& text) { return is_valid_utf8(text) ? text : latin1_to_utf8(text); }

}  // namespace

std::string canonical_header_name(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  bool first = true;
  for (const char c : name) {
    out += first ? upper(c) : lower(c);
    first = c == '-';
  }
  return out;
}

bool same_header_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_header(const HeaderList& headers, std::string_view name) {
  for (const auto& header : headers) {
    if (same_header_name(header.first, name)) return &header.second;
  }
  return nullptr;
}

bool is_http_token(std::string_view text) {
  constexpr std::string_view k_punctuation = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0) ||
           k_punctuation.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

Value headers_to_value(const HeaderList& headers) {
  std::vector<Member> members;
  for (const auto& [name, text] : headers) {
    const std::string canonical = value_text(canonical_header_name(name));
    const auto known =
        std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.name == canonical; });
    if (known == members.end()) {
      members.push_back({canonical, Value::string(value_text(text))});
    } else {
      known->value = Value::string(known->value.as_string() + ", " + value_text(text));
    }
  }
  return Value::object(std::move(members));
}

Value redacted_headers_to_value(const HeaderList& headers) {
  HeaderList shown = headers;
  for (auto& [name, text] : shown) {
    if (is_secret_name(name)) text = "***";
  }
  return headers_to_value(shown);
}

std::string latin1_to_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x80) {
      out += character;
    } else {
      out += static_cast<char>(0xC0U | (byte >> 6U));
      out += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return out;
}

}  // namespace cairn
