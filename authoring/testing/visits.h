#pragma once
// Visits of tasks, as a case's path shows them.

#include "engine/machine/event.h"
#include "engine/machine/machine.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace cairn::authoring {

/// One visit of a task, or that it was passed over.
struct Visit {
  enum class End { open, completed, faulted, cancelled, skipped };
  const Program* program = nullptr;
  std::string name;
  std::string reference;
  std::string kind;
  std::size_t depth = 0;   ///< tasks and workflows around it
  std::int64_t at_ms = 0;  ///< since the start
  End end = End::open;
  std::string remark;  ///< its output or error, in a few words
  std::uint32_t attempts = 1;
};

/// Writes down the visits of one run. Borrows both.
class VisitLog {
 public:
  /// `depth`: tasks and workflows around the run.
  VisitLog(std::vector<Visit>& into, const Machine& machine, std::size_t depth)
      : all_(into), machine_(machine), depth_(depth) {}

  /// Event number `number` of the run, `at_ms` after the case began.
  void note(EventSeq number, const Event& event, std::int64_t at_ms);
  /// Of what is done inside the visit `frame`.
  [[nodiscard]] std::size_t depth_inside(EventSeq frame) const;

 private:
  void open(const std::string& task, EventSeq parent, std::int64_t at_ms);
  void close(EventSeq frame, Visit::End end, std::string remark);

  std::vector<Visit>& all_;
  const Machine& machine_;
  std::size_t depth_;
  std::map<EventSeq, std::size_t> places_;  ///< of each frame
};

}  // namespace cairn::authoring
