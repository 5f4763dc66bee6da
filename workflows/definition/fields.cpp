#include "workflows/definition/fields.h"

#include "workflows/core/suggest.h"
#include "workflows/value/json.h"
#include "workflows/value/number.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace cairn {

std::string_view kind_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::Null: return "nothing";
    case Value::Kind::Bool: return "a boolean";
    case Value::Kind::Int:
    case Value::Kind::Uint:
    case Value::Kind::Double:
    case Value::Kind::Decimal: return "a number";
    case Value::Kind::String: return "a string";
    case Value::Kind::Array: return "a list";
    case Value::Kind::Object: return "an object";
  }
  return "nothing";
}

void wrong_type(Findings& findings, const Place& place, std::string_view expected) {
  const Value& value = place.value();
  const bool quotable = expected.find("string") != std::string_view::npos && (value.is_number() || value.is_bool());
  findings.error(place, fmt::format("expected {}, got {}", expected, kind_of(value)),
                 quotable ? fmt::format("quote it: '{}'", to_json(value)) : std::string());
}

std::optional<std::string> read_string(Findings& findings, const Place& place, std::string_view expected) {
  if (place.value().is_string()) return place.value().as_string();
  wrong_type(findings, place, expected);
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(Findings& findings, const Place& place, std::string_view expected) {
  const Value& value = place.value();
  if (value.kind() == Value::Kind::Int) return value.as_int();
  if (value.is_number()) {
    // JSON Schema counts 3.0 as an integer.
    const double number = value.as_double();
    if (is_whole(value) && std::abs(number) < 9.0e15) return static_cast<std::int64_t>(number);
    findings.error(place, fmt::format("expected {}, got {}", expected, to_json(value)));
  } else {
    wrong_type(findings, place, expected);
  }
  return std::nullopt;
}

std::optional<bool> read_boolean(Findings& findings, const Place& place) {
  if (place.value().is_bool()) return place.value().as_bool();
  const Value& value = place.value();
  const bool old_word = value.is_string() && (value.as_string() == "yes" || value.as_string() == "no" ||
                                              value.as_string() == "on" || value.as_string() == "off");
  findings.error(place, fmt::format("expected true or false, got {}", kind_of(value)),
                 old_word ? fmt::format("'{}' is text in YAML 1.2", value.as_string()) : std::string());
  return std::nullopt;
}

std::optional<std::string> read_choice(Findings& findings, const Place& place,
                                       std::initializer_list<std::string_view> choices) {
  auto text = read_string(findings, place, fmt::format("a string, one of: {}", fmt::join(choices, ", ")));
  if (!text) return std::nullopt;
  if (std::find(choices.begin(), choices.end(), *text) != choices.end()) return text;
  findings.error(place, fmt::format("'{}' is not one of: {}", shown(*text), fmt::join(choices, ", ")),
                 did_you_mean(*text, std::vector<std::string_view>(choices)));
  return std::nullopt;
}

bool is_object(Findings& findings, const Place& place, std::string_view expected) {
  if (place.value().is_object()) return true;
  wrong_type(findings, place, expected);
  return false;
}

bool is_list(Findings& findings, const Place& place, std::string_view expected) {
  if (place.value().is_array()) return true;
  wrong_type(findings, place, expected);
  return false;
}

Fields::Fields(Findings& findings, const Place& place, std::string what)
    : findings_(findings), place_(place), what_(std::move(what)), mapping_(place.value().is_object()) {
  if (!mapping_) wrong_type(findings, place, fmt::format("an object ({})", what_));
}

bool Fields::has(std::string_view key) const { return mapping_ && place_.node->find(key) != nullptr; }

std::optional<Place> Fields::take(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  if (!mapping_) return std::nullopt;
  const SourceMember* member = place_.node->find(key);
  if (member == nullptr) return std::nullopt;
  return place_.member(*member);
}

std::optional<Place> Fields::require(std::string_view key) {
  auto found = take(key);
  if (!found && mapping_) missing_.push_back(key);
  return found;
}

std::string_view Fields::exactly_one(std::initializer_list<std::string_view> keys, bool one_needed) {
  std::string_view first;
  if (!mapping_) return first;
  for (const SourceMember& member : place_.node->members) {
    const auto key = std::find(keys.begin(), keys.end(), member.key);
    if (key == keys.end()) continue;
    if (first.empty()) {
      first = *key;
    } else {
      findings_.error_at_key(place_.member(member),
                             fmt::format("'{}' and '{}' exclude one another in {}", first, member.key, what_),
                             "keep one");
    }
  }
  for (const std::string_view key : keys) take(key);
  if (first.empty() && one_needed) {
    findings_.error_at_key(
        place_, fmt::format("{} needs {}{}", what_, keys.size() > 1 ? "one of: " : "", fmt::join(keys, ", ")));
  }
  return first;
}

void Fields::done() {
  if (!mapping_) return;
  std::vector<std::string_view> meant;
  for (const SourceMember& member : place_.node->members) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
    if (findings_.wants_more()) meant.push_back(nearest_name(member.key, known_));
    findings_.error_at_key(place_.member(member), fmt::format("unknown key '{}' in {}", shown(member.key), what_),
                           findings_.wants_more() ? did_you_mean_or_list(member.key, known_) : std::string());
  }
  for (const std::string_view key : missing_) {
    if (std::find(meant.begin(), meant.end(), key) != meant.end()) continue;
    findings_.error_at_key(
        place_, fmt::format("{} {} '{}'", what_, what_.starts_with("the arguments") ? "need" : "needs", key));
  }
}

}  // namespace cairn
