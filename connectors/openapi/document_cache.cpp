#include "connectors/openapi/document_cache.h"

#include <algorithm>
#include <utility>

namespace cairn {

std::optional<OpenApiDocument> DocumentCache::find(const std::string& key, Clock::time_point now) const {
  const auto found = entries_.find(key);
  if (found == entries_.end() || now - found->second.fetched >= k_lifetime) return std::nullopt;
  return found->second.document;
}

void DocumentCache::put(const std::string& key, OpenApiDocument document, Clock::time_point now) {
  if (entries_.size() >= k_most_documents && !entries_.contains(key)) {
    entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                    [](const auto& a, const auto& b) { return a.second.fetched < b.second.fetched; }));
  }
  entries_.insert_or_assign(key, Entry{std::move(document), now});
}

}  // namespace cairn
