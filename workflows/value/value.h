#pragma once
// Value: immutable JSON data, the one type from YAML to log.
//
// Copying is a reference count; nothing reachable from a Value ever changes, so one may be read from several threads.
// (Who holds a Value may change that one, see below: what others hold stays as it was.) Integers in int64 ∪ uint64 are
// exact, other numbers keep the text of their literal. Objects keep the order in which their members were given.
// Nesting is bounded by limits::k_value_depth at every door (parsers, expression results), so recursion over a Value is
// safe.

#include "workflows/core/assert.h"
#include "workflows/value/name_index.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

class Value;
using Array = std::vector<Value>;
struct Member;
class Object;

class Value {
 public:
  /// Int holds every integer of int64; Uint only those above INT64_MAX, so that equal integers have equal kinds. A
  /// Decimal is a number that its text says better than any of these (number.h).
  enum class Kind : std::uint8_t { Null, Bool, Int, Uint, Double, Decimal, String, Array, Object };

  Value() noexcept : kind_(Kind::Null) { bits_.integer = 0; }
  Value(const Value& other) noexcept : kind_(other.kind_), bits_(other.bits_) { retain(); }
  Value(Value&& other) noexcept : kind_(other.kind_), bits_(other.bits_) { other.kind_ = Kind::Null; }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Value() { release(); }
  void swap(Value& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(bits_, other.bits_);
  }

  static Value null() { return {}; }
  static Value boolean(bool value);
  static Value integer(std::int64_t value);
  static Value unsigned_integer(std::uint64_t value);      ///< becomes Int when it fits
  static Value number(double value);                       ///< always Double
  static Value decimal(std::string text, double nearest);  ///< parse_number() makes them (number.h)
  static Value string(std::string text);                   ///< must be valid UTF-8 (the doors check)
  static Value array(Array items);
  /// Of two members with one name the later wins, at the place of the earlier.
  static Value object(std::vector<Member> members);
  static Value object(std::initializer_list<std::pair<std::string_view, Value>> members);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_null() const { return kind_ == Kind::Null; }
  [[nodiscard]] bool is_bool() const { return kind_ == Kind::Bool; }
  [[nodiscard]] bool is_integer() const { return kind_ == Kind::Int || kind_ == Kind::Uint; }
  [[nodiscard]] bool is_number() const { return kind_ >= Kind::Int && kind_ <= Kind::Decimal; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::String; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::Array; }
  [[nodiscard]] bool is_object() const { return kind_ == Kind::Object; }
  /// jq's truth: everything but null and false.
  [[nodiscard]] bool truthy() const { return !(is_null() || (is_bool() && !bits_.boolean)); }

  // Each asserts the kind it reads.
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_int() const;
  [[nodiscard]] std::uint64_t as_uint() const;          ///< Uint, or an Int that is not negative
  [[nodiscard]] double as_double() const;               ///< any number, rounded to the nearest double
  [[nodiscard]] const std::string& as_decimal() const;  ///< the text of a Decimal
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Array& as_array() const;
  [[nodiscard]] const Object& as_object() const;

  /// Member `name` of an object; nullptr when this is no object or has none. Borrowed from this Value.
  [[nodiscard]] const Value* find(std::string_view name) const;
  /// Member `name`, or null.
  [[nodiscard]] Value get(std::string_view name) const;
  /// This object (null counts as {}) with `name` set; the original stays.
  [[nodiscard]] Value with(std::string_view name, Value value) const;
  /// This object without `name`.
  [[nodiscard]] Value without(std::string_view name) const;

  // ---- for who builds a value step by step. Each changes this Value only: in place when nothing else shares its
  // storage (sole_owner()), else on a copy. Each asserts the kind it changes.
  [[nodiscard]] bool sole_owner() const;
  void append(std::string_view text);               ///< to this string; valid UTF-8
  void append(Value item);                          ///< to this array
  void set(std::size_t index, Value item);          ///< element `index`, which this array has
  void set(std::string_view name, Value value);     ///< member `name` of this object, at its place or as the last
  [[nodiscard]] Value take(std::size_t index);      ///< element `index`, null in its place: to be changed and set again
  [[nodiscard]] Value take(std::string_view name);  ///< member `name`, which this object has, likewise

  /// "null", "boolean", "number", "string", "array", "object": jq's and JSON Schema's word for it.
  [[nodiscard]] std::string_view type_name() const;
  /// True when both share storage or are the same scalar: a cheap, sufficient test for equality.
  [[nodiscard]] bool same_as(const Value& other) const;
  /// Rough count of bytes held (shared parts counted each time); for limits, not for accounting.
  [[nodiscard]] std::size_t approximate_bytes() const;

  /// Arrays and objects inside one another: 0 for a scalar, 1 for []. Constant time: whoever composes values checks it.
  /// Of a value changed in place it may be what the nesting once was.
  [[nodiscard]] std::size_t depth() const { return has_storage() ? bits_.shared->depth : 0; }

  /// Deep equality: numbers by exact numeric value (1 equals 1.0, NaN equals NaN), objects whatever their order.
  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Shared {
    explicit Shared(std::uint32_t nesting) : depth(nesting) {}
    mutable std::atomic<std::uint32_t> references{1};
    std::uint32_t depth;
  };
  struct SharedDecimal;
  struct SharedString;
  struct SharedArray;
  struct SharedObject;
  union Bits {
    bool boolean;
    std::int64_t integer;
    std::uint64_t unsigned_integer;
    double number;
    const Shared* shared;
  };

  [[nodiscard]] bool has_storage() const { return kind_ >= Kind::Decimal; }
  void retain() const noexcept {
    if (has_storage()) bits_.shared->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept {
    if (has_storage() && bits_.shared->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }
  void destroy() noexcept;
  void contain(const Value& item);
  std::string& own_text();
  Array& own_items();
  Object& own_object();
  static Value adopt(Kind kind, const Shared* storage);

  Kind kind_;
  Bits bits_;
};

struct Member {
  std::string name;
  Value value;
};

/// The members of an object, in the order given. Look-up is linear when small, by sorted index when large.
class Object {
 public:
  explicit Object(std::vector<Member> members);
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] bool empty() const { return members_.empty(); }
  /// Member `name` set: at its place, or as the last.
  void set(std::string_view name, Value value);
  /// Member `name`, null in its place; it must be there.
  [[nodiscard]] Value take(std::string_view name);
  [[nodiscard]] auto begin() const { return members_.begin(); }
  [[nodiscard]] auto end() const { return members_.end(); }

 private:
  [[nodiscard]] std::size_t position(std::string_view name) const;

  std::vector<Member> members_;
  NameIndex by_name_;  // empty below k_index_from members
};

// ---- what is read often
// ------------------------------------------------------------------------------------------------

struct Value::SharedDecimal : Value::Shared {
  SharedDecimal(std::string value, double number) : Shared(0), text(std::move(value)), nearest(number) {}
  std::string text;
  double nearest;
};

struct Value::SharedString : Value::Shared {
  explicit SharedString(std::string value) : Shared(0), text(std::move(value)) {}
  std::string text;
};

struct Value::SharedArray : Value::Shared {
  SharedArray(std::uint32_t nesting, Array values) : Shared(nesting), items(std::move(values)) {}
  Array items;
};

struct Value::SharedObject : Value::Shared {
  SharedObject(std::uint32_t nesting, Object values) : Shared(nesting), object(std::move(values)) {}
  Object object;
};

inline Value Value::boolean(bool value) {
  Value result;
  result.kind_ = Kind::Bool;
  result.bits_.unsigned_integer = 0;
  result.bits_.boolean = value;
  return result;
}

inline Value Value::integer(std::int64_t value) {
  Value result;
  result.kind_ = Kind::Int;
  result.bits_.integer = value;
  return result;
}

inline Value Value::unsigned_integer(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(INT64_MAX)) return integer(static_cast<std::int64_t>(value));
  Value result;
  result.kind_ = Kind::Uint;
  result.bits_.unsigned_integer = value;
  return result;
}

inline Value Value::number(double value) {
  Value result;
  result.kind_ = Kind::Double;
  result.bits_.number = value;
  return result;
}

inline bool Value::as_bool() const {
  CAIRN_ASSERT(is_bool(), "a value read as a boolean is none");
  return bits_.boolean;
}

inline std::int64_t Value::as_int() const {
  CAIRN_ASSERT(kind_ == Kind::Int, "a value read as a 64-bit signed integer is none");
  return bits_.integer;
}

inline std::uint64_t Value::as_uint() const {
  if (kind_ == Kind::Uint) return bits_.unsigned_integer;
  CAIRN_ASSERT(kind_ == Kind::Int && bits_.integer >= 0, "a value read as a 64-bit unsigned integer is none");
  return static_cast<std::uint64_t>(bits_.integer);
}

inline double Value::as_double() const {
  if (kind_ == Kind::Int) return static_cast<double>(bits_.integer);
  if (kind_ == Kind::Uint) return static_cast<double>(bits_.unsigned_integer);
  if (kind_ == Kind::Decimal) return static_cast<const SharedDecimal*>(bits_.shared)->nearest;
  CAIRN_ASSERT(kind_ == Kind::Double, "a value read as a number is none");
  return bits_.number;
}

inline const std::string& Value::as_decimal() const {
  CAIRN_ASSERT(kind_ == Kind::Decimal, "a value read as a decimal number is none");
  return static_cast<const SharedDecimal*>(bits_.shared)->text;
}

inline const std::string& Value::as_string() const {
  CAIRN_ASSERT(is_string(), "a value read as a string is none");
  return static_cast<const SharedString*>(bits_.shared)->text;
}

inline const Array& Value::as_array() const {
  CAIRN_ASSERT(is_array(), "a value read as an array is none");
  return static_cast<const SharedArray*>(bits_.shared)->items;
}

inline const Object& Value::as_object() const {
  CAIRN_ASSERT(is_object(), "a value read as an object is none");
  return static_cast<const SharedObject*>(bits_.shared)->object;
}

}  // namespace cairn
