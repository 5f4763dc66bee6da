#pragma once
// What the natives share: jq's error sentences, the doors of the budget, and the families whose rows make the table.

#include "workflows/jq/native.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq::native {

using Arguments = std::span<const Value>;

// ---- errors in jq's words ------------------------------------------------------------------------------------------
/// `string ("abc") cannot be negated`: the kind, an excerpt of the value, then `words`.
Failure type_error(const Value& bad, std::string_view words);
/// `number (1) and string ("a") cannot be added`.
Failure type_error(const Value& a, const Value& b, std::string_view words);

// ---- the budget ----------------------------------------------------------------------------------------------------
/// The value, or the limit on nesting that it breaks. To be asked of whatever may be deeper than its parts.
Answer<Value> bounded(Surroundings& s, Value value);
/// `text` as a value, paid for.
Answer<Value> paid_text(Surroundings& s, std::string text);
/// Reading `bytes` bytes of text.
inline bool pay_reading(Surroundings& s, std::size_t bytes) { return s.budget.spend(1 + bytes / 64); }
/// An object of `count` members whose names are new text of `name_bytes` bytes.
bool pay_members(Surroundings& s, std::size_t count, std::size_t name_bytes = 0);

/// Collects the elements of an array and pays for each as it comes, when their number is not known before.
class Collector {
 public:
  explicit Collector(Surroundings& s) : s_(s) {}
  [[nodiscard]] bool add(Value value) {
    if (!s_.budget.spend(1) || !s_.budget.allocate(sizeof(Value))) return false;
    items_.push_back(std::move(value));
    return true;
  }
  [[nodiscard]] Value take() { return Value::array(std::move(items_)); }

 private:
  Surroundings& s_;
  Array items_;
};

/// Calls `visit(const Value&)` → Answer<bool> for what `.[]` gives, until it answers false; fails for what has no
/// elements.
template <class Visit>
Answer<Value> for_each_element(Surroundings& s, const Value& of, const Visit& visit) {
  const auto step = [&](const Value& element) -> Answer<bool> {
    if (!s.budget.spend(1)) return out_of(s.budget);
    return visit(element);
  };
  if (of.is_array()) {
    for (const auto& element : of.as_array()) {
      CAIRN_TRY(const bool more, step(element));
      if (!more) break;
    }
  } else if (of.is_object()) {
    for (const auto& member : of.as_object()) {
      CAIRN_TRY(const bool more, step(member.value));
      if (!more) break;
    }
  } else {
    return cannot_iterate(of);
  }
  return Value();
}

// ---- text ----------------------------------------------------------------------------------------------------------
/// Number of characters of valid UTF-8.
std::size_t count_characters(std::string_view text);
/// Length in bytes of the character that begins with `lead`.
inline std::size_t character_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
/// Appends a code point (below 0x110000 and no surrogate).
void append_character(std::uint32_t code_point, std::string& out);
/// The code point at the front of valid UTF-8 that is not empty.
std::uint32_t first_character(std::string_view text);
/// Pays for looking for `needle` all over `text`; the worst case, so that no needle makes it quadratic for free.
bool pay_search(Surroundings& s, std::size_t text, std::size_t needle);
/// Where `needle`, which is not empty, first begins at or after `from`; npos when nowhere.
std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from);

// ---- helpers of one family that another needs ----------------------------------------------------------------------
/// jq's length: characters, elements, members, an absolute value, 0 for null.
Answer<Value> length(Surroundings& s, const Value& of);
/// Positions of `needle`, overlapping ones too: in characters of a string, in elements of an array.
Answer<Value> indices(Surroundings& s, const Value& in, const Value& what);
/// `text` cut at each `separator`, as jq's `split/1` and `/`.
Answer<Value> split(Surroundings& s, const std::string& text, const std::string& separator);
/// `value` as compact JSON.
Answer<std::string> write_json(Surroundings& s, const Value& value);
/// One JSON text, by jq's rules (nan is a number, of two members of a name the later wins) and with its messages.
Answer<Value> read_json(Surroundings& s, std::string_view text);

// ---- the families: rows of the table, in any order -----------------------------------------------------------------
using Rows = std::span<const Native>;
Rows number_rows();
Rows math_rows();
Rows string_rows();
Rows text_rows();
Rows regex_rows();
Rows date_rows();
Rows container_rows();
Rows sequence_rows();
Rows entry_rows();
Rows path_rows();
Rows sorting_rows();

}  // namespace cairn::jq::native
