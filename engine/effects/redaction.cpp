#include "engine/effects/redaction.h"

#include "workflows/value/base64.h"
#include "workflows/value/json.h"
#include "workflows/value/percent.h"

#include <boost/algorithm/string/replace.hpp>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// A line of a text of several is searched for by itself from this length on: of a key each line is worth something.
constexpr std::size_t k_min_line_length = 16;
/// Shorter pieces of base 64 would be found in other texts.
constexpr std::size_t k_min_base64_length = 8;

void collect(const Value& value, std::vector<std::string>& texts) {
  if (value.is_string()) {
    texts.push_back(value.as_string());
  } else if (value.is_number()) {
    texts.push_back(to_json(value));
  } else if (value.is_array()) {
    for (const auto& item : value.as_array()) collect(item, texts);
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.as_object()) collect(member, texts);
  }
}

/// Ways in which URLs carry a text: all percent-encoded, slashes as they are (paths), blanks as + (forms).
void add_encoded(const std::string& text, std::vector<std::string>& found) {
  const std::string all = percent_encode(text);
  const std::string path = boost::replace_all_copy(all, "%2F", "/");
  for (const auto& one : {all, path}) {
    found.push_back(one);
    found.push_back(boost::replace_all_copy(one, "%20", "+"));
  }
}

/// Its base 64, alone and within that of a longer text: then only the characters that its own bytes decide.
void add_base64(const std::string& text, std::vector<std::string>& found) {
  std::vector<std::string> forms{encode_base64(text)};
  for (std::size_t before = 0; before < 3; ++before) {
    const std::size_t bits_before = 8 * before;
    const std::size_t first = (bits_before + 5) / 6;
    const std::size_t end = (bits_before + 8 * text.size()) / 6;
    if (end < first + k_min_base64_length) continue;
    forms.push_back(encode_base64(std::string(before, '\0') + text).substr(first, end - first));
  }
  for (auto& form : forms) {
    std::string url = boost::replace_all_copy(boost::replace_all_copy(form, "+", "-"), "/", "_");
    found.push_back(std::move(url));
    found.push_back(std::move(form));
  }
}

void add_lines(const std::string& text, std::vector<std::string>& found) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin >= k_min_line_length) found.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

std::vector<std::string> texts_of(const Value& value) {
  std::vector<std::string> texts;
  collect(value, texts);
  return texts;
}

Redactor::Redactor(const std::vector<std::string>& texts, std::string_view mark) : mark_(mark) {
  for (const auto& text : texts) {
    if (text.size() < k_min_secret_length) continue;
    const std::string quoted = quote_json(text);
    const std::string escaped = quoted.substr(1, quoted.size() - 2);
    const std::string quoted_again = quote_json(escaped);
    found_.push_back(text);
    found_.push_back(escaped);
    found_.push_back(quoted_again.substr(1, quoted_again.size() - 2));
    add_encoded(text, found_);
    add_base64(text, found_);
    if (text.find('\n') != std::string::npos) add_lines(text, found_);
  }
  std::ranges::sort(found_,
                    [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  found_.erase(std::ranges::unique(found_).begin(), found_.end());
}

std::string Redactor::text(std::string text) const {
  for (const auto& secret : found_) {
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + mark_.size())) {
      text.replace(at, secret.size(), mark_);
    }
  }
  return text;
}

Value Redactor::value(const Value& value) const {
  if (empty()) return value;
  if (value.is_string()) {
    std::string redacted = text(value.as_string());
    return redacted == value.as_string() ? value : Value::string(std::move(redacted));
  }
  if (value.is_number()) {
    return std::ranges::find(found_, to_json(value)) == found_.end() ? value : Value::string(mark_);
  }
  if (value.is_array()) {
    Array items;
    for (const auto& item : value.as_array()) items.push_back(this->value(item));
    return Value::array(std::move(items));
  }
  if (value.is_object()) {
    std::vector<Member> members;
    for (const auto& [name, member] : value.as_object()) members.push_back({text(name), this->value(member)});
    return Value::object(std::move(members));
  }
  return value;
}

EffectOutcome Redactor::outcome(EffectOutcome outcome) const {
  if (empty()) return outcome;
  if (const auto* result = std::get_if<Value>(&outcome)) return value(*result);
  auto problem = std::get<Problem>(std::move(outcome));
  problem.title = text(std::move(problem.title));
  problem.detail = text(std::move(problem.detail));
  return problem;
}

std::string RedactedStream::append(std::string_view piece) {
  held_ += piece;
  if (redactor_.empty()) return std::exchange(held_, {});
  held_ = redactor_.text(std::move(held_));
  // The longest end that a secret may begin with.
  std::size_t held = 0;
  for (const auto& secret : redactor_.found_) {
    for (std::size_t length = std::min(secret.size() - 1, held_.size()); length > held; --length) {
      if (held_.compare(held_.size() - length, length, secret, 0, length) == 0) held = length;
    }
  }
  std::string shown = held_.substr(0, held_.size() - held);
  held_.erase(0, shown.size());
  return shown;
}

std::string RedactedStream::finish() { return redactor_.text(std::exchange(held_, {})); }

}  // namespace cairn
