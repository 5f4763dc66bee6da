#pragma once
// uniqueItems, in time that does not grow with the square of the items.

#include "workflows/value/value.h"

#include <optional>
#include <utility>

namespace cairn::schema {

/// Indexes of two equal items, the earliest there are; nothing when all differ.
std::optional<std::pair<std::size_t, std::size_t>> first_equal_items(const Array& items);

}  // namespace cairn::schema
