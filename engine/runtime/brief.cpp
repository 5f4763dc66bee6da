#include "engine/runtime/brief.h"

#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {
namespace {

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Writes JSON until the budget of bytes is spent; what is too much is never looked at.
class BriefWriter {
 public:
  explicit BriefWriter(std::size_t budget) : budget_(budget) {}

  void write(const Value& value) {
    if (full()) return;
    switch (value.kind()) {
      case Value::Kind::Array: write_array(value.as_array()); break;
      case Value::Kind::Object: write_object(value.as_object()); break;
      case Value::Kind::String: write_string(value.as_string()); break;
      default: out_ += to_json(value); break;
    }
  }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  [[nodiscard]] bool full() const { return out_.size() > budget_; }

  void write_string(std::string_view text) {
    // One byte too many tells brief_text that there is more.
    std::size_t end = std::min(text.size(), budget_ + 1);
    while (end < text.size() && end > 0 && is_continuation(text[end])) --end;
    out_ += quote_json(text.substr(0, end));
  }
  void write_array(const Array& items) {
    out_ += '[';
    bool first = true;
    for (const auto& item : items) {
      if (full()) return;
      if (!first) out_ += ',';
      first = false;
      write(item);
    }
    out_ += ']';
  }
  void write_object(const Object& members) {
    out_ += '{';
    bool first = true;
    for (const auto& [name, value] : members) {
      if (full()) return;
      if (!first) out_ += ',';
      first = false;
      write_string(name);
      out_ += ':';
      write(value);
    }
    out_ += '}';
  }

  std::size_t budget_;
  std::string out_;
};

std::string two_units(std::int64_t large, std::string_view large_unit, std::int64_t small,
                      std::string_view small_unit) {
  return small == 0 ? fmt::format("{} {}", large, large_unit)
                    : fmt::format("{} {} {} {}", large, large_unit, small, small_unit);
}

/// 3'000 → "3", 1'250 → "1.25", 61'003 → "61.003".
std::string seconds(std::int64_t ms) {
  std::string text = fmt::format("{}.{:03}", ms / 1000, ms % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string brief_text(std::string_view text, std::size_t length) {
  std::string out;
  std::size_t characters = 0;
  for (const char c : text) {
    if (!is_continuation(c) && ++characters > length) {
      out += "…";
      break;
    }
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return out;
}

std::string brief_json(const Value& value, std::size_t length) {
  // A character has at most four bytes.
  BriefWriter writer(4 * length);
  writer.write(value);
  return brief_text(writer.text(), length);
}

std::string brief_problem(const Problem& problem) {
  const std::string_view type = problem.type;
  const auto slash = type.rfind('/');
  std::string text(slash == std::string_view::npos || slash + 1 == type.size() ? type : type.substr(slash + 1));
  text += fmt::format(" {}", problem.status);
  if (!problem.title.empty()) text += " " + problem.title;
  if (!problem.detail.empty()) text += ": " + problem.detail;
  return brief_text(text, 2 * k_brief_length);
}

std::string brief_duration(std::int64_t ms) {
  constexpr std::int64_t k_minute = 60'000;
  constexpr std::int64_t k_hour = 60 * k_minute;
  constexpr std::int64_t k_day = 24 * k_hour;
  if (ms < 1'000) return fmt::format("{} ms", std::max<std::int64_t>(ms, 0));
  if (ms < k_minute) return seconds(ms) + " s";
  if (ms < k_hour) return two_units(ms / k_minute, "min", ms % k_minute / 1000, "s");
  if (ms < k_day) return two_units(ms / k_hour, "h", ms % k_hour / k_minute, "min");
  return two_units(ms / k_day, "d", ms % k_day / k_hour, "h");
}

std::string brief_time(Timestamp time, Timestamp now) {
  const std::string there = to_iso8601(time);
  const std::string here = to_iso8601(now);
  const auto split = there.find('T');
  const std::string clock = there.substr(split + 1, there.size() - split - 2);
  return there.compare(0, split, here, 0, here.find('T')) == 0 ? clock : there.substr(0, split) + " " + clock;
}

}  // namespace cairn
