#include "server/api/input.h"

#include "workflows/core/suggest.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <span>

namespace cairn::server {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace

std::string media_type_of(const Request& request) {
  const std::string_view type = request.field("Content-Type").value_or("");
  return lower(trimmed(type.substr(0, type.find(';'))));
}

Result<std::optional<Value>> json_body(const Request& request) {
  if (request.body.empty()) return std::optional<Value>();
  const std::string type = media_type_of(request);
  if (type != "application/json" && !type.ends_with("+json")) {
    return make_error(ErrorCode::invalid_usage,
                      type.empty() ? "the body has no media type" : fmt::format("the body is {}", shown(type)), {},
                      "Send JSON, with Content-Type: application/json");
  }
  CAIRN_TRY(auto value, parse_json(request.body));
  return std::optional<Value>(std::move(value));
}

Result<void> check_query(const Request& request, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string hint = did_you_mean_or_list(name, std::span(known.begin(), known.size()));
    return make_error(ErrorCode::invalid_usage, fmt::format("there is no query parameter '{}' here{}", shown(name),
                                                            hint.empty() ? "" : "; " + hint));
  }
  return success();
}

Result<std::uint64_t> number_of(std::string_view text, std::string_view what, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [rest, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || rest != text.data() + text.size() || number < least || number > most) {
    return make_error(ErrorCode::invalid_usage,
                      fmt::format("{} is a whole number from {} to {}, not '{}'", what, least, most, shown(text)));
  }
  return number;
}

Result<std::optional<std::uint64_t>> query_number(const Request& request, std::string_view name, std::uint64_t least,
                                                  std::uint64_t most) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<std::uint64_t>();
  CAIRN_TRY(const auto number, number_of(*text, name, least, most));
  return std::optional<std::uint64_t>(number);
}

std::uint64_t seconds_to_wait(const Request& request, std::uint64_t most) {
  for (const auto& field : request.fields) {
    if (lower(field.name) != "prefer") continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto end = rest.find_first_of(",;");
      const std::string preference = lower(trimmed(rest.substr(0, end)));
      if (preference.starts_with("wait=")) {
        std::uint64_t seconds = 0;
        const char* last = preference.data() + preference.size();
        const auto [stop, failed] = std::from_chars(preference.data() + 5, last, seconds);
        if (failed == std::errc() && stop == last) return std::min(seconds, most);
        if (failed == std::errc::result_out_of_range) return most;
      }
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  return 0;
}

}  // namespace cairn::server
