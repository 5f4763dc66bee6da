#include "workflows/value/codec.h"

#include "workflows/core/assert.h"
#include "workflows/core/limits.h"
#include "workflows/value/number.h"

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
  k_decimal = 0x09,
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

std::int64_t unzigzag(std::uint64_t value) { return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1)); }

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
      case Value::Kind::Decimal:
        byte(k_decimal);
        varint(value.as_decimal().size());
        out_ += value.as_decimal();
        break;
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

/// Finished values wait on one stack until their array or object is complete, so that a count that lies reserves
/// nothing. Each function is false once the bytes are malformed, with `failure_` set; a Result at every step would cost
/// more than the work itself.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  Result<Value> document() {
    if (value(0) && at_ != bytes_.size()) fail("bytes follow the value");
    if (!failure_.empty()) {
      return make_error(ErrorCode::corrupt, fmt::format("malformed stored value: {}", failure_),
                        fmt::format("byte {}", at_));
    }
    return std::move(values_.back());
  }

 private:
  bool value(std::size_t depth) {
    std::uint8_t tag = 0;
    if (!byte(tag)) return false;
    if (tag >= k_short_string) return string(tag - k_short_string);
    if (tag >= k_small_integer) return add(Value::integer(tag - k_small_integer));
    if (tag >= k_short_object && tag <= k_short_object + k_short_count) return object(tag - k_short_object, depth);
    if (tag >= k_short_array && tag <= k_short_array + k_short_count) return array(tag - k_short_array, depth);
    std::uint64_t count = 0;
    switch (tag) {
      case k_null: return add(Value());
      case k_false: return add(Value::boolean(false));
      case k_true: return add(Value::boolean(true));
      case k_integer: return integer();
      case k_unsigned: return unsigned_integer();
      case k_double: return number();
      case k_decimal: return decimal();
      case k_long_string: return long_count(k_short_bytes, count) && string(count);
      case k_long_array: return long_count(k_short_count, count) && array(count, depth);
      case k_long_object: return long_count(k_short_count, count) && object(count, depth);
      default: --at_; return fail("unknown tag");
    }
  }

  bool integer() {
    std::uint64_t coded = 0;
    if (!varint(coded)) return false;
    const std::int64_t value = unzigzag(coded);
    if (value >= 0 && value <= k_small_max) return fail("a small integer in its long form");
    return add(Value::integer(value));
  }

  bool unsigned_integer() {
    std::uint64_t value = 0;
    if (!varint(value)) return false;
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) return fail("a signed integer in unsigned form");
    return add(Value::unsigned_integer(value));
  }

  bool number() {
    std::string_view bytes;
    if (remaining() < 8) return fail("the bytes end inside a number");
    take(8, bytes);
    std::uint64_t bits = 0;
    for (std::size_t i = 8; i-- > 0;) bits = bits << 8 | static_cast<std::uint8_t>(bytes[i]);
    return add(Value::number(std::bit_cast<double>(bits)));
  }

  bool decimal() {
    std::uint64_t size = 0;
    std::string_view text;
    if (!varint(size) || !take(size, text)) return false;
    auto number = parse_number(text);
    if (!number || number->kind() != Value::Kind::Decimal || number->as_decimal() != text) {
      return fail("a decimal number in another form");
    }
    return add(*std::move(number));
  }

  bool string(std::uint64_t size) {
    std::string_view text;
    return take(size, text) && add(Value::string(std::string(text)));
  }

  bool array(std::uint64_t count, std::size_t depth) {
    if (!enter(count, 1, depth)) return false;
    const std::size_t start = values_.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!value(depth + 1)) return false;
    }
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(start);
    Array items(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
    values_.erase(first, values_.end());
    return add(Value::array(std::move(items)));
  }

  bool object(std::uint64_t count, std::size_t depth) {
    if (!enter(count, 2, depth)) return false;
    const std::size_t first_value = values_.size();
    const std::size_t first_name = names_.size();
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t size = 0;
      std::string_view name;
      if (!varint(size) || !take(size, name)) return false;
      names_.push_back(name);
      if (!value(depth + 1)) return false;
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
    return add(std::move(object));
  }

  /// Checks the depth, and that `count` items of at least `least_bytes` each can still follow.
  bool enter(std::uint64_t count, std::size_t least_bytes, std::size_t depth) {
    if (depth >= limits::k_value_depth) return fail("the value nests too deeply");
    return count <= remaining() / least_bytes || fail("a count promises more than there is");
  }

  bool long_count(std::uint64_t short_max, std::uint64_t& count) {
    return varint(count) && (count > short_max || fail("a short count in its long form"));
  }

  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      std::uint8_t next = 0;
      if (!byte(next)) return false;
      const std::uint64_t seven = next & 0x7fu;
      if (shift == 63 && seven > 1) return fail("an integer exceeds 64 bits");
      value |= seven << shift;
      if (next < 0x80) return next != 0 || shift == 0 || fail("an integer is longer than needed");
    }
    return fail("an integer exceeds 64 bits");
  }

  bool byte(std::uint8_t& value) {
    if (remaining() == 0) return fail("the bytes end inside a value");
    value = static_cast<std::uint8_t>(bytes_[at_++]);
    return true;
  }

  bool take(std::uint64_t size, std::string_view& text) {
    if (size > remaining()) return fail("the bytes end inside a string");
    text = bytes_.substr(at_, size);
    at_ += size;
    return true;
  }

  bool add(Value value) {
    values_.push_back(std::move(value));
    return true;
  }

  bool fail(std::string_view what) {
    failure_ = what;
    return false;
  }

  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - at_; }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::string_view failure_;
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
