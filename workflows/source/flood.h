#pragma once
// Flow collections ([…], {…}) that would cost too much to hand to the parser, found by a look at the bytes.

#include <cstddef>
#include <optional>
#include <string_view>

namespace cairn {

struct Flood {
  enum class Kind { depth, count };
  Kind kind = Kind::depth;
  std::size_t offset = 0;  ///< where the limit is passed
};

/// yaml-cpp queues every token of an open flow collection before it reports the first. Of a text whose flow collections
/// surely nest deeper than `depth` or hold more than `nodes` values, this says so beforehand; whatever it lets pass the
/// tree builder counts exactly. Quotes, comments and block scalars are skipped, so that brackets in text do not count.
struct FlowScan {
  std::optional<Flood> flood;
  /// A bracket or quote that is not closed, or by the wrong bracket: the likely cause when the parser is lost.
  std::optional<std::size_t> unclosed;
};
FlowScan scan_flow(std::string_view text, std::size_t depth, std::size_t nodes);

}  // namespace cairn
