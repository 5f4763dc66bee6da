// .[key] and .[from:to].

#include "workflows/jq/natives/access.h"

#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cairn::jq {
namespace native {
namespace {

constexpr std::string_view k_start = "start";
constexpr std::string_view k_end = "end";

Failure cannot_index(const Value& from, const Value& key) {
  return fail(fmt::format("Cannot index {} with {} ({})", from.type_name(), key.type_name(), excerpt(key)));
}

/// A bound that is not given (unlike one that is null) is no bound: something that slice_span() refuses.
Value bound_of(const Value& range, std::string_view name) {
  const Value* bound = range.find(name);
  return bound != nullptr ? *bound : Value::boolean(false);
}

/// Bytes at which the characters `from` and `to` of `text` begin.
Span byte_span(std::string_view text, Span characters) {
  std::size_t at = 0;
  const auto skip = [&](std::size_t count) {
    for (; count > 0; --count) at += character_size(text[at]);
    return at;
  };
  const std::size_t start = skip(characters.start);
  return {start, skip(characters.end - characters.start)};
}

Answer<Value> slice_text(Surroundings& s, const std::string& text, const Value& from, const Value& to) {
  if (!pay_reading(s, text.size())) return out_of(s.budget);
  const std::size_t count = count_characters(text);
  CAIRN_TRY(Span span, slice_span(count, from, to));
  if (count != text.size()) span = byte_span(text, span);
  if (!s.budget.text(span.end - span.start)) return out_of(s.budget);
  return Value::string(text.substr(span.start, span.end - span.start));
}

Answer<Value> slice_array(Surroundings& s, const Array& items, const Value& from, const Value& to) {
  CAIRN_TRY(const Span span, slice_span(items.size(), from, to));
  if (!s.budget.elements(span.end - span.start)) return out_of(s.budget);
  const auto begin = items.begin();
  return Value::array(
      Array(begin + static_cast<std::ptrdiff_t>(span.start), begin + static_cast<std::ptrdiff_t>(span.end)));
}

Value element(const Array& items, const Value& key) {
  if (is_nan(key)) return {};
  const std::int64_t wanted = to_int(key);
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t at = wanted < 0 ? wanted + size : wanted;
  return at >= 0 && at < size ? items[static_cast<std::size_t>(at)] : Value();
}

}  // namespace

Answer<Span> slice_span(std::size_t count, const Value& from, const Value& to) {
  if (!(from.is_number() || from.is_null()) || !(to.is_number() || to.is_null())) {
    return fail("Array/string slice indices must be integers");
  }
  const auto size = static_cast<double>(count);
  // The beginning is rounded down and the end up, so that a slice by fractions holds all that it touches.
  const auto place = [&](const Value& index, double otherwise) {
    const double at = index.is_null() || is_nan(index) ? otherwise : index.as_double();
    return std::clamp(at < 0 ? at + size : at, 0.0, size);
  };
  const auto start = static_cast<std::size_t>(std::floor(place(from, 0)));
  const auto end = static_cast<std::size_t>(std::ceil(place(to, size)));
  return Span{start, std::max(start, end)};
}

Answer<Span> slice_span(std::size_t count, const Value& range) {
  return slice_span(count, bound_of(range, k_start), bound_of(range, k_end));
}

}  // namespace native

Answer<Value> slice(Surroundings& s, const Value& of, const Value& from, const Value& to) {
  if (of.is_null()) return Value();
  if (of.is_array()) return native::slice_array(s, of.as_array(), from, to);
  if (of.is_string()) return native::slice_text(s, of.as_string(), from, to);
  return native::cannot_index(of, Value::object({{native::k_start, from}, {native::k_end, to}}));
}

Answer<Value> index(Surroundings& s, const Value& from, const Value& key) {
  if (key.is_string()) {
    if (from.is_object()) return from.get(key.as_string());
    if (from.is_null()) return Value();
  } else if (key.is_number()) {
    if (from.is_array()) return native::element(from.as_array(), key);
    if (from.is_null()) return Value();
  } else if (key.is_object()) {
    if (from.is_array() || from.is_string() || from.is_null()) {
      return slice(s, from, native::bound_of(key, native::k_start), native::bound_of(key, native::k_end));
    }
  } else if (key.is_array() && from.is_array()) {
    return native::indices(s, from, key);
  }
  return native::cannot_index(from, key);
}

}  // namespace cairn::jq
