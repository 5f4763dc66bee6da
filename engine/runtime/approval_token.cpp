#include "engine/runtime/approval_token.h"

#include "workflows/core/assert.h"
#include "workflows/value/base64.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace cairn {
namespace {

// The first character of a token is never a dash, which a command line would take for an option.
constexpr std::uint8_t k_version = 1;
constexpr std::size_t k_said_bytes = 1 + 16 + 8 + 2;
constexpr std::size_t k_mac_bytes = 18;
static_assert((k_said_bytes + k_mac_bytes) % 3 == 0, "base 64 has nothing to pad");

std::string mac_of(const Hash256& key, std::string_view said) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  const auto* made = HMAC(EVP_sha256(), key.bytes.data(), static_cast<int>(key.bytes.size()),
                          reinterpret_cast<const unsigned char*>(said.data()), said.size(), mac.data(), &length);
  CAIRN_ASSERT(made != nullptr && length >= k_mac_bytes, "HMAC-SHA256 is there");
  return {reinterpret_cast<const char*>(mac.data()), k_mac_bytes};
}

template <class Integer>
void put(std::string& out, Integer number) {
  for (std::size_t shift = 8 * sizeof(Integer); shift > 0; shift -= 8) {
    out += static_cast<char>((number >> (shift - 8)) & 0xFFU);
  }
}

template <class Integer>
Integer take(std::string_view& from) {
  std::uint64_t number = 0;
  for (const char c : from.substr(0, sizeof(Integer))) number = (number << 8U) | static_cast<unsigned char>(c);
  from.remove_prefix(sizeof(Integer));
  return static_cast<Integer>(number);
}

}  // namespace

std::string make_approval_token(const Hash256& key, const ApprovalTicket& ticket) {
  std::string bytes(1, static_cast<char>(k_version));
  bytes.append(reinterpret_cast<const char*>(ticket.run.bytes.data()), ticket.run.bytes.size());
  put(bytes, number_of(ticket.approval));
  put(bytes, ticket.assignee);
  bytes += mac_of(key, bytes);
  std::string text = encode_base64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Result<ApprovalTicket> read_approval_token(const Hash256& key, std::string_view token) {
  const auto wrong = [] {
    return make_error(ErrorCode::not_found, "there is no approval with this token", {},
                      "Look whether all of it was copied, and whether it belongs to this data directory; open ones: "
                      "cairn approvals");
  };
  std::string text(token);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  const auto bytes = decode_base64(text);
  if (!bytes || bytes.value().size() != k_said_bytes + k_mac_bytes) return wrong();
  std::string_view said = std::string_view(bytes.value()).substr(0, k_said_bytes);
  const std::string mac = mac_of(key, said);
  const bool genuine = CRYPTO_memcmp(mac.data(), bytes.value().data() + k_said_bytes, k_mac_bytes) == 0;
  if (!genuine || take<std::uint8_t>(said) != k_version) return wrong();
  ApprovalTicket ticket;
  std::ranges::copy(said.substr(0, ticket.run.bytes.size()), ticket.run.bytes.begin());
  said.remove_prefix(ticket.run.bytes.size());
  ticket.approval = EventSeq{take<std::uint64_t>(said)};
  ticket.assignee = take<std::uint16_t>(said);
  return ticket;
}

}  // namespace cairn
