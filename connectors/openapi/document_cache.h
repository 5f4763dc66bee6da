#pragma once
// Documents fetched a moment ago, so that a workflow of many calls fetches its description once.

#include "connectors/openapi/document.h"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace cairn {

/// One thread at a time. Files are not for this cache: they are cheap to read and edited by hand.
class DocumentCache {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::minutes k_lifetime{5};
  static constexpr std::size_t k_most_documents = 32;

  [[nodiscard]] std::optional<OpenApiDocument> find(const std::string& key, Clock::time_point now) const;
  /// Puts `document` in, in place of the oldest when full.
  void put(const std::string& key, OpenApiDocument document, Clock::time_point now);

 private:
  struct Entry {
    OpenApiDocument document;
    Clock::time_point fetched;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace cairn
