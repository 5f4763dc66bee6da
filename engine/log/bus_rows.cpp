#include "engine/log/bus_rows.h"

#include "engine/log/bytes.h"

namespace cairn {
namespace {

std::uint64_t first_bytes(const Hash256& hash) { return ByteReader(hash.view()).big_endian<std::uint64_t>(); }

}  // namespace

ShapeId ListenShape::id() const {
  std::string text(definition.view());
  text += keyed ? '\1' : '\0';
  text += filter;
  return ShapeId{first_bytes(sha256(text))};
}

std::uint64_t hash_of_key(std::string_view key) { return first_bytes(sha256(key)); }

}  // namespace cairn
