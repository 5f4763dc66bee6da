#include "connectors/secrets/secret_text.h"

#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {

namespace {

constexpr std::size_t k_name_bytes = 256;

}  // namespace

Value secret_of_text(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && (text[first] == '{' || text[first] == '[' || text[first] == '"')) {
    if (auto value = parse_json(text)) return std::move(value.value());
  }
  return Value::string(text);
}

Result<std::string> read_secret_text(std::string text, const std::string& where) {
  if (text.size() > k_secret_bytes) {
    return make_error(ErrorCode::limit_exceeded, fmt::format("a secret has at most {} bytes", k_secret_bytes), where);
  }
  if (!is_valid_utf8(text)) {
    return make_error(ErrorCode::invalid_input, "the secret is not UTF-8", where, "Encode it in base 64, for example");
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

bool is_secret_store_name(std::string_view name) {
  return !name.empty() && name.size() <= k_name_bytes && is_valid_utf8(name) &&
         std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

}  // namespace cairn
