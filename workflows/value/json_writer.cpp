// Value → JSON text, compact or indented.

#include "workflows/value/json.h"
#include "workflows/value/number.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace cairn {
namespace {

constexpr std::size_t k_indent = 2;

template <class Number>
void append_number(Number number, std::string& out) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out.append(buffer, end);
}

/// As jq prints what JSON has no number for.
void append_any_double(double number, std::string& out) {
  if (std::isnan(number)) {
    out += "null";
  } else if (std::isinf(number)) {
    append_double(std::copysign(std::numeric_limits<double>::max(), number), out);
  } else {
    append_double(number, out);
  }
}

/// The letter after the backslash, 'u' for the long form, 0 for a character that stands for itself.
char escape_of(char c) {
  switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? 'u' : '\0';
  }
}

void append_quoted(std::string_view text, std::string& out) {
  constexpr char digits[] = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;  // start of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char escape = escape_of(text[i]);
    if (escape == '\0') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    out += '\\';
    out += escape;
    if (escape == 'u') {
      out += "00";
      out += digits[(text[i] >> 4) & 15];
      out += digits[text[i] & 15];
    }
  }
  out.append(text, plain);
  out += '"';
}

class Writer {
 public:
  Writer(std::string& out, bool indented) : out_(out), indented_(indented) {}

  void write(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::Null: out_ += "null"; break;
      case Value::Kind::Bool: out_ += value.as_bool() ? "true" : "false"; break;
      case Value::Kind::Int: append_number(value.as_int(), out_); break;
      case Value::Kind::Uint: append_number(value.as_uint(), out_); break;
      case Value::Kind::Double: append_any_double(value.as_double(), out_); break;
      case Value::Kind::Decimal: out_ += value.as_decimal(); break;
      case Value::Kind::String: append_quoted(value.as_string(), out_); break;
      case Value::Kind::Array: write_array(value.as_array()); break;
      case Value::Kind::Object: write_object(value.as_object()); break;
    }
  }

 private:
  void write_array(const Array& items) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    char before = '[';
    ++level_;
    for (const auto& item : items) {
      out_ += before;
      before = ',';
      break_line();
      write(item);
    }
    --level_;
    break_line();
    out_ += ']';
  }

  void write_object(const Object& members) {
    if (members.empty()) {
      out_ += "{}";
      return;
    }
    char before = '{';
    ++level_;
    for (const auto& [name, value] : members) {
      out_ += before;
      before = ',';
      break_line();
      append_quoted(name, out_);
      out_ += indented_ ? ": " : ":";
      write(value);
    }
    --level_;
    break_line();
    out_ += '}';
  }

  void break_line() {
    if (!indented_) return;
    out_ += '\n';
    out_.append(level_ * k_indent, ' ');
  }

  std::string& out_;
  const bool indented_;
  std::size_t level_ = 0;
};

}  // namespace

std::string to_json(const Value& value) {
  std::string out;
  Writer(out, false).write(value);
  return out;
}

std::string to_pretty_json(const Value& value) {
  std::string out;
  Writer(out, true).write(value);
  return out;
}

std::string quote_json(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(text, out);
  return out;
}

}  // namespace cairn
