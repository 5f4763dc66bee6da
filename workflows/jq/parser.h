#pragma once
// Tokens → syntax tree, by the grammar of jq 1.8. What reaches outside the expression (modules) is refused here, by
// name.

#include "workflows/jq/problem.h"
#include "workflows/jq/syntax.h"

#include <memory>
#include <string_view>
#include <vector>

namespace cairn::jq {

/// Parses one expression; the tree's root is set.
Compiled<std::unique_ptr<syntax::Tree>> parse(std::string_view text);

/// Definitions only, as the prelude has them; the tree's definitions hold these and the ones inside them, `outer`
/// these.
struct Library {
  std::unique_ptr<syntax::Tree> tree;
  std::vector<const syntax::Definition*> outer;
};
Compiled<Library> parse_library(std::string_view text);

}  // namespace cairn::jq
