// sort, group, unique, min and max; the by-key forms get the keys, one for each element, from the program around them.

#include "workflows/jq/natives/sorting.h"

#include "workflows/jq/natives/order.h"

#include <algorithm>
#include <numeric>

namespace cairn::jq::native {
namespace {

constexpr int k_never_less = 1;
constexpr auto k_nan_equal = Comparison::Nan::equal_to_itself;
constexpr auto k_nan_below = Comparison::Nan::below_itself;

constexpr std::string_view k_not_an_array = "cannot be sorted, as it is not an array";
constexpr std::string_view k_not_both_arrays = "cannot be sorted, as they are not both arrays";

bool are_keys_of(const Value& items, const Value& keys) {
  return items.is_array() && keys.is_array() && items.as_array().size() == keys.as_array().size();
}

bool all_of_kind(const Array& items, Value::Kind kind) {
  return std::all_of(items.begin(), items.end(), [&](const Value& item) { return item.kind() == kind; });
}

/// Sorts `places` (ascending) by what `value_at` finds there, equal ones by place: so it is stable.
template <class Place, class ValueAt>
Answer<Value> sort_places(Surroundings& s, std::vector<Place>& places, const Array& values, const ValueAt& value_at) {
  Comparison comparison(&s.budget);
  const auto by = [&](const auto& order) {
    std::sort(places.begin(), places.end(), [&](Place a, Place b) {
      const int difference = order(value_at(a), value_at(b));
      return difference != 0 ? difference < 0 : a < b;
    });
  };
  if (all_of_kind(values, Value::Kind::Int)) {
    std::size_t levels = 1;
    while (values.size() >> levels != 0) ++levels;
    if (!s.budget.spend(values.size() * levels / 16)) return out_of(s.budget);
    by([](const Value& a, const Value& b) { return a.as_int() < b.as_int() ? -1 : a.as_int() > b.as_int() ? 1 : 0; });
  } else {
    // When the budget is used up, the answer is never `less`: the unguarded loops of std::sort go on only as long as it
    // is, so they end at once and within their range.
    bool exhausted = false;
    by([&](const Value& a, const Value& b) {
      if (exhausted) return k_never_less;
      const int difference = comparison.order(a, b, k_nan_equal);
      exhausted = comparison.used_up();
      return exhausted ? k_never_less : difference;
    });
  }
  if (comparison.exhausted()) return out_of(s.budget);
  return Value();
}

Answer<Value> sort_by(Surroundings& s, const Array& items, const Array& keys) {
  CAIRN_TRY(const auto places, sorted_positions(s, keys));
  if (!s.budget.elements(items.size())) return out_of(s.budget);
  Array result;
  result.reserve(items.size());
  for (const auto place : places) result.push_back(items[place]);
  return Value::array(std::move(result));
}

/// Calls `group(first, last)` for each run of positions whose keys are equal.
template <class Group>
Answer<Value> for_each_group(Surroundings& s, const Array& keys, const Group& group) {
  CAIRN_TRY(const auto places, sorted_positions(s, keys));
  Comparison comparison(&s.budget);
  for (auto first = places.begin(); first != places.end();) {
    const auto last =
        std::find_if(first + 1, places.end(), [&](auto p) { return !comparison.equal(keys[*first], keys[p]); });
    if (comparison.exhausted() || !group(first, last)) return out_of(s.budget);
    first = last;
  }
  return Value();
}

Answer<Value> group_by(Surroundings& s, const Array& items, const Array& keys) {
  Collector groups(s);
  CAIRN_TRY(for_each_group(s, keys, [&](auto first, auto last) {
    const auto count = static_cast<std::size_t>(last - first);
    if (!s.budget.elements(count)) return false;
    Array members;
    members.reserve(count);
    for (; first != last; ++first) members.push_back(items[*first]);
    return groups.add(Value::array(std::move(members)));
  }));
  return bounded(s, groups.take());
}

Answer<Value> unique_by(Surroundings& s, const Array& items, const Array& keys) {
  Collector kept(s);
  CAIRN_TRY(for_each_group(s, keys, [&](auto first, auto) { return kept.add(items[*first]); }));
  return kept.take();
}

enum class Wanted : std::uint8_t { least, greatest };

/// Of several that are equal: the first of the least, the last of the greatest.
Answer<Value> extreme(Surroundings& s, const Value& items, const Value& keys, Wanted wanted) {
  if (!items.is_array() || !keys.is_array()) return type_error(items, keys, "cannot be iterated over");
  if (!are_keys_of(items, keys)) return type_error(items, keys, "have wrong length");
  const Array& all = keys.as_array();
  if (all.empty()) return Value();
  Comparison comparison(&s.budget);
  std::size_t best = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    const bool less = comparison.order(all[i], all[best], k_nan_below) < 0;
    if (less == (wanted == Wanted::least)) best = i;
  }
  if (comparison.exhausted()) return out_of(s.budget);
  return items.as_array()[best];
}

// ---- rows ----------------------------------------------------------------------------------------------------------

Answer<Value> sort(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_array()) return type_error(input, k_not_an_array);
  return sort_by(s, input.as_array(), input.as_array());
}

Answer<Value> unique(Surroundings& s, const Value& input, Arguments) {
  if (!input.is_array()) return type_error(input, k_not_an_array);
  return unique_by(s, input.as_array(), input.as_array());
}

template <Answer<Value> (*By)(Surroundings&, const Array&, const Array&)>
Answer<Value> by_keys(Surroundings& s, const Value& input, Arguments arguments) {
  const Value& keys = arguments[0];
  if (!are_keys_of(input, keys)) return type_error(input, keys, k_not_both_arrays);
  return By(s, input.as_array(), keys.as_array());
}

template <Wanted W>
Answer<Value> extreme_of(Surroundings& s, const Value& input, Arguments) {
  return extreme(s, input, input, W);
}

template <Wanted W>
Answer<Value> extreme_by(Surroundings& s, const Value& input, Arguments arguments) {
  return extreme(s, input, arguments[0], W);
}

/// Where `wanted` is in the sorted input, or −1 − the place where it would go.
Answer<Value> bsearch(Surroundings& s, const Value& input, Arguments arguments) {
  if (!input.is_array()) return type_error(input, "cannot be searched from");
  const Array& items = input.as_array();
  Comparison comparison(&s.budget);
  std::size_t start = 0;
  std::size_t end = items.size();
  while (start < end) {
    const std::size_t middle = start + (end - start) / 2;
    const int order = comparison.order(arguments[0], items[middle], k_nan_below);
    if (comparison.exhausted()) return out_of(s.budget);
    if (order == 0) return Value::integer(static_cast<std::int64_t>(middle));
    if (order < 0) {
      end = middle;
    } else {
      start = middle + 1;
    }
  }
  return Value::integer(-1 - static_cast<std::int64_t>(start));
}

constexpr Native k_rows[] = {
    {"sort", 0, sort, true,
     "The array in ascending order: null, false, true, numbers, strings by code point, arrays, objects."},
    {"unique", 0, unique, true, "The elements sorted, of equal ones the first only."},
    {"min", 0, extreme_of<Wanted::least>, true, "The least element of the array; null when it is empty."},
    {"max", 0, extreme_of<Wanted::greatest>, true, "The greatest element of the array; null when it is empty."},
    {"bsearch", 1, bsearch, true,
     "The index of `$value` in a sorted array; when it is not there, -1 minus the index where it belongs.", "value"},
    {"_sort_by_impl", 1, by_keys<sort_by>, true, ""},
    {"_group_by_impl", 1, by_keys<group_by>, true, ""},
    {"_unique_by_impl", 1, by_keys<unique_by>, true, ""},
    {"_min_by_impl", 1, extreme_by<Wanted::least>, true, ""},
    {"_max_by_impl", 1, extreme_by<Wanted::greatest>, true, ""},
};

}  // namespace

Answer<Pointers> sorted(Surroundings& s, const Array& items) {
  if (!s.budget.elements(items.size())) return out_of(s.budget);
  Pointers pointers;
  pointers.reserve(items.size());
  for (const auto& item : items) pointers.push_back(&item);
  CAIRN_TRY(sort_places(s, pointers, items, [](const Value* p) -> const Value& { return *p; }));
  return pointers;
}

Answer<std::vector<std::uint32_t>> sorted_positions(Surroundings& s, const Array& keys) {
  if (!s.budget.elements(keys.size())) return out_of(s.budget);
  std::vector<std::uint32_t> places(keys.size());
  std::iota(places.begin(), places.end(), 0u);
  CAIRN_TRY(sort_places(s, places, keys, [&](std::uint32_t at) -> const Value& { return keys[at]; }));
  return places;
}

Rows sorting_rows() { return k_rows; }

}  // namespace cairn::jq::native
