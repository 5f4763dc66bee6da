#pragma once
// Record ↔ bytes: the FlatBuffers payload of docs/log-format.md, by schemas/event.fbs.
//
// Values are encoded with encode_value into one table per record; a value equal to an earlier one of the record is a
// reference to it. decode_record(encode_record(r)) is r, member by member.

#include "engine/machine/stimulus.h"
#include "workflows/core/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

/// Version of the payload that encode_record writes; decode_record reads this one and older ones.
inline constexpr std::uint16_t k_record_format = 1;
/// Events of one record. The machine yields long before (limits::k_stimulus_events).
inline constexpr std::size_t k_record_events = 65'536;
/// Bytes that the strings of one decoded record may take together: shared strings must not blow up what is read.
inline constexpr std::size_t k_record_string_bytes = std::size_t{64} << 20;

/// Appends the payload of `record`. Asserts at most k_record_events events, and values as encode_value wants them. Reuses
/// buffers of the calling thread: after the first records nothing is allocated but what `out` needs.
void encode_record(const Record& record, std::string& out);

/// Total on any bytes: error `corrupt` says what is wrong when they are not the payload of a record, `format_too_new` when a
/// newer version wrote it. Memory is bounded by a small multiple of payload.size() and k_record_string_bytes.
Result<Record> decode_record(std::string_view payload);

}  // namespace cairn
