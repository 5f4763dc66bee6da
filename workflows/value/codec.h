#pragma once
// Value ↔ bytes for the log: compact, exact, order-keeping, self-delimiting.
//
//   value  := 00                                null
//           | 01 | 02                           false, true
//           | 03 varint(zigzag(n))              integer of int64 outside 0…63
//           | 04 varint(n)                      integer above INT64_MAX
//           | 05 byte×8                         double, IEEE 754 bits, little-endian
//           | 06 varint(n) byte×n               string of n ≥ 128 bytes
//           | 07 varint(n) value×n              array of n ≥ 16 items
//           | 08 varint(n) (name value)×n       object of n ≥ 16 members
//           | 09 varint(n) byte×n               decimal number of n bytes (number.h)
//           | 10+n value×n                      array of n ≤ 15 items
//           | 20+n (name value)×n               object of n ≤ 15 members
//           | 40+n                              integer n ≤ 63
//           | 80+n byte×n                       string of n ≤ 127 bytes
//   name   := varint(n) byte×n
//   varint := seven bits a byte, the lowest first; the top bit says that more follow; the shortest form only
//   zigzag := 0, -1, 1, -2, 2 … ↦ 0, 1, 2, 3, 4 …
//
// Every value has exactly one encoding; other tags, longer forms and repeated names are malformed.
// {"id":-2,"ok":[true,7]}:
//
//   22              object of 2 members
//   02 69 64        name "id"
//   03 03           integer, zigzag(-2) = 3
//   02 6f 6b        name "ok"
//   12 02 47        array of 2: true, 7

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>

namespace cairn {

/// Appends the encoding of `value`, which nests no deeper than limits::k_value_depth (asserted: what is written can be
/// read again). Equal bytes mean the same value in the same member order.
void encode_value(const Value& value, std::string& out);

/// Reads one value that fills `bytes` exactly. Total on any input: error `corrupt` on malformed bytes, never more
/// memory than a small multiple of bytes.size(), depth bounded by limits::k_value_depth. Strings are not checked to be
/// UTF-8.
Result<Value> decode_value(std::string_view bytes);

}  // namespace cairn
