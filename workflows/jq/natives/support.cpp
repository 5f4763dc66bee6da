// Errors in jq's words, payments, and characters of UTF-8.

#include "workflows/jq/natives/support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace cairn::jq {

Failure cannot_iterate(const Value& over) {
  return fail(fmt::format("Cannot iterate over {} ({})", over.type_name(), excerpt(over)));
}

namespace native {

Failure type_error(const Value& bad, std::string_view words) {
  return fail(fmt::format("{} ({}) {}", bad.type_name(), excerpt(bad), words));
}

Failure type_error(const Value& a, const Value& b, std::string_view words) {
  return fail(fmt::format("{} ({}) and {} ({}) {}", a.type_name(), excerpt(a), b.type_name(), excerpt(b), words));
}

Answer<Value> bounded(Surroundings& s, Value value) {
  if (value.depth() > s.budget.limits().depth) {
    s.budget.exhaust(Exhausted::depth);
    return out_of(s.budget);
  }
  return value;
}

Answer<Value> paid_text(Surroundings& s, std::string text) {
  if (!s.budget.text(text.size())) return out_of(s.budget);
  return Value::string(std::move(text));
}

bool pay_members(Surroundings& s, std::size_t count, std::size_t name_bytes) {
  return s.budget.members(count, name_bytes);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

void append_character(std::uint32_t code_point, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto continuation = [&](unsigned shift) { put(0x80 | ((code_point >> shift) & 0x3f)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | (code_point >> 6));
    continuation(0);
  } else if (code_point < 0x10000) {
    put(0xe0 | (code_point >> 12));
    continuation(6);
    continuation(0);
  } else {
    put(0xf0 | (code_point >> 18));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

std::uint32_t first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = character_size(text.front());
  if (size == 1) return lead;
  std::uint32_t code_point = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  return code_point;
}

bool pay_search(Surroundings& s, std::size_t text, std::size_t needle) {
  // memmem compares at most 256 bytes at a place before it turns to an algorithm that is linear whatever the needle.
  constexpr std::size_t bytes_per_step = 1024;
  constexpr std::size_t longest_compared = 256;
  return s.budget.spend(1 + text / 64 + text * std::min(needle, longest_compared) / bytes_per_step);
}

std::size_t find_text(std::string_view text, std::string_view needle, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const void* found = ::memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace native
}  // namespace cairn::jq
