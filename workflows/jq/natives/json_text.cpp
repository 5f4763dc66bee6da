// Values → JSON text: whole and paid for, or cut short for a message. tojson, tostring.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"
#include "workflows/value/json.h"
#include "workflows/value/utf8.h"

#include <algorithm>

namespace cairn::jq {
namespace {

/// Writes until the sink has enough. Sink: `bool more(std::string& out)`, asked after every piece.
template <class Sink>
class Writer {
 public:
  explicit Writer(Sink& sink) : sink_(sink) {}

  /// False when the sink has had enough.
  bool write(const Value& value) {
    if (value.is_string()) return write_text(value.as_string());
    if (value.is_array()) return write_array(value.as_array());
    if (value.is_object()) return write_object(value.as_object());
    out_ += to_json(value);
    return sink_.more(out_);
  }
  std::string take() { return std::move(out_); }

 private:
  bool write_text(std::string_view text) {
    // In pieces, so that a long text is not written as a whole before the sink can refuse it. A cut between the bytes
    // of a character does no harm: only ASCII is escaped.
    constexpr std::size_t piece = 4096;
    out_ += '"';
    for (std::size_t at = 0; at < text.size(); at += piece) {
      const std::string quoted = quote_json(text.substr(at, piece));
      out_.append(quoted, 1, quoted.size() - 2);
      if (!sink_.more(out_)) return false;
    }
    out_ += '"';
    return sink_.more(out_);
  }

  bool write_array(const Array& items) {
    if (items.empty()) out_ += '[';
    char before = '[';
    for (const auto& item : items) {
      out_ += before;
      before = ',';
      if (!write(item)) return false;
    }
    out_ += ']';
    return sink_.more(out_);
  }

  bool write_object(const Object& members) {
    if (members.empty()) out_ += '{';
    char before = '{';
    for (const auto& [name, value] : members) {
      out_ += before;
      before = ',';
      if (!write_text(name)) return false;
      out_ += ':';
      if (!write(value)) return false;
    }
    out_ += '}';
    return sink_.more(out_);
  }

  Sink& sink_;
  std::string out_;
};

/// Pays for every piece and for what it added.
struct PaidSink {
  Budget& budget;
  std::size_t paid = 0;

  bool more(const std::string& out) {
    constexpr std::size_t settle_at = 64u << 10;
    return budget.spend(1) && (out.size() - paid < settle_at || settle(out));
  }
  bool settle(const std::string& out) {
    if (out.size() > budget.limits().text_bytes) {
      budget.exhaust(Exhausted::text);
      return false;
    }
    const std::size_t added = out.size() - paid;
    paid = out.size();
    return budget.spend(added / 64) && budget.allocate(added);
  }
};

struct ExcerptSink {
  std::size_t enough;
  bool more(const std::string& out) const { return out.size() <= enough; }
};

}  // namespace

std::string excerpt(const Value& value, std::size_t longest) {
  ExcerptSink sink{longest};
  Writer writer(sink);
  const bool whole = writer.write(value);
  std::string text = writer.take();
  if (whole && text.size() <= longest) return text;
  const char closing = text[0] == '"' ? '"' : text[0] == '[' ? ']' : text[0] == '{' ? '}' : '\0';
  constexpr std::size_t dots = 3;
  text.resize(utf8_boundary(text, longest - dots - (closing != '\0' ? 1 : 0)));
  text.append(dots, '.');
  if (closing != '\0') text += closing;
  return text;
}

Answer<std::string> to_text(Surroundings& s, const Value& value) {
  if (!value.is_string()) return native::write_json(s, value);
  const std::string& text = value.as_string();
  if (!s.budget.text(text.size())) return out_of(s.budget);
  return text;
}

namespace native {

Answer<std::string> write_json(Surroundings& s, const Value& value) {
  PaidSink sink{s.budget};
  Writer writer(sink);
  const bool whole = writer.write(value);
  std::string text = writer.take();
  if (!whole || !sink.settle(text)) return out_of(s.budget);
  return text;
}

namespace {

Answer<Value> tojson(Surroundings& s, const Value& input, Arguments) {
  CAIRN_TRY(std::string text, write_json(s, input));
  return Value::string(std::move(text));
}

Answer<Value> tostring(Surroundings& s, const Value& input, Arguments arguments) {
  return input.is_string() ? input : tojson(s, input, arguments);
}

Answer<Value> fromjson(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_string()) return type_error(input, "only strings can be parsed");
  return read_json(s, input.as_string());
}

Answer<Value> tonumber(Surroundings& s, const Value& input, Arguments) {
  if (input.is_number()) return input;
  if (input.is_string()) {
    if (!pay_reading(s, input.as_string().size())) return out_of(s.budget);
    if (const auto number = parse_any_number(input.as_string())) return *number;
  }
  return type_error(input, "cannot be parsed as a number");
}

Answer<Value> toboolean(Surroundings&, const Value& input, Arguments) {
  if (input.is_bool()) return input;
  if (input.is_string() && input.as_string() == "true") return Value::boolean(true);
  if (input.is_string() && input.as_string() == "false") return Value::boolean(false);
  return type_error(input, "cannot be parsed as a boolean");
}

Answer<Value> format_row(Surroundings& s, const Value& input, Arguments arguments) {
  if (!arguments[0].is_string()) return type_error(arguments[0], "is not a valid format");
  return format(s, arguments[0].as_string(), input);
}

constexpr Native k_rows[] = {
    {"tojson", 0, tojson, true, "The input as compact JSON text; nan becomes null, an infinity the greatest double."},
    {"fromjson", 0, fromjson, true, "The value of a JSON text; `nan` in it is a number."},
    {"tostring", 0, tostring, true, "A string as it is; any other value as JSON text."},
    {"tonumber", 0, tonumber, true,
     "A number as it is; a string that is a decimal number, without blanks around it, as that number. In capitals or "
     "not, "
     "`nan` and `infinity` are numbers, too."},
    {"toboolean", 0, toboolean, true, "A boolean as it is; \"true\" and \"false\" as booleans."},
    {"format", 1, format_row, true, "The input in the format of this name: `format(\"csv\")` is `@csv`.", "name"},
};

}  // namespace

Rows text_rows() { return k_rows; }

}  // namespace native
}  // namespace cairn::jq
