#include "cli/arguments.h"

#include "cli/text_file.h"
#include "connectors/secrets/secret_text.h"
#include "workflows/core/limits.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <charconv>
#include <optional>

namespace cairn {
namespace {

Result<Value> parse_json_of(const std::string& text, const std::string& where) {
  auto value = parse_json(text);
  if (value) return value;
  Error error = value.error();
  error.where = error.where.empty() ? where : where + ", " + error.where;
  return error;
}

/// "30m", "2h", "7d" in milliseconds.
std::optional<std::int64_t> parse_short_duration(const std::string& text) {
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  constexpr std::int64_t k_most = 100'000;
  if (error != std::errc() || rest + 1 != text.data() + text.size() || count < 0 || count > k_most) return std::nullopt;
  switch (*rest) {
    case 's': return count * 1'000;
    case 'm': return count * 60'000;
    case 'h': return count * 3'600'000;
    case 'd': return count * 86'400'000;
    default: return std::nullopt;
  }
}

}  // namespace

Result<Value> parse_json_option(const std::string& text, const std::string& option, std::size_t limit) {
  if (text == "-" || text.starts_with('@')) {
    const std::string path = text == "-" ? text : text.substr(1);
    CAIRN_TRY(const auto content, read_text_file(path, limit));
    return parse_json_of(content, path == "-" ? "standard input" : path);
  }
  return parse_json_of(text, option);
}

Result<Value> parse_input_option(const std::string& text) {
  if (text.empty()) return Value::object(std::vector<Member>{});
  return parse_json_option(text, "--input", limits::k_input_bytes);
}

Result<Value> parse_secret_options(const std::vector<std::string>& options) {
  std::vector<Member> secrets;
  for (const auto& option : options) {
    const auto split = option.find('=');
    if (split == std::string::npos || split == 0) {
      // What stands there may be the secret itself: it is not repeated.
      return make_error(ErrorCode::invalid_usage, "a secret is given as NAME=VALUE", "--secret");
    }
    const std::string name = option.substr(0, split);
    const std::string text = option.substr(split + 1);
    if (!is_valid_utf8(option)) return make_error(ErrorCode::invalid_usage, "the text is not UTF-8", "--secret");
    secrets.push_back({name, secret_of_text(text)});
  }
  return Value::object(std::move(secrets));
}

Result<Timestamp> parse_since_option(const std::string& text, Timestamp now, const std::string& option) {
  if (const auto age = parse_short_duration(text)) return Timestamp{now.ms - *age};
  if (const auto age = parse_duration_ms(text)) return Timestamp{now.ms - age.value()};
  if (auto time = parse_timestamp(text)) return time;
  if (auto day = parse_timestamp(text + "T00:00:00Z")) return day;
  return make_error(ErrorCode::invalid_usage, "'" + text + "' is no time", option,
                    "Write 2026-11-20, 2026-11-20T08:00:00Z, or how long ago: 30m, 2h, 7d, PT90M");
}

}  // namespace cairn
