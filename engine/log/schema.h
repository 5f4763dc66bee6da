#pragma once
// The generated FlatBuffers code, and how ids and hashes cross into it. Included by the codecs of engine/log only.

#include "engine/machine/ids.h"
#include "workflows/core/sha256.h"

#include <schemas/event_generated.h>

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace cairn {

inline fb::Hash to_fb(const Hash256& hash) {
  return fb::Hash(flatbuffers::span<const std::uint8_t, 32>(hash.bytes.data(), hash.bytes.size()));
}
inline fb::Uuid to_fb(const RunId& id) {
  return fb::Uuid(flatbuffers::span<const std::uint8_t, 16>(id.bytes.data(), id.bytes.size()));
}
/// Zero when the field is absent.
inline Hash256 from_fb(const fb::Hash* hash) {
  Hash256 out;
  if (hash != nullptr) std::copy_n(hash->bytes()->data(), out.bytes.size(), out.bytes.begin());
  return out;
}
/// Nil when the field is absent.
inline RunId from_fb(const fb::Uuid* id) {
  RunId out;
  if (id != nullptr) std::copy_n(id->bytes()->data(), out.bytes.size(), out.bytes.begin());
  return out;
}
inline std::string from_fb(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

inline const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace cairn
