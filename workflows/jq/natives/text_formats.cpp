// @text @json @csv @tsv @html @sh @uri @urid @base64 @base64d @base32 @base32d.

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"
#include "workflows/value/base64.h"
#include "workflows/value/utf8.h"

#include <algorithm>
#include <array>
#include <climits>

namespace cairn::jq {
namespace {

using native::type_error;

/// What stands for a character that a format escapes; nullptr: itself.
using Escape = const char* (*)(char);

const char* csv_escape(char c) { return c == '"' ? "\"\"" : c == '\0' ? "\\0" : nullptr; }
const char* shell_escape(char c) { return c == '\'' ? "'\\''" : c == '\0' ? "\\0" : nullptr; }

const char* tsv_escape(char c) {
  switch (c) {
    case '\t': return "\\t";
    case '\r': return "\\r";
    case '\n': return "\\n";
    case '\\': return "\\\\";
    case '\0': return "\\0";
    default: return nullptr;
  }
}

const char* html_escape(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '\'': return "&apos;";
    case '"': return "&quot;";
    case '\0': return "\\0";
    default: return nullptr;
  }
}

/// A text that grows and pays for what is added.
class Growing {
 public:
  explicit Growing(Surroundings& s) : s_(s) {}
  bool add(std::string_view text) {
    if (text_.size() + text.size() > s_.budget.limits().text_bytes) {
      s_.budget.exhaust(Exhausted::text);
      return false;
    }
    if (!s_.budget.spend(1 + text.size() / 64) || !s_.budget.allocate(text.size())) return false;
    text_ += text;
    return true;
  }
  bool add_escaped(std::string_view text, Escape escape) {
    std::size_t plain = 0;  // start of the run that needs no escape
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char* stands_for = escape(text[at]);
      if (stands_for == nullptr) continue;
      if (!add(text.substr(plain, at - plain)) || !add(stands_for)) return false;
      plain = at + 1;
    }
    return add(text.substr(plain));
  }
  Value take() { return Value::string(std::move(text_)); }

 private:
  Surroundings& s_;
  std::string text_;
};

struct RowFormat {
  std::string_view not_an_array;
  std::string_view separator;
  std::string_view quote;
  Escape escape;
};

constexpr RowFormat k_csv = {"cannot be csv-formatted, only array", ",", "\"", csv_escape};
constexpr RowFormat k_tsv = {"cannot be tsv-formatted, only array", "\t", "", tsv_escape};

Answer<Value> format_row(Surroundings& s, const Value& value, const RowFormat& how) {
  if (!value.is_array()) return type_error(value, how.not_an_array);
  Growing line(s);
  bool first = true;
  for (const auto& item : value.as_array()) {
    if (!first && !line.add(how.separator)) return out_of(s.budget);
    first = false;
    if (item.is_array() || item.is_object()) return type_error(item, "is not valid in a csv row");
    if (item.is_string()) {
      if (!line.add(how.quote) || !line.add_escaped(item.as_string(), how.escape) || !line.add(how.quote)) {
        return out_of(s.budget);
      }
    } else if (!item.is_null() && !native::is_nan(item)) {
      CAIRN_TRY(const std::string text, to_text(s, item));
      if (!line.add(text)) return out_of(s.budget);
    }
  }
  return line.take();
}

Answer<Value> format_csv(Surroundings& s, const Value& value) { return format_row(s, value, k_csv); }
Answer<Value> format_tsv(Surroundings& s, const Value& value) { return format_row(s, value, k_tsv); }

Answer<Value> format_json(Surroundings& s, const Value& value) {
  CAIRN_TRY(std::string text, native::write_json(s, value));
  return Value::string(std::move(text));
}

Answer<Value> format_text(Surroundings& s, const Value& value) {
  return value.is_string() ? value : format_json(s, value);
}

Answer<Value> format_html(Surroundings& s, const Value& value) {
  CAIRN_TRY(const Value text, format_text(s, value));
  Growing out(s);
  if (!out.add_escaped(text.as_string(), html_escape)) return out_of(s.budget);
  return out.take();
}

Answer<Value> format_sh(Surroundings& s, const Value& value) {
  const Array one = value.is_array() ? Array() : Array{value};
  Growing line(s);
  bool first = true;
  for (const auto& item : value.is_array() ? value.as_array() : one) {
    if (!first && !line.add(" ")) return out_of(s.budget);
    first = false;
    if (item.is_array() || item.is_object()) return type_error(item, "can not be escaped for shell");
    if (item.is_string()) {
      if (!line.add("'") || !line.add_escaped(item.as_string(), shell_escape) || !line.add("'"))
        return out_of(s.budget);
    } else {
      CAIRN_TRY(const std::string text, to_text(s, item));
      if (!line.add(text)) return out_of(s.budget);
    }
  }
  return line.take();
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

Answer<Value> format_uri(Surroundings& s, const Value& value) {
  CAIRN_TRY(const Value text, format_text(s, value));
  const std::string& in = text.as_string();
  const auto reserved =
      static_cast<std::size_t>(std::count_if(in.begin(), in.end(), [](char c) { return !is_unreserved(c); }));
  if (!s.budget.text(in.size() + 2 * reserved)) return out_of(s.budget);
  std::string out;
  out.reserve(in.size() + 2 * reserved);
  for (const char c : in) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return Value::string(std::move(out));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Answer<Value> format_urid(Surroundings& s, const Value& value) {
  CAIRN_TRY(const Value text, format_text(s, value));
  const std::string& in = text.as_string();
  if (!s.budget.text(in.size())) return out_of(s.budget);
  const auto invalid = [&] { return type_error(text, "is not a valid uri encoding"); };
  std::string out;
  for (std::size_t at = 0; at < in.size(); ++at) {
    if (in[at] != '%') {
      out += in[at];
      continue;
    }
    const int high = at + 1 < in.size() ? hex_digit(in[at + 1]) : -1;
    const int low = at + 2 < in.size() ? hex_digit(in[at + 2]) : -1;
    if (high < 0 || low < 0) return invalid();
    out += static_cast<char>(high << 4 | low);
    at += 2;
  }
  if (!is_valid_utf8(out)) return invalid();
  return Value::string(std::move(out));
}

Answer<Value> format_base64(Surroundings& s, const Value& value) {
  CAIRN_TRY(const Value text, format_text(s, value));
  if (!s.budget.text((text.as_string().size() + 2) / 3 * 4)) return out_of(s.budget);
  return Value::string(encode_base64(text.as_string()));
}

/// Value of each character in an alphabet; -1 for others.
constexpr std::array<int, 256> reverse_of(std::string_view alphabet) {
  std::array<int, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<int>(i);
  return values;
}

constexpr std::string_view k_base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr auto k_from_base32 = reverse_of(k_base32);
constexpr auto k_from_base64 = reverse_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

/// Undoes base 2^`Bits`. Padding ends the text and may be missing; what is decoded need not be UTF-8 and is made so.
template <unsigned Bits>
Answer<Value> decode(Surroundings& s, const Value& value, const std::array<int, 256>& values, std::string_view invalid,
                     std::string_view trailing) {
  CAIRN_TRY(const Value text, format_text(s, value));
  const std::string& in = text.as_string();
  if (!s.budget.text(in.size())) return out_of(s.budget);
  std::string out;
  std::uint32_t code = 0;
  unsigned have = 0;  // bits of `code` that are not written yet
  std::size_t count = 0;
  for (; count < in.size() && in[count] != '='; ++count) {
    const int digit = values[static_cast<unsigned char>(in[count])];
    if (digit < 0) return type_error(text, invalid);
    code = code << Bits | static_cast<std::uint32_t>(digit);
    have += Bits;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(code >> have);
    }
  }
  if (have >= Bits) return type_error(text, trailing);  // the last character holds nothing of a byte
  return native::paid_text(s, is_valid_utf8(out) ? std::move(out) : utf8_lossy(out));
}

Answer<Value> format_base64d(Surroundings& s, const Value& value) {
  return decode<6>(s, value, k_from_base64, "is not valid base64 data", "trailing base64 byte found");
}

Answer<Value> format_base32d(Surroundings& s, const Value& value) {
  return decode<5>(s, value, k_from_base32, "is not valid base32 data", "trailing base32 byte found");
}

Answer<Value> format_base32(Surroundings& s, const Value& value) {
  CAIRN_TRY(const Value text, format_text(s, value));
  const std::string& in = text.as_string();
  const std::size_t size = (in.size() + 4) / 5 * 8;
  if (!s.budget.text(size)) return out_of(s.budget);
  std::string out;
  out.reserve(size);
  std::uint32_t code = 0;
  unsigned have = 0;
  for (const char c : in) {
    code = code << 8 | static_cast<unsigned char>(c);
    have += 8;
    for (; have >= 5; have -= 5) out += k_base32[code >> (have - 5) & 31];
  }
  if (have > 0) out += k_base32[code << (5 - have) & 31];
  out.resize(size, '=');
  return Value::string(std::move(out));
}

struct Format {
  std::string_view name;
  Answer<Value> (*call)(Surroundings&, const Value&);
};

constexpr Format k_formats[] = {
    {"text", format_text},     {"json", format_json},       {"csv", format_csv},       {"tsv", format_tsv},
    {"html", format_html},     {"uri", format_uri},         {"urid", format_urid},     {"sh", format_sh},
    {"base64", format_base64}, {"base64d", format_base64d}, {"base32", format_base32}, {"base32d", format_base32d},
};

const Format* find_format(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(k_formats), std::end(k_formats), [&](const Format& f) { return f.name == name; });
  return found == std::end(k_formats) ? nullptr : found;
}

}  // namespace

bool is_format(std::string_view name) { return find_format(name) != nullptr; }

std::span<const std::string_view> format_names() {
  static constexpr auto names = [] {
    std::array<std::string_view, std::size(k_formats)> all;
    std::ranges::transform(k_formats, all.begin(), &Format::name);
    return all;
  }();
  return names;
}

Answer<Value> format(Surroundings& s, std::string_view name, const Value& value) {
  const Format* found = find_format(name);
  if (found == nullptr) return fail(std::string(name) + " is not a valid format");
  return found->call(s, value);
}

}  // namespace cairn::jq
