// The one table of natives, put together from the families.

#include "workflows/core/assert.h"
#include "workflows/jq/natives/support.h"

#include <algorithm>
#include <tuple>

namespace cairn::jq {
namespace {

std::vector<Native> all_rows() {
  std::vector<Native> rows;
  for (const auto& family :
       {native::number_rows(), native::math_rows(), native::string_rows(), native::text_rows(), native::regex_rows(),
        native::date_rows(), native::container_rows(), native::sequence_rows(), native::entry_rows(),
        native::path_rows(), native::sorting_rows()}) {
    rows.insert(rows.end(), family.begin(), family.end());
  }
  const auto key = [](const Native& row) { return std::tuple(row.name, row.arity); };
  std::sort(rows.begin(), rows.end(), [&](const Native& a, const Native& b) { return key(a) < key(b); });
  const auto twice =
      std::adjacent_find(rows.begin(), rows.end(), [&](const Native& a, const Native& b) { return key(a) == key(b); });
  CAIRN_ASSERT(twice == rows.end(), "two natives have one name and arity");
  return rows;
}

}  // namespace

std::span<const Native> natives() {
  static const std::vector<Native> table = all_rows();
  return table;
}

}  // namespace cairn::jq
