// Elements in a row: add, any, all, flatten, reverse, transpose, indices.

#include "workflows/jq/natives/order.h"
#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <vector>

namespace cairn::jq::native {
namespace {

// ---- add, any, all -------------------------------------------------------------------------------------------------

/// Adds up what comes. A run of strings, arrays or objects is put together at once: pairwise it would be quadratic.
class Sum {
 public:
  explicit Sum(Surroundings& s) : s_(s) {}

  Answer<bool> add(const Value& element) {
    if (element.is_null()) return true;
    const bool gathers = element.is_string() || element.is_array() || element.is_object();
    if (!gathers || (!run_.empty() && run_.front()->kind() != element.kind())) {
      CAIRN_TRY(finish_run());
      CAIRN_TRY(total_, jq::add(s_, total_, element));
      return true;
    }
    if (run_.empty() && !total_.is_null()) return failure(jq::add(s_, total_, element));
    run_.push_back(&element);
    return true;
  }

  Answer<Value> take() {
    CAIRN_TRY(finish_run());
    return total_;
  }

 private:
  /// A total that is there already has another type: adding to it fails, in jq's words.
  static Answer<bool> failure(const Answer<Value>& sum) { return sum.error(); }

  Answer<bool> finish_run() {
    if (run_.size() == 1) {
      total_ = *run_.front();
    } else if (!run_.empty()) {
      CAIRN_TRY(total_, run_.front()->is_string() ? texts() : run_.front()->is_array() ? arrays() : objects());
    }
    run_.clear();
    return true;
  }

  Answer<Value> texts() {
    std::size_t size = 0;
    for (const Value* part : run_) size += part->as_string().size();
    if (!s_.budget.text(size)) return out_of(s_.budget);
    std::string text;
    text.reserve(size);
    for (const Value* part : run_) text += part->as_string();
    return Value::string(std::move(text));
  }

  Answer<Value> arrays() {
    std::size_t size = 0;
    for (const Value* part : run_) size += part->as_array().size();
    if (!s_.budget.elements(size)) return out_of(s_.budget);
    Array items;
    items.reserve(size);
    for (const Value* part : run_) items.insert(items.end(), part->as_array().begin(), part->as_array().end());
    return Value::array(std::move(items));
  }

  Answer<Value> objects() {
    std::size_t size = 0;
    for (const Value* part : run_) size += part->as_object().size();
    if (!pay_members(s_, size)) return out_of(s_.budget);
    std::vector<Member> members;
    members.reserve(size);
    for (const Value* part : run_) members.insert(members.end(), part->as_object().begin(), part->as_object().end());
    return Value::object(std::move(members));
  }

  Surroundings& s_;
  Value total_;
  std::vector<const Value*> run_;
};

Answer<Value> add_up(Surroundings& s, const Value& input, Arguments) {
  Sum sum(s);
  CAIRN_TRY(for_each_element(s, input, [&](const Value& element) { return sum.add(element); }));
  return sum.take();
}

/// Whether an element is truthy (`Wanted`), or not.
template <bool Wanted>
Answer<Value> exists(Surroundings& s, const Value& input, Arguments) {
  bool found = false;
  CAIRN_TRY(for_each_element(s, input, [&](const Value& element) -> Answer<bool> {
    found = element.truthy() == Wanted;
    return !found;
  }));
  return Value::boolean(found == Wanted);
}

// ---- flatten, reverse ----------------------------------------------------------------------------------------------

/// Nested arrays are opened as long as `depth`, which loses one at each level, is not zero; so a negative one never
/// ends.
Answer<bool> flatten_into(Surroundings& s, Collector& out, const Value& of, const Value& depth) {
  CAIRN_TRY(for_each_element(s, of, [&](const Value& element) -> Answer<bool> {
    if (!element.is_array() || (depth.is_number() && depth.as_double() == 0)) {
      if (!out.add(element)) return out_of(s.budget);
      return true;
    }
    CAIRN_TRY(const Value less, subtract(s, depth, Value::integer(1)));
    return flatten_into(s, out, element, less);
  }));
  return true;
}

Answer<Value> flatten_to(Surroundings& s, const Value& input, Arguments arguments) {
  if (compare(arguments[0], Value::integer(0)) < 0) return fail("flatten depth must not be negative");
  Collector out(s);
  CAIRN_TRY(flatten_into(s, out, input, arguments[0]));
  return out.take();
}

Answer<Value> flatten(Surroundings& s, const Value& input, Arguments) {
  Collector out(s);
  CAIRN_TRY(flatten_into(s, out, input, Value::integer(-1)));
  return out.take();
}

Answer<Value> reverse(Surroundings& s, const Value& input, Arguments) {
  if (input.is_array()) {
    const Array& items = input.as_array();
    if (!s.budget.elements(items.size())) return out_of(s.budget);
    return Value::array(Array(items.rbegin(), items.rend()));
  }
  // What is neither has, at most, a length: it is empty, or indexing it from the end fails in jq's words.
  CAIRN_TRY(const Value count, length(s, input));
  if (!(count.as_double() > 0)) return Value::array({});
  CAIRN_TRY(const Value last, subtract(s, count, Value::integer(1)));
  return index(s, input, last);
}

// ---- transpose ------------------------------------------------------------------------------------------------------

/// Columns for rows; short rows are filled up with null.
Answer<Value> transpose(Surroundings& s, const Value& input, Arguments) {
  std::vector<const Value*> rows;
  double width = 0;
  CAIRN_TRY(for_each_element(s, input, [&](const Value& row) -> Answer<bool> {
    CAIRN_TRY(const Value size, length(s, row));
    width = std::max(width, size.as_double());
    rows.push_back(&row);
    return true;
  }));
  Collector columns(s);
  for (std::int64_t at = 0; static_cast<double>(at) < width; ++at) {
    if (!s.budget.elements(rows.size())) return out_of(s.budget);
    Array column;
    column.reserve(rows.size());
    for (const Value* row : rows) {
      CAIRN_TRY(Value cell, index(s, *row, Value::integer(at)));
      column.push_back(std::move(cell));
    }
    if (!columns.add(Value::array(std::move(column)))) return out_of(s.budget);
  }
  return columns.take();
}

// ---- indices -------------------------------------------------------------------------------------------------------

Answer<Value> indices_in_text(Surroundings& s, const std::string& text, const std::string& what) {
  Collector places(s);
  if (what.empty()) return places.take();
  if (!pay_search(s, text.size(), what.size())) return out_of(s.budget);
  std::size_t characters = 0;  // before `counted`
  std::size_t counted = 0;
  for (std::size_t at = 0; (at = find_text(text, what, at)) != std::string::npos; ++at) {
    characters += count_characters(std::string_view(text).substr(counted, at - counted));
    counted = at;
    // Looking on from each place, the search studies all of `what` again.
    if (!places.add(Value::unsigned_integer(characters)) || !s.budget.spend(what.size() / 16)) return out_of(s.budget);
  }
  return places.take();
}

/// Where `what` lies within `items` in full. An empty one lies nowhere.
Answer<Value> indices_in_array(Surroundings& s, const Array& items, std::span<const Value> what) {
  Comparison comparison(&s.budget);
  Collector places(s);
  for (std::size_t at = 0; !what.empty() && at + what.size() <= items.size(); ++at) {
    const auto equal = [&](const Value& wanted, const Value& item) { return comparison.equal(wanted, item); };
    const bool here = std::equal(what.begin(), what.end(), items.begin() + static_cast<std::ptrdiff_t>(at), equal);
    if (comparison.exhausted() || (here && !places.add(Value::unsigned_integer(at)))) return out_of(s.budget);
  }
  return places.take();
}

Answer<Value> indices_row(Surroundings& s, const Value& input, Arguments arguments) {
  return indices(s, input, arguments[0]);
}

Answer<Value> first_index(Surroundings& s, const Value& input, Arguments arguments) {
  CAIRN_TRY(const Value places, indices(s, input, arguments[0]));
  return index(s, places, Value::integer(0));
}

Answer<Value> last_index(Surroundings& s, const Value& input, Arguments arguments) {
  CAIRN_TRY(const Value places, indices(s, input, arguments[0]));
  CAIRN_TRY(const Value last, slice(s, places, Value::integer(-1), Value()));
  return index(s, last, Value::integer(0));
}

Answer<Value> string_indices(Surroundings& s, const Value& input, Arguments arguments) {
  if (!input.is_string()) return type_error(input, "cannot be searched, as it is not a string");
  if (!arguments[0].is_string()) return type_error(arguments[0], "is not a string");
  return indices_in_text(s, input.as_string(), arguments[0].as_string());
}

constexpr Native k_rows[] = {
    {"add", 0, add_up, true, "The sum of the elements, put together as `+` does; null when there are none."},
    {"any", 0, exists<true>, true, "Whether at least one element is neither false nor null."},
    {"all", 0, exists<false>, true, "Whether no element is false or null."},
    {"flatten", 0, flatten, true, "The array with the elements of arrays in it, at any depth, in their place."},
    {"flatten", 1, flatten_to, true, "As `flatten`, but at most `$depth` levels deep.", "depth"},
    {"reverse", 0, reverse, true, "The array from its end to its beginning."},
    {"transpose", 0, transpose, true, "The columns of an array of rows; short rows are filled up with null."},
    {"indices", 1, indices_row, true,
     "Where `$what` occurs: a string within a string, the elements of an array in a row within an array, or one "
     "element. Occurrences may overlap.",
     "what"},
    {"index", 1, first_index, true, "The first of `indices($what)`, or null.", "what"},
    {"rindex", 1, last_index, true, "The last of `indices($what)`, or null.", "what"},
    {"_strindices", 1, string_indices, true, ""},
};

}  // namespace

Answer<Value> indices(Surroundings& s, const Value& in, const Value& what) {
  if (in.is_array()) {
    return indices_in_array(s, in.as_array(), what.is_array() ? std::span(what.as_array()) : std::span(&what, 1));
  }
  if (in.is_string() && what.is_string()) return indices_in_text(s, in.as_string(), what.as_string());
  return index(s, in, what);
}

Rows sequence_rows() { return k_rows; }

}  // namespace cairn::jq::native
