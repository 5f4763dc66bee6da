#pragma once
// Compiled regular expressions (Oniguruma, Perl syntax with named groups), and searches that cannot run away.

#include "workflows/jq/native.h"
#include "workflows/jq/natives/regex_study.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq::native {

/// What the letters of a program's flags mean.
struct RegexFlags {
  bool global = false;
  unsigned options = 0;  ///< Oniguruma's
};
/// Nothing when a letter is none.
std::optional<RegexFlags> parse_flags(std::string_view letters);

/// Used by one thread, which keeps it in its cache.
class Regex {
 public:
  /// The compiled `pattern`: from this thread's cache, or compiled now. Fails with Oniguruma's complaint. An evaluation
  /// pays for compiling a pattern when it has not used it before, or so long ago that the cache may have lost it since:
  /// whatever other evaluations did, it pays the same.
  static Answer<std::shared_ptr<Regex>> get(Surroundings& s, const std::string& pattern, unsigned options);

  /// Oniguruma's complaint about `pattern`; empty when it has none.
  static std::string complaint(std::string_view pattern, unsigned options);

  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex();

  /// The name of each group (from the first); empty for those without.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  friend class Search;
  struct Compiled;  // Oniguruma's, out of this header
  Regex(const std::string& pattern, unsigned options, std::unique_ptr<Compiled> compiled);
  static Answer<std::shared_ptr<Regex>> compile(const std::string& pattern, unsigned options);
  /// The regular expression with checkpoints, compiled when it is first asked for; nullptr when there can be none.
  const Compiled* checked();

  const std::size_t pattern_size_;
  const unsigned options_;
  std::unique_ptr<Compiled> compiled_;
  std::unique_ptr<Compiled> checked_;
  bool checked_was_tried_ = false;
  StudiedPattern studied_;
  std::vector<std::string> names_;
};

/// Bytes of the text from `begin` to before `end`; `begin` -1 when a group took no part.
struct Group {
  int begin;
  int end;
};

/// Searches of one text.
///
/// The matcher can be held to a number of failures, but in between it may run over all of the text. On short texts this
/// is paid for in advance: failures times length. On longer ones the regular expression has a checkpoint in each
/// repetition, which pays as it goes. When the failures do not do, the search starts again with more, so that it costs
/// no more than a small multiple of the work.
class Search {
 public:
  Search(Surroundings& s, Regex& regex, std::string_view text);

  /// The first match at or after byte `start`: the whole and then each group; empty when there is none.
  Answer<std::vector<Group>> next(std::size_t start);

 private:
  Surroundings& s_;
  const Regex::Compiled* compiled_;
  std::string_view text_;
  std::uint64_t failure_cost_;     ///< in 64ths of a step
  std::uint64_t checkpoint_cost_;  ///< in steps
};

}  // namespace cairn::jq::native
