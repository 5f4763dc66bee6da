#pragma once
// What is known to differ between libjq 1.6 and jq 1.8: tests/differential/differences.md.

#include "tests/differential/outcome.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn::differential {

/// A program, as small as it could be made, and what both did.
struct Difference {
  std::string program;
  std::string input;
  Outcome ours;
  Outcome theirs;
};

class KnownDifferences {
 public:
  /// Reads the list; fails the process when it is not as differences.md itself says.
  explicit KnownDifferences(const std::string& file);
  ~KnownDifferences();
  KnownDifferences(const KnownDifferences&) = delete;
  KnownDifferences& operator=(const KnownDifferences&) = delete;

  /// The name of the first entry that explains `difference`; empty when none does.
  [[nodiscard]] std::string name_of(const Difference& difference) const;

 private:
  struct Entry;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace cairn::differential
