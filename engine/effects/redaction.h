#pragma once
// The last line of defence for secrets: what comes back from the outside is searched for their values.

#include "engine/effects/effect.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Shorter texts are not searched for: they would be found everywhere.
inline constexpr std::size_t k_min_secret_length = 4;

/// All texts of `value`, at any depth, numbers too.
std::vector<std::string> texts_of(const Value& value);

/// Puts a mark in place of certain texts, in the ways they come back: as they are, escaped as in JSON (once or twice),
/// percent-encoded (as in a path or a form, too), in base 64 (within that of a longer text, too), and of a text of several
/// lines each long line. Immutable.
class Redactor {
 public:
  /// Searches for nothing.
  Redactor() = default;
  Redactor(const std::vector<std::string>& texts, std::string_view mark);

  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] std::string text(std::string text) const;
  /// In strings and names of members; a number that is a secret becomes the mark.
  [[nodiscard]] Value value(const Value& value) const;
  /// The instance of a problem stays.
  [[nodiscard]] EffectOutcome outcome(EffectOutcome outcome) const;

 private:
  friend class RedactedStream;
  std::vector<std::string> found_;  // longest first, so that one that contains another goes whole
  std::string mark_;
};

/// A text that comes in pieces, which may cut through a secret.
class RedactedStream {
 public:
  /// Copies `redactor`.
  explicit RedactedStream(Redactor redactor) : redactor_(std::move(redactor)) {}

  /// What may be shown now. What might be the beginning of a secret is held back.
  [[nodiscard]] std::string append(std::string_view piece);
  /// What is left at the end.
  [[nodiscard]] std::string finish();

 private:
  Redactor redactor_;
  std::string held_;
};

}  // namespace cairn
