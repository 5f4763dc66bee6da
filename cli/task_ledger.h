#pragma once
// TaskLedger: which tasks of a run are open, from the messages about its events. For displays.

#include "workflows/core/time.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct OpenTask {
  std::uint64_t frame = 0;
  std::uint64_t parent = 0;
  std::string reference;
  std::string label;  ///< names from the outermost in: "lookUp › getCompany", loops with their index: "each[2] › add"
  std::string kind;
  Timestamp started_at;
  std::uint32_t attempts = 1;
  std::optional<std::uint64_t> iteration;
  std::string doing;         ///< what it is at: "waits until …", "GET https://…"
  std::size_t children = 0;  ///< open ones
};

/// A task that has ended, or was skipped.
struct EndedTask {
  OpenTask task;
  std::string status;  ///< completed, faulted, cancelled, skipped
  std::int64_t took_ms = 0;
  std::string gist;
};

class TaskLedger {
 public:
  /// Takes in an EVENT of service.h; what ended by it, if anything did.
  std::optional<EndedTask> add(const Value& event);
  [[nodiscard]] const std::map<std::uint64_t, OpenTask>& open() const { return open_; }
  [[nodiscard]] const OpenTask* find(std::uint64_t frame) const;

 private:
  std::optional<EndedTask> end(std::uint64_t frame, const std::string& status, Timestamp at, const std::string& gist);

  std::map<std::uint64_t, OpenTask> open_;  // by frame
};

}  // namespace cairn
