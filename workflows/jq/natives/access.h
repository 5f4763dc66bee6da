#pragma once
// The part of an array or string that a slice means.

#include "workflows/jq/native.h"

#include <cstddef>

namespace cairn::jq::native {

/// From `start` to before `end`; start ≤ end ≤ the size.
struct Span {
  std::size_t start;
  std::size_t end;
};

/// `from` and `to` are numbers, negative from the end, or null for the ends; of `count` elements or characters.
Answer<Span> slice_span(std::size_t count, const Value& from, const Value& to);
/// The same for a path's {"start": …, "end": …}.
Answer<Span> slice_span(std::size_t count, const Value& range);

}  // namespace cairn::jq::native
