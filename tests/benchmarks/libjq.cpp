#include "tests/benchmarks/libjq.h"

#include "workflows/core/assert.h"

#include <cmath>

extern "C" {
#include <jq.h>
#include <jv.h>
}

namespace cairn::bench {
namespace {

jv to_jv(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::Null: return jv_null();
    case Value::Kind::Bool: return jv_bool(value.as_bool() ? 1 : 0);
    case Value::Kind::String: {
      const std::string& text = value.as_string();
      return jv_string_sized(text.data(), static_cast<int>(text.size()));
    }
    case Value::Kind::Array: {
      jv array = jv_array_sized(static_cast<int>(value.as_array().size()));
      for (const auto& item : value.as_array()) array = jv_array_append(array, to_jv(item));
      return array;
    }
    case Value::Kind::Object: {
      jv object = jv_object();
      for (const auto& [name, member] : value.as_object()) {
        object = jv_object_set(object, jv_string_sized(name.data(), static_cast<int>(name.size())), to_jv(member));
      }
      return object;
    }
    default: return jv_number(value.as_double());
  }
}

std::string text_of(jv text) {
  std::string copy(jv_string_value(text), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text))));
  jv_free(text);
  return copy;
}

/// Consumes `value`.
Value to_value(jv value) {
  switch (jv_get_kind(value)) {
    case JV_KIND_FALSE: return Value::boolean(false);
    case JV_KIND_TRUE: return Value::boolean(true);
    case JV_KIND_NUMBER: {
      const double number = jv_number_value(value);
      const bool whole = std::trunc(number) == number && std::abs(number) < 9007199254740992.0;
      return whole ? Value::integer(static_cast<std::int64_t>(number)) : Value::number(number);
    }
    case JV_KIND_STRING: return Value::string(text_of(value));
    case JV_KIND_ARRAY: {
      Array items;
      const int size = jv_array_length(jv_copy(value));
      items.reserve(static_cast<std::size_t>(size));
      for (int i = 0; i < size; ++i) items.push_back(to_value(jv_array_get(jv_copy(value), i)));
      jv_free(value);
      return Value::array(std::move(items));
    }
    case JV_KIND_OBJECT: {
      std::vector<Member> members;
      for (int at = jv_object_iter(value); jv_object_iter_valid(value, at) != 0; at = jv_object_iter_next(value, at)) {
        members.push_back({text_of(jv_object_iter_key(value, at)), to_value(jv_object_iter_value(value, at))});
      }
      jv_free(value);
      return Value::object(std::move(members));
    }
    default: return {};
  }
}

}  // namespace

LibJq::LibJq(const std::string& program) : jq_(jq_init()) {
  CAIRN_ASSERT(jq_ != nullptr && jq_compile(jq_, program.c_str()) != 0,
               "libjq does not compile the program of a benchmark");
}

LibJq::~LibJq() { jq_teardown(&jq_); }

Value LibJq::run(const Value& input) {
  jq_start(jq_, to_jv(input), 0);
  Value last;
  for (jv output = jq_next(jq_);; output = jq_next(jq_)) {
    if (jv_is_valid(output) == 0) {
      jv_free(output);
      return last;
    }
    last = to_value(output);
  }
}

}  // namespace cairn::bench
