#include "workflows/value/codec.h"

#include "workflows/core/assert.h"
#include "workflows/core/limits.h"

#include <fmt/format.h>

#include <bit>
#include <iterator>

namespace cairn {
namespace {

enum Tag : std::uint8_t {
  k_null = 0x00,
  k_false = 0x01,
  k_true = 0x02,
  k_integer = 0x03,
  k_unsigned = 0x04,
  k_double = 0x05,
  k_long_string = 0x06,
  k_long_array = 0x07,
  k_long_object = 0x08,
  k_short_array = 0x10,
  k_short_object = 0x20,
  k_small_integer = 0x40,
  k_short_string = 0x80,
};

constexpr std::size_t k_short_count = 15;
constexpr std::int64_t k_small_max = 63;
constexpr std::size_t k_short_bytes = 127;

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  void value(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::Null: byte(k_null); break;
      case Value::Kind::Bool: byte(value.as_bool() ? k_true : k_false); break;
      case Value::Kind::Int: integer(value.as_int()); break;
      case Value::Kind::Uint:
        byte(k_unsigned);
        varint(value.as_uint());
        break;
      case Value::Kind::Double: number(value.as_double()); break;
      case Value::Kind::String: string(value.as_string()); break;
      case Value::Kind::Array:
        head(k_short_array, k_short_count, k_long_array, value.as_array().size());
        for (const auto& item : value.as_array()) this->value(item);
        break;
      case Value::Kind::Object:
        head(k_short_object, k_short_count, k_long_object, value.as_object().size());
        for (const auto& member : value.as_object()) {
          varint(member.name.size());
          out_ += member.name;
          this->value(member.value);
        }
        break;
    }
  }

 private:
  void byte(std::uint64_t value) { out_ += static_cast<char>(value); }

  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte((value & 0x7f) | 0x80);
    byte(value);
  }

  void head(Tag short_tag, std::size_t short_max, Tag long_tag, std::size_t count) {
    if (count <= short_max) {
      byte(short_tag + count);
    } else {
      byte(long_tag);
      varint(count);
    }
  }

  void integer(std::int64_t value) {
    if (value >= 0 && value <= k_small_max) {
      byte(k_small_integer + static_cast<std::uint64_t>(value));
    } else {
      byte(k_integer);
      varint(zigzag(value));
    }
  }

  void number(double value) {
    byte(k_double);
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) byte(bits & 0xff);
  }

  void string(const std::string& text) {
    head(k_short_string, k_short_bytes, k_long_string, text.size());
    out_ += text;
  }

  std::string& out_;
};

/// Finished values wait on one stack until their array or object is complete, so that a count that lies reserves nothing.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  Result<Value> document() {
    CAIRN_TRY(auto value, this->value(0));
    if (at_ != bytes_.size()) return fail("bytes follow the value");
    return value;
  }

 private:
  Result<Value> value(std::size_t depth) {
    CAIRN_TRY(const auto tag, byte());
    if (tag >= k_short_string) return string(tag - k_short_string);
    if (tag >= k_small_integer) return Value::integer(tag - k_small_integer);
    if (tag >= k_short_object && tag <= k_short_object + k_short_count) return object(tag - k_short_object, depth);
    if (tag >= k_short_array && tag <= k_short_array + k_short_count) return array(tag - k_short_array, depth);
    switch (tag) {
      case k_null: return Value();
      case k_false: return Value::boolean(false);
      case k_true: return Value::boolean(true);
      case k_integer: return integer();
      case k_unsigned: return unsigned_integer();
      case k_double: return number();
      case k_long_string: {
        CAIRN_TRY(const auto count, long_count(k_short_bytes));
        return string(count);
      }
      case k_long_array: {
        CAIRN_TRY(const auto count, long_count(k_short_count));
        return array(count, depth);
      }
      case k_long_object: {
        CAIRN_TRY(const auto count, long_count(k_short_count));
        return object(count, depth);
      }
      default: --at_; return fail("unknown tag");
    }
  }

  Result<Value> integer() {
    CAIRN_TRY(const auto coded, varint());
    const std::int64_t value = unzigzag(coded);
    if (value >= 0 && value <= k_small_max) return fail("a small integer in its long form");
    return Value::integer(value);
  }

  Result<Value> unsigned_integer() {
    CAIRN_TRY(const auto value, varint());
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) return fail("a signed integer in unsigned form");
    return Value::unsigned_integer(value);
  }

  Result<Value> number() {
    if (remaining() < 8) return fail("the bytes end inside a number");
    std::uint64_t bits = 0;
    for (int i = 7; i >= 0; --i) bits = bits << 8 | static_cast<std::uint8_t>(bytes_[at_ + static_cast<std::size_t>(i)]);
    at_ += 8;
    return Value::number(std::bit_cast<double>(bits));
  }

  Result<Value> string(std::uint64_t size) {
    CAIRN_TRY(const auto text, take(size));
    return Value::string(std::string(text));
  }

  Result<Value> array(std::uint64_t count, std::size_t depth) {
    CAIRN_TRY(enter(count, 1, depth));
    const std::size_t start = values_.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      CAIRN_TRY(auto item, value(depth + 1));
      values_.push_back(std::move(item));
    }
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(start);
    Array items(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
    values_.resize(start);
    return Value::array(std::move(items));
  }

  Result<Value> object(std::uint64_t count, std::size_t depth) {
    CAIRN_TRY(enter(count, 2, depth));
    const std::size_t first_value = values_.size();
    const std::size_t first_name = names_.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      CAIRN_TRY(const auto size, varint());
      CAIRN_TRY(const auto name, take(size));
      names_.push_back(name);
      CAIRN_TRY(auto item, value(depth + 1));
      values_.push_back(std::move(item));
    }
    std::vector<Member> members;
    members.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back({std::string(names_[first_name + i]), std::move(values_[first_value + i])});
    }
    values_.resize(first_value);
    names_.resize(first_name);
    Value object = Value::object(std::move(members));
    if (object.as_object().size() != count) return fail("an object names a member twice");
    return object;
  }

  /// Checks the depth, and that `count` items of at least `least_bytes` each can still follow.
  Result<void> enter(std::uint64_t count, std::size_t least_bytes, std::size_t depth) {
    if (depth >= limits::k_value_depth) return fail("the value nests too deeply");
    if (count > remaining() / least_bytes) return fail("a count promises more than there is");
    return success();
  }

  Result<std::uint64_t> long_count(std::uint64_t short_max) {
    CAIRN_TRY(const auto count, varint());
    if (count <= short_max) return fail("a short count in its long form");
    return count;
  }

  Result<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      CAIRN_TRY(const auto next, byte());
      const std::uint64_t seven = next & 0x7fu;
      if (shift == 63 && seven > 1) return fail("an integer exceeds 64 bits");
      value |= seven << shift;
      if (next < 0x80) {
        if (next == 0 && shift > 0) return fail("an integer is longer than needed");
        return value;
      }
    }
    return fail("an integer exceeds 64 bits");
  }

  Result<std::uint8_t> byte() {
    if (remaining() == 0) return fail("the bytes end inside a value");
    return static_cast<std::uint8_t>(bytes_[at_++]);
  }

  Result<std::string_view> take(std::uint64_t size) {
    if (size > remaining()) return fail("the bytes end inside a string");
    const auto text = bytes_.substr(at_, size);
    at_ += size;
    return text;
  }

  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - at_; }

  [[nodiscard]] Error fail(std::string_view what) const {
    return make_error(ErrorCode::corrupt, fmt::format("malformed stored value: {}", what), fmt::format("byte {}", at_));
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::vector<Value> values_;
  std::vector<std::string_view> names_;
};

}  // namespace

void encode_value(const Value& value, std::string& out) {
  CAIRN_ASSERT(value.depth() <= limits::k_value_depth, "a value to be stored nests deeper than limits::k_value_depth");
  Encoder(out).value(value);
}

Result<Value> decode_value(std::string_view bytes) { return Decoder(bytes).document(); }

}  // namespace cairn
