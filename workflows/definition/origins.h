#pragma once
// The documents of one definition: its own, and those of the functions that it takes from outside.

#include "workflows/definition/place.h"
#include "workflows/source/source.h"
#include "workflows/value/value.h"

#include <map>
#include <string>
#include <utility>

namespace cairn {

struct Origin {
  const SourceDocument* document = nullptr;
  std::string uri;       ///< empty: the definition itself
  Value authentication;  ///< with which it was fetched, for what lies beside it
  std::string catalog;   ///< the catalog it came from, as the definition names it; empty: none
};

class Origins {
 public:
  /// `origin.document` must outlive this.
  void add(Origin origin) {
    const SourceNode* root = &origin.document->root();
    by_root_.insert_or_assign(root, std::move(origin));
  }

  /// The document that a place is in. Its topmost place must be in one that was added.
  [[nodiscard]] const Origin& of(const Place& place) const {
    static const Origin k_none;
    for (const Place* at = &place; at != nullptr; at = at->up) {
      if (const auto found = by_root_.find(at->node); found != by_root_.end()) return found->second;
    }
    return k_none;
  }

 private:
  std::map<const SourceNode*, Origin> by_root_;
};

}  // namespace cairn
