#pragma once
// All findings about one definition.

#include "workflows/definition/origins.h"
#include "workflows/definition/place.h"
#include "workflows/source/position.h"

#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace cairn {

/// Orders by place in the text; findings of one place keep their order.
void order_by_position(std::vector<Diagnostic>& diagnostics);

/// Collects; a finding that is there already (a policy checked at each of its uses) is not added again. After
/// k_most_errors, further errors are only counted.
class Findings {
 public:
  /// At the value.
  void error(const Place& place, std::string message, std::string hint = {});
  /// At the value's key, for what is wrong with its being there at all.
  void error_at_key(const Place& place, std::string message, std::string hint = {});
  /// `source`: the URI of the document, as Origin::uri has it.
  void error_at(SourcePosition position, std::string pointer, std::string message, std::string hint = {},
                std::string source = {});
  /// At byte `offset` of the string at `place`.
  void error_in(const Place& place, std::size_t offset, std::string message, std::string hint = {});
  void warning(const Place& place, std::string message);

  /// The documents that places are in.
  Origins& origins() { return origins_; }
  [[nodiscard]] const Origins& origins() const { return origins_; }

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  /// False once more errors would not be kept: time to stop looking for suggestions.
  [[nodiscard]] bool wants_more() const;
  /// Ordered by position.
  [[nodiscard]] std::vector<Diagnostic> take();

 private:
  void add(Diagnostic diagnostic);

  Origins origins_;

  std::vector<Diagnostic> list_;
  std::set<std::tuple<std::string, SourcePosition, std::string>> seen_;
  std::size_t errors_ = 0;
};

}  // namespace cairn
