#include "engine/log/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace cairn {
namespace {

constexpr std::uint32_t k_polynomial = 0x82F63B78;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? k_polynomial : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr auto k_table = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t extend_by_instruction(std::uint32_t crc, std::string_view data) {
  std::uint64_t state = ~crc;
  const char* at = data.data();
  std::size_t left = data.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    state = _mm_crc32_u64(state, word);
  }
  for (; left > 0; ++at, --left)
    state = _mm_crc32_u8(static_cast<std::uint32_t>(state), static_cast<unsigned char>(*at));
  return ~static_cast<std::uint32_t>(state);
}
#endif

}  // namespace

std::uint32_t extend_crc32c_portable(std::uint32_t crc, std::string_view data) {
  crc = ~crc;
  for (const char c : data) crc = (crc >> 8) ^ k_table[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::uint32_t extend_crc32c(std::uint32_t crc, std::string_view data) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return extend_by_instruction(crc, data);
#endif
  return extend_crc32c_portable(crc, data);
}

}  // namespace cairn
