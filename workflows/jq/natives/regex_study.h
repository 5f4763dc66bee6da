#pragma once
// A pattern read for what it may cost, and written again with checkpoints.

#include <string>
#include <string_view>

namespace cairn::jq::native {

struct StudiedPattern {
  bool loops = false;        ///< has a repetition; without one, a try at a place costs no more than the pattern is long
  unsigned lookarounds = 0;  ///< look-ahead and look-behind within one another: each may run over the text again
  bool back_references = false;  ///< may compare long parts of the text in one step
  bool understood = true;  ///< false: uses what is not rewritten (\Q, conditions, extended syntax switched on inside …)
  /// The pattern with `(?{t})`, a callout, in the body of each repetition: it matches the same, and is counted. Of use
  /// only when the pattern was understood.
  std::string with_checkpoints;
};

/// `extended`: blanks and comments in the pattern mean nothing.
StudiedPattern study(std::string_view pattern, bool extended);

}  // namespace cairn::jq::native
