#pragma once
// Sorting by jq's order: stable, paid for, and never wild when the budget ends in the middle.

#include "workflows/jq/natives/support.h"

namespace cairn::jq::native {

using Pointers = std::vector<const Value*>;

/// The elements in order. They must outlive the result.
Answer<Pointers> sorted(Surroundings& s, const Array& items);
/// Positions of `keys` in order of the keys; equal ones in the order given.
Answer<std::vector<std::uint32_t>> sorted_positions(Surroundings& s, const Array& keys);

}  // namespace cairn::jq::native
