// JSON text → Value, on nlohmann_json's event interface. Its errors are told in our words, with line and column.

#include "workflows/value/json.h"

#include "workflows/core/limits.h"
#include "workflows/value/number.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>

namespace cairn {
namespace {

using Json = nlohmann::json;

/// Reads text and shows how far the lexer has come, which nlohmann's events do not tell.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** seen) : at_(at), seen_(seen) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *seen_ = ++at_;
    return *this;
  }
  friend bool operator==(const Cursor& a, const Cursor& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  const char** seen_;
};

std::string line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  std::string_view start = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  if (line == 1 && start.starts_with("\xef\xbb\xbf")) start.remove_prefix(3);
  const auto column = std::count_if(start.begin(), start.end(), [](char c) { return (c & 0xc0) != 0x80; }) + 1;
  return fmt::format("line {}, column {}", line, column);
}

Error failure(std::string_view text, std::size_t offset, std::string message,
              ErrorCode code = ErrorCode::invalid_input) {
  return make_error(code, std::move(message), line_and_column(text, offset));
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '+';
}

/// A number or word around `offset`.
struct Word {
  std::size_t start;
  std::string_view text;
};

Word word_at(std::string_view text, std::size_t offset) {
  constexpr std::size_t longest_shown = 40;
  std::size_t start = offset;
  while (start > 0 && is_word(text[start - 1])) --start;
  std::size_t end = offset;
  while (end < text.size() && end - start < longest_shown && is_word(text[end])) ++end;
  return {start, text.substr(start, std::min(end - start, longest_shown))};
}

/// Offset of the quote that opens the string whose closing quote is at `closing`: quotes inside are behind a backslash.
std::size_t opening_quote(std::string_view text, std::size_t closing) {
  for (std::size_t at = closing; at-- > 0;) {
    if (text[at] != '"') continue;
    std::size_t backslashes = 0;
    while (backslashes < at && text[at - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return at;
  }
  return closing;
}

/// What the grammar asked for, from nlohmann's message; empty when it adds nothing.
std::string_view expectation(std::string_view message) {
  struct Wording {
    std::string_view theirs;
    std::string_view ours;
  };
  static constexpr Wording wordings[] = {
      {"expected end of input", "the text should end here"},
      {"object key - ", "a member name in quotes should come here"},
      {"object separator - ", "':' should come here"},
      {"while parsing array - ", "',' or ']' should come here"},
      {"while parsing object - ", "',' or '}' should come here"},
      {"while parsing value - ", "a value should come here"},
  };
  // The last two lines are about the place inside a container, so what is expected is looked for first.
  for (const auto& wording : wordings) {
    if (message.find(wording.theirs) != std::string_view::npos) return wording.ours;
  }
  return {};
}

/// The error of nlohmann's parser at byte `read` (how many it had read, the offending one included).
Error describe(std::string_view text, std::size_t read, const Json::exception& error) {
  const std::string_view message = error.what();
  const auto says = [&](std::string_view words) { return message.find(words) != std::string_view::npos; };
  const std::size_t at = read > 0 ? read - 1 : 0;
  constexpr int number_overflow = 406;

  if (error.id == number_overflow) {
    const Word number = word_at(text, at);
    return failure(text, number.start, fmt::format("the number {} is too large for a double", number.text));
  }
  if (says("ill-formed UTF-8")) return failure(text, std::min(at, text.size()), "the text is not UTF-8");
  if (at >= text.size()) {
    const bool blank = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (blank) return failure(text, 0, "the text is empty where a JSON value should be");
    return failure(
        text, text.size(),
        says("invalid string") ? "the text ends inside a string" : "the text ends before the value is complete");
  }
  if (says("control character")) return failure(text, at, "a control character inside a string must be escaped");
  if (says("surrogate")) return failure(text, at, "half of a surrogate pair is no character");
  if (says("hex digits")) return failure(text, at, "\\u must be followed by four hexadecimal digits");
  if (says("forbidden character after backslash")) return failure(text, at, "unknown escape after a backslash");
  if (says("invalid BOM")) return failure(text, 0, "the text is not UTF-8");
  if (says("invalid number")) {
    const Word number = word_at(text, is_word(text[at]) || at == 0 ? at : at - 1);
    return failure(text, number.start, fmt::format("malformed number '{}'", number.text));
  }

  std::size_t start = at;
  std::string found;
  if (text[at] == '"') {
    start = opening_quote(text, at);
    found = "string";
  } else if (is_word(text[at])) {
    const Word word = word_at(text, at);
    start = word.start;
    found = fmt::format("'{}'", word.text);
  } else if (static_cast<unsigned char>(text[at]) > 0x20 && static_cast<unsigned char>(text[at]) < 0x7f) {
    found = fmt::format("'{}'", text[at]);
  } else {
    found = "character";
  }
  const std::string_view expected = expectation(message);
  return failure(
      text, start,
      expected.empty() ? fmt::format("unexpected {}", found) : fmt::format("unexpected {}: {}", found, expected));
}

/// Builds values bottom-up. Finished ones wait on a stack until their array or object closes, and then move into
/// storage of the right size: no recursion, no slack.
class Builder {
 public:
  explicit Builder(std::string_view text) : text_(text), seen_(text.data()) {}

  Result<Value> parse() {
    const char* begin = text_.data();
    const bool good = Json::sax_parse(Cursor(begin, &seen_), Cursor(begin + text_.size(), &seen_), this);
    if (error_) return *std::move(error_);
    if (!good || values_.size() != 1) return failure(text_, offset(), "the text is not JSON");
    return std::move(values_.front());
  }

  // The names below are nlohmann's.
  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(Value::boolean(value)); }
  /// Called with what has a minus sign only, so that zero here is "-0", which is a double.
  bool number_integer(std::int64_t value) { return add(value == 0 ? Value::number(-0.0) : Value::integer(value)); }
  bool number_unsigned(std::uint64_t value) { return add(Value::unsigned_integer(value)); }
  bool number_float(double, const std::string& literal) { return add(*parse_number(literal)); }
  bool string(const std::string& value) { return add(Value::string(value)); }
  bool binary(const Json::binary_t&) { return stop(failure(text_, offset(), "the text is not JSON")); }
  bool start_array(std::size_t) { return open(); }
  bool start_object(std::size_t) { return open(); }

  bool key(const std::string& name) {
    names_.push_back({name, offset()});
    return true;
  }

  bool end_array() {
    const auto start = close().first_value;
    Array items(std::make_move_iterator(start), std::make_move_iterator(values_.end()));
    values_.erase(start, values_.end());
    return add(Value::array(std::move(items)));
  }

  bool end_object() {
    const auto [first_value, first_name] = close();
    const auto count = static_cast<std::size_t>(values_.end() - first_value);
    std::vector<Member> members;
    members.reserve(count);
    for (auto [value, name] = std::pair(first_value, first_name); value != values_.end(); ++value, ++name) {
      members.push_back({name->text, std::move(*value)});
    }
    Value object = Value::object(std::move(members));
    if (object.as_object().size() != count) return stop(repeated_name(first_name));
    values_.erase(first_value, values_.end());
    names_.erase(first_name, names_.end());
    return add(std::move(object));
  }

  bool parse_error(std::size_t read, const std::string&, const Json::exception& error) {
    return stop(describe(text_, read, error));
  }

 private:
  struct Name {
    std::string text;
    std::size_t end;  // just behind its closing quote
  };
  struct Frame {
    std::size_t values;
    std::size_t names;
  };
  struct Contents {
    std::vector<Value>::iterator first_value;
    std::vector<Name>::iterator first_name;
  };

  [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(seen_ - text_.data()); }

  bool add(Value value) {
    values_.push_back(std::move(value));
    return true;
  }

  bool open() {
    if (frames_.size() == limits::k_value_depth) {
      return stop(failure(text_, offset() - 1, fmt::format("nested deeper than {} levels", limits::k_value_depth),
                          ErrorCode::limit_exceeded));
    }
    frames_.push_back({values_.size(), names_.size()});
    return true;
  }

  Contents close() {
    const Frame frame = frames_.back();
    frames_.pop_back();
    return {values_.begin() + static_cast<std::ptrdiff_t>(frame.values),
            names_.begin() + static_cast<std::ptrdiff_t>(frame.names)};
  }

  Error repeated_name(std::vector<Name>::iterator first) const {
    std::unordered_set<std::string_view> known;
    auto name = first;
    while (known.insert(name->text).second) ++name;
    return failure(text_, opening_quote(text_, name->end - 1),
                   fmt::format("the member {} is given twice", quote_json(name->text)));
  }

  bool stop(Error error) {
    error_ = std::move(error);
    return false;
  }

  std::string_view text_;
  const char* seen_;
  std::vector<Value> values_;
  std::vector<Name> names_;
  std::vector<Frame> frames_;
  std::optional<Error> error_;
};

}  // namespace

Result<Value> parse_json(std::string_view text) {
  // nlohmann's lexer takes a NUL byte for the end of the text and would ignore what follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return failure(text, nul, "JSON text has no NUL bytes");
  }
  return Builder(text).parse();
}

}  // namespace cairn
