#include "workflows/expressions/jq_value.h"

#include "workflows/core/limits.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace cairn::jq {
namespace {

// A small program can share parts so that its result, written out, is immense. Enough for any honest result.
constexpr std::size_t k_result_nodes = 4'000'000;
constexpr std::size_t k_result_bytes = 64u << 20;

jv to_jv_string(std::string_view text) { return jv_string_sized(text.data(), static_cast<int>(text.size())); }

class ResultReader {
 public:
  explicit ResultReader(const ExactIntegers& exact) : exact_(exact) {}

  // Borrows `from`.
  Value read(jv from, std::size_t depth) {
    if (!problem_.empty()) return {};
    if (++nodes_ > k_result_nodes) return refuse(fmt::format("the result has more than {} values", k_result_nodes));
    switch (jv_get_kind(from)) {
      case JV_KIND_INVALID:
      case JV_KIND_NULL: return {};
      case JV_KIND_FALSE: return Value::boolean(false);
      case JV_KIND_TRUE: return Value::boolean(true);
      case JV_KIND_NUMBER: return number(jv_number_value(from));
      case JV_KIND_STRING: return Value::string(text(jv_copy(from)));
      case JV_KIND_ARRAY: return array(from, depth + 1);
      case JV_KIND_OBJECT: return object(from, depth + 1);
    }
    return {};
  }

  [[nodiscard]] std::string& problem() { return problem_; }

 private:
  Value refuse(std::string message) {
    problem_ = std::move(message);
    return {};
  }

  bool too_deep(std::size_t depth) {
    if (depth <= limits::k_value_depth) return false;
    problem_ = fmt::format("the result nests deeper than {} levels (k_value_depth)", limits::k_value_depth);
    return true;
  }

  Value number(double value) {
    if (std::isnan(value)) return {};
    if (std::isinf(value)) return Value::number(std::copysign(std::numeric_limits<double>::max(), value));
    if (std::fabs(value) >= k_exact_limit) {
      if (auto exact = exact_.find(value)) return *std::move(exact);
    }
    const bool integral = value == std::floor(value) && std::fabs(value) <= k_exact_limit;
    return integral ? Value::integer(static_cast<std::int64_t>(value)) : Value::number(value);
  }

  std::string text(jv string) {
    std::string result = to_std_string(string);
    bytes_ += result.size();
    if (bytes_ > k_result_bytes) refuse(fmt::format("the result holds more than {} bytes of text", k_result_bytes));
    return result;
  }

  Value array(jv from, std::size_t depth) {
    if (too_deep(depth)) return {};
    const int length = jv_array_length(jv_copy(from));
    Array items;
    items.reserve(static_cast<std::size_t>(length));
    for (int i = 0; i < length && problem_.empty(); ++i) {
      jv item = jv_array_get(jv_copy(from), i);
      items.push_back(read(item, depth));
      jv_free(item);
    }
    return Value::array(std::move(items));
  }

  Value object(jv from, std::size_t depth) {
    if (too_deep(depth)) return {};
    std::vector<Member> members;
    for (int at = jv_object_iter(from); jv_object_iter_valid(from, at) && problem_.empty();
         at = jv_object_iter_next(from, at)) {
      jv value = jv_object_iter_value(from, at);
      std::string name = text(jv_object_iter_key(from, at));
      members.push_back({std::move(name), read(value, depth)});
      jv_free(value);
    }
    return Value::object(std::move(members));
  }

  const ExactIntegers& exact_;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  std::string problem_;
};

}  // namespace

jv to_jv(const Value& value, ExactIntegers& exact) {
  switch (value.kind()) {
    case Value::Kind::Null: return jv_null();
    case Value::Kind::Bool: return jv_bool(value.as_bool() ? 1 : 0);
    case Value::Kind::Int:
    case Value::Kind::Uint:
    case Value::Kind::Double: {
      const double rounded = value.as_double();
      // The limit itself counts: 2^53 + 1 becomes the double 2^53.
      if (std::fabs(rounded) >= k_exact_limit && !std::isinf(rounded)) exact.note(value);
      return jv_number(rounded);
    }
    case Value::Kind::String: return to_jv_string(value.as_string());
    case Value::Kind::Array: {
      const Array& items = value.as_array();
      jv array = jv_array_sized(static_cast<int>(items.size()));
      for (const Value& item : items) array = jv_array_append(array, to_jv(item, exact));
      return array;
    }
    case Value::Kind::Object: {
      jv object = jv_object();
      for (const Member& member : value.as_object()) {
        object = jv_object_set(object, to_jv_string(member.name), to_jv(member.value, exact));
      }
      return object;
    }
  }
  return jv_null();
}

jv exact_texts(const ExactIntegers& exact) {
  jv texts = jv_null();
  for (const ExactIntegers::Entry& entry : exact.entries()) {
    if (!entry.exact.is_integer()) continue;
    if (jv_get_kind(texts) == JV_KIND_NULL) texts = jv_object();
    texts = jv_object_set(texts, jv_dump_string(jv_number(entry.rounded), 0), to_jv_string(to_json(entry.exact)));
  }
  return texts;
}

std::variant<Value, NotAValue> from_jv(jv result, const ExactIntegers& exact) {
  ResultReader reader(exact);
  Value value = reader.read(result, 0);
  jv_free(result);
  if (!reader.problem().empty()) return NotAValue{std::move(reader.problem())};
  return value;
}

std::string to_std_string(jv text) {
  const int length = jv_string_length_bytes(jv_copy(text));
  std::string result(jv_string_value(text), static_cast<std::size_t>(length));
  jv_free(text);
  return result;
}

}  // namespace cairn::jq
