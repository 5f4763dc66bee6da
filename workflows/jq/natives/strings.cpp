// Strings: prefixes and suffixes, blanks, letters, characters and their numbers, cutting and joining.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"

#include <algorithm>

namespace cairn::jq::native {
namespace {

bool both_strings(const Value& a, const Value& b) { return a.is_string() && b.is_string(); }

Failure wrong_prefix_kind() { return fail("startswith() requires string inputs"); }
Failure wrong_suffix_kind() { return fail("endswith() requires string inputs"); }

Answer<Value> startswith(Surroundings& s, const Value& input, Arguments arguments) {
  if (!both_strings(input, arguments[0])) return wrong_prefix_kind();
  if (!pay_reading(s, arguments[0].as_string().size())) return out_of(s.budget);
  return Value::boolean(input.as_string().starts_with(arguments[0].as_string()));
}

Answer<Value> endswith(Surroundings& s, const Value& input, Arguments arguments) {
  if (!both_strings(input, arguments[0])) return wrong_suffix_kind();
  if (!pay_reading(s, arguments[0].as_string().size())) return out_of(s.budget);
  return Value::boolean(input.as_string().ends_with(arguments[0].as_string()));
}

/// The bytes of `whole` from `start` to `end` as a value; the same value when that is all of them.
Answer<Value> part(Surroundings& s, const Value& whole, std::size_t start, std::size_t end) {
  const std::string& text = whole.as_string();
  if (start == 0 && end == text.size()) return whole;
  if (!s.budget.text(end - start)) return out_of(s.budget);
  return Value::string(text.substr(start, end - start));
}

Answer<Value> ltrimstr(Surroundings& s, const Value& input, Arguments arguments) {
  CAIRN_TRY(const Value begins, startswith(s, input, arguments));
  if (!begins.as_bool()) return input;
  return part(s, input, arguments[0].as_string().size(), input.as_string().size());
}

Answer<Value> rtrimstr(Surroundings& s, const Value& input, Arguments arguments) {
  CAIRN_TRY(const Value ends, endswith(s, input, arguments));
  if (!ends.as_bool()) return input;
  return part(s, input, 0, input.as_string().size() - arguments[0].as_string().size());
}

Answer<Value> trimstr(Surroundings& s, const Value& input, Arguments arguments) {
  CAIRN_TRY(const Value rest, ltrimstr(s, input, arguments));
  return rtrimstr(s, rest, arguments);
}

/// Unicode's property White_Space.
bool is_blank(std::uint32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

std::size_t blanks_before(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && is_blank(first_character(text.substr(at)))) at += character_size(text[at]);
  return at;
}

std::size_t end_without_blanks(std::string_view text, std::size_t start) {
  std::size_t end = text.size();
  while (end > start) {
    std::size_t last = end - 1;
    while (last > start && (text[last] & 0xc0) == 0x80) --last;
    if (!is_blank(first_character(text.substr(last)))) break;
    end = last;
  }
  return end;
}

template <bool Left, bool Right>
Answer<Value> trim(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_string()) return fail("trim input must be a string");
  const std::string& text = input.as_string();
  const std::size_t start = Left ? blanks_before(text) : 0;
  const std::size_t end = Right ? end_without_blanks(text, start) : text.size();
  if (!pay_reading(s, start + (text.size() - end))) return out_of(s.budget);
  return part(s, input, start, end);
}

Failure not_exploded() { return fail("explode input must be a string"); }

/// Letters from `first` to `first` + 25 moved by `distance`.
template <char First, int Distance>
Answer<Value> change_case(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_string()) return not_exploded();
  if (!s.budget.text(input.as_string().size())) return out_of(s.budget);
  std::string text = input.as_string();
  for (char& c : text) {
    if (c >= First && c < First + 26) c = static_cast<char>(c + Distance);
  }
  return Value::string(std::move(text));
}

Answer<Value> explode(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_string()) return not_exploded();
  const std::string& text = input.as_string();
  const std::size_t count = count_characters(text);
  if (!s.budget.elements(count)) return out_of(s.budget);
  Array items;
  items.reserve(count);
  for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(character_size(rest.front()))) {
    items.push_back(Value::integer(first_character(rest)));
  }
  return Value::array(std::move(items));
}

Answer<Value> implode(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_array()) return fail("implode input must be an array");
  const Array& items = input.as_array();
  if (!s.budget.spend(items.size())) return out_of(s.budget);
  std::string text;
  for (const auto& item : items) {
    if (!item.is_number() || is_nan(item)) {
      return type_error(item, "can't be imploded, unicode codepoint needs to be numeric");
    }
    if (text.size() > s.budget.limits().text_bytes) break;  // paid_text() refuses it
    const int number = to_int(item);
    const bool is_character = number >= 0 && number <= 0x10ffff && !(number >= 0xd800 && number <= 0xdfff);
    append_character(is_character ? static_cast<std::uint32_t>(number) : 0xfffd, text);
  }
  return paid_text(s, std::move(text));
}

/// The character of an ASCII code.
Answer<Value> ascii(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_number() || is_nan(input) || to_int(input) < 0 || to_int(input) > 127) {
    return type_error(input, "is not an ASCII code");
  }
  return paid_text(s, std::string(1, static_cast<char>(to_int(input))));
}

Answer<Value> split_row(Surroundings& s, const Value& input, Arguments arguments) {
  if (!both_strings(input, arguments[0])) return fail("split input and separator must be strings");
  return split(s, input.as_string(), arguments[0].as_string());
}

Answer<Value> utf8bytelength(Surroundings&, const Value& input, Arguments) {
  if (!input.is_string()) return type_error(input, "only strings have UTF-8 byte length");
  return Value::unsigned_integer(input.as_string().size());
}

/// Appends elements to a text as jq's join adds them up.
class Joiner {
 public:
  Joiner(Surroundings& s, const Value& separator) : s_(s), separator_(separator) {}

  Answer<bool> add(const Value& element) {
    if (!first_ && !separator_.is_null()) {
      if (!separator_.is_string()) return type_error(Value::string(text_), separator_, "cannot be added");
      if (!append(separator_.as_string())) return out_of(s_.budget);
    }
    first_ = false;
    if (element.is_array() || element.is_object()) {
      return type_error(Value::string(text_), element, "cannot be added");
    }
    if (element.is_string()) {
      if (!append(element.as_string())) return out_of(s_.budget);
    } else if (!element.is_null()) {
      CAIRN_TRY(const std::string text, to_text(s_, element));
      if (!append(text)) return out_of(s_.budget);
    }
    return true;
  }
  std::string take() { return std::move(text_); }

 private:
  bool append(std::string_view text) {
    if (text_.size() + text.size() > s_.budget.limits().text_bytes) {
      s_.budget.exhaust(Exhausted::text);
      return false;
    }
    if (!s_.budget.spend(text.size() / 64) || !s_.budget.allocate(text.size())) return false;
    text_ += text;
    return true;
  }

  Surroundings& s_;
  const Value& separator_;
  std::string text_;
  bool first_ = true;
};

Answer<Value> join(Surroundings& s, const Value& input, Arguments arguments) {
  Joiner joiner(s, arguments[0]);
  CAIRN_TRY(for_each_element(s, input, [&](const Value& element) { return joiner.add(element); }));
  return Value::string(joiner.take());
}

constexpr Native k_rows[] = {
    {"startswith", 1, startswith, true, "Whether the string begins with `$text`.", "text"},
    {"endswith", 1, endswith, true, "Whether the string ends with `$text`.", "text"},
    {"ltrimstr", 1, ltrimstr, true, "The string without `$text` at its beginning, if it is there.", "text"},
    {"rtrimstr", 1, rtrimstr, true, "The string without `$text` at its end, if it is there.", "text"},
    {"trimstr", 1, trimstr, true, "The string without `$text` at its beginning and at its end.", "text"},
    {"trim", 0, trim<true, true>, true, "The string without blanks (Unicode's white space) at both ends."},
    {"ltrim", 0, trim<true, false>, true, "The string without blanks at its beginning."},
    {"rtrim", 0, trim<false, true>, true, "The string without blanks at its end."},
    {"ascii_downcase", 0, change_case<'A', 'a' - 'A'>, true, "The string with A to Z in lower case."},
    {"ascii_upcase", 0, change_case<'a', 'A' - 'a'>, true, "The string with a to z in upper case."},
    {"ascii", 0, ascii, true, "The character of an ASCII code, as a string."},
    {"explode", 0, explode, true, "The code points of the string."},
    {"implode", 0, implode, true, "The string of an array of code points; a number that is none becomes U+FFFD."},
    {"split", 1, split_row, true,
     "The parts of the string between occurrences of `$separator`; its characters when that is empty.", "separator"},
    {"join", 1, join, true,
     "The elements as one string, `$separator` between them; numbers and booleans as JSON, null as nothing.",
     "separator"},
    {"utf8bytelength", 0, utf8bytelength, true, "How many bytes the string takes in UTF-8."},
};

Answer<Value> split_characters(Surroundings& s, std::string_view text) {
  Collector parts(s);
  for (; !text.empty(); text.remove_prefix(character_size(text.front()))) {
    if (!parts.add(Value::string(std::string(text.substr(0, character_size(text.front())))))) return out_of(s.budget);
  }
  return parts.take();
}

}  // namespace

Answer<Value> split(Surroundings& s, const std::string& text, const std::string& separator) {
  if (separator.empty()) return split_characters(s, text);
  if (!pay_search(s, text.size(), separator.size()) || !s.budget.allocate(text.size())) return out_of(s.budget);
  Collector parts(s);
  for (std::size_t start = 0; !text.empty();) {
    const std::size_t end = std::min(find_text(text, separator, start), text.size());
    if (!parts.add(Value::string(text.substr(start, end - start)))) return out_of(s.budget);
    if (end == text.size()) break;
    start = end + separator.size();
  }
  return parts.take();
}

Rows string_rows() { return k_rows; }

}  // namespace cairn::jq::native
