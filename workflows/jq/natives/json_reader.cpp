// JSON text → value, by jq's rules: a number is whatever tonumber reads, of two members of one name the later wins. The
// reader goes character by character with jq's states, because its messages count columns that way.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace cairn::jq::native {
namespace {

using Complaint = const char*;  // nullptr: none
constexpr Complaint k_fine = nullptr;
constexpr Complaint k_extra = "Unexpected extra JSON values";  // told without its place

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_structure(char c) { return c == '[' || c == ']' || c == '{' || c == '}' || c == ',' || c == ':'; }

/// Value of four hexadecimal digits, or -1.
int hex4(std::string_view digits) {
  int value = 0;
  for (const char c : digits.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

class Reader {
 public:
  Reader(Surroundings& s, std::string_view text) : s_(s), text_(text) {}

  Answer<Value> read() {
    if (!pay_reading(s_, text_.size()) || !s_.budget.allocate(text_.size())) return out_of(s_.budget);
    std::string_view rest = text_;
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    std::string complaint = scan(rest);
    if (exhausted_) return out_of(s_.budget);
    if (!complaint.empty()) return fail(fmt::format("{} (while parsing '{}')", complaint, text_));
    return bounded(s_, *std::move(result_));
  }

 private:
  /// An array or object that is not closed yet. An object's name waits in `name` for its value.
  struct Open {
    bool is_object;
    Array items;
    std::vector<Member> members;
    std::optional<std::string> name;
  };

  std::string scan(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
      const char c = text[at];
      count(c);
      const bool ends_word = c == '"' || is_blank(c) || is_structure(c);
      Complaint complaint = ends_word ? end_word() : k_fine;
      if (complaint == k_fine && ends_word) complaint = end_document();
      if (complaint == k_fine && c == '"') {
        complaint = text_value(text, at);
      } else {
        if (complaint == k_fine && is_structure(c)) complaint = structure(c);
        if (!ends_word) word_ = word_.empty() ? text.substr(at, 1) : std::string_view(word_.data(), word_.size() + 1);
        ++at;
      }
      if (exhausted_) return {};
      if (complaint == k_fine) complaint = end_document();
      if (complaint == k_extra) return complaint;
      if (complaint != k_fine) return at_place(complaint, "");
    }
    return scan_end();
  }

  std::string scan_end() {
    if (inside_text_) return at_place("Unfinished string", "at EOF ");
    if (const Complaint complaint = end_word(); complaint != k_fine) return at_place(complaint, "at EOF ");
    if (!open_.empty()) return at_place("Unfinished JSON term", "at EOF ");
    if (const Complaint complaint = end_document(); complaint != k_fine) return complaint;
    return result_ ? "" : "Expected JSON value";
  }

  [[nodiscard]] std::string at_place(Complaint complaint, std::string_view where) const {
    return fmt::format("{} {}at line {}, column {}", complaint, where, line_, column_);
  }

  void count(char c) {
    ++column_;
    if (c == '\n') {
      ++line_;
      column_ = 0;
    }
  }

  /// A value that stands alone at the top is the document; there may be one only.
  Complaint end_document() {
    if (!open_.empty() || !next_) return k_fine;
    if (result_) return k_extra;
    result_ = std::move(next_);
    next_.reset();
    return k_fine;
  }

  Complaint set_next(Value value) {
    if (next_) return "Expected separator between values";
    if (!s_.budget.spend(1) || !s_.budget.allocate(sizeof(Value))) {
      exhausted_ = true;
      return k_fine;
    }
    next_ = std::move(value);
    return k_fine;
  }

  /// The word that a blank, a quote, a bracket or the end has finished: true, false, null or a number.
  Complaint end_word() {
    if (word_.empty()) return k_fine;
    const std::string_view word = word_;
    if (word[0] == '\'') return "Invalid string literal; expected \", but got '";
    word_ = {};
    if (word[0] == 't') return word == "true" ? set_next(Value::boolean(true)) : "Invalid literal";
    if (word[0] == 'f') return word == "false" ? set_next(Value::boolean(false)) : "Invalid literal";
    if (word.starts_with("nu")) return word == "null" ? set_next(Value()) : "Invalid literal";
    auto number = parse_any_number(word);
    return number ? set_next(*std::move(number)) : "Invalid numeric literal";
  }

  Complaint structure(char c) {
    switch (c) {
      case '[':
      case '{': return begin(c == '{');
      case ':': return end_name();
      case ',': return end_element();
      default: return end(c == '}');
    }
  }

  Complaint begin(bool is_object) {
    if (open_.size() >= s_.budget.limits().depth) {
      s_.budget.exhaust(Exhausted::depth);
      exhausted_ = true;
      return k_fine;
    }
    if (next_) return "Expected separator between values";
    open_.push_back({is_object, {}, {}, std::nullopt});
    return k_fine;
  }

  Complaint end_name() {
    if (!next_) return "Expected string key before ':'";
    if (open_.empty() || !open_.back().is_object || open_.back().name) return "':' not as part of an object";
    if (!next_->is_string()) return "Object keys must be strings";
    open_.back().name = next_->as_string();
    next_.reset();
    return k_fine;
  }

  Complaint end_element() {
    if (!next_) return "Expected value before ','";
    if (open_.empty()) return "',' not as part of an object or array";
    Open& inner = open_.back();
    if (inner.is_object && !inner.name) return "Objects must consist of key:value pairs";
    store(inner);
    return k_fine;
  }

  Complaint end(bool object) {
    if (open_.empty() || (!object && open_.back().is_object)) return object ? "Unmatched '}'" : "Unmatched ']'";
    Open& inner = open_.back();
    if (!next_) {
      if (object && (!inner.is_object || inner.name)) return "Unmatched '}'";
      if (!inner.items.empty()) return "Expected another array element";
      if (!inner.members.empty()) return "Expected another key-value pair";
    } else {
      if (object && !inner.name) return "Objects must consist of key:value pairs";
      store(inner);
    }
    next_ = object ? Value::object(std::move(inner.members)) : Value::array(std::move(inner.items));
    open_.pop_back();
    return k_fine;
  }

  void store(Open& inner) {
    if (inner.is_object) {
      inner.members.push_back({*std::move(inner.name), *std::move(next_)});
      inner.name.reset();
    } else {
      inner.items.push_back(*std::move(next_));
    }
    next_.reset();
  }

  /// From the opening quote at `at` to behind the closing one.
  Complaint text_value(std::string_view text, std::size_t& at) {
    inside_text_ = true;
    const std::size_t begin = ++at;
    for (; at < text.size(); ++at) {
      count(text[at]);
      if (text[at] == '"') break;
      if (text[at] == '\\' && at + 1 < text.size()) count(text[++at]);
    }
    if (at >= text.size()) return k_fine;  // scan_end() complains
    inside_text_ = false;
    std::string out;
    const Complaint complaint = unescape(text.substr(begin, at - begin), out);
    ++at;
    return complaint == k_fine ? set_next(Value::string(std::move(out))) : complaint;
  }

  static Complaint unescape(std::string_view in, std::string& out) {
    out.reserve(in.size());
    for (std::size_t at = 0; at < in.size();) {
      const char c = in[at++];
      if (c != '\\') {
        if (static_cast<unsigned char>(c) < 0x20) {
          return "Invalid string: control characters from U+0000 through U+001F must be escaped";
        }
        out += c;
        continue;
      }
      const char letter = in[at++];
      switch (letter) {
        case '\\':
        case '"':
        case '/': out += letter; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 't': out += '\t'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 'u':
          if (const Complaint complaint = unescape_code(in, at, out); complaint != k_fine) return complaint;
          break;
        default: return "Invalid escape";
      }
    }
    return k_fine;
  }

  /// What follows `\u`; a high surrogate must be followed by the escape of a low one.
  static Complaint unescape_code(std::string_view in, std::size_t& at, std::string& out) {
    if (at + 4 > in.size()) return "Invalid \\uXXXX escape";
    const int code = hex4(in.substr(at));
    if (code < 0) return "Invalid characters in \\uXXXX escape";
    at += 4;
    auto code_point = static_cast<std::uint32_t>(code);
    if (code_point >= 0xd800 && code_point < 0xdc00) {
      const bool escaped = at + 6 <= in.size() && in[at] == '\\' && in[at + 1] == 'u';
      const int low = escaped ? hex4(in.substr(at + 2)) : -1;
      if (low < 0xdc00 || low > 0xdfff) return "Invalid \\uXXXX\\uXXXX surrogate pair escape";
      at += 6;
      code_point = 0x10000 + ((code_point - 0xd800) << 10 | (static_cast<std::uint32_t>(low) - 0xdc00));
    } else if (code_point >= 0xdc00 && code_point < 0xe000) {
      code_point = 0xfffd;  // half a pair is no character
    }
    append_character(code_point, out);
    return k_fine;
  }

  Surroundings& s_;
  std::string_view text_;
  std::vector<Open> open_;
  std::optional<Value> next_;    // finished, not yet stored
  std::optional<Value> result_;  // the document
  std::string_view word_;        // of characters that are neither blank nor structure
  bool inside_text_ = false;
  bool exhausted_ = false;
  std::size_t line_ = 1;
  std::size_t column_ = 0;
};

}  // namespace

Answer<Value> read_json(Surroundings& s, std::string_view text) { return Reader(s, text).read(); }

}  // namespace cairn::jq::native
