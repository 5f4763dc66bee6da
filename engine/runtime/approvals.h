#pragma once
// Approvals of a log: which are open, how one stands, and the links by which they are answered.

#include "engine/log/event_log.h"
#include "engine/machine/approval.h"
#include "engine/machine/state.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

/// What one of those who are asked gets. Whoever has the token may answer.
struct ApprovalLink {
  std::string assignee;  ///< empty: nobody is named, and anybody may answer
  std::string token;
};
/// One for each who is asked by an open approval.
std::vector<ApprovalLink> approval_links(const Hash256& key, const RunState& state, const Frame& approval);
/// [{assignee, token, path}]; of `only` alone, when it is a list of names. A link's path is that of the server.
Value links_view(const std::vector<ApprovalLink>& links, const Value& only = {});

/// Calls `visit` with each open approval and the state of its run, oldest runs of a task first. Cost: the open ones.
Result<void> each_open_approval(const EventLog& log,
                                const std::function<bool(const RunState& state, const Frame& approval)>& visit);

/// How an approval stands, or stood in the end.
struct ApprovalStanding {
  enum class State : std::uint8_t {
    open,
    approved,
    rejected,
    expired,    ///< its deadline came
    withdrawn,  ///< its task ended without an answer: it was cancelled, or failed
  };
  State state = State::open;
  std::string task;
  Value request;
  Timestamp requested_at;
  std::optional<Timestamp> closed_at;
  std::string by;
  Value answer;
};
std::string_view name_of(ApprovalStanding::State state);
/// From the records of its run. not_found: there is no such run, or no such approval.
Result<ApprovalStanding> approval_standing(const EventLog& log, const RunId& run, EventSeq approval);
/// "alice approved it at 2030-…": why a closed one takes no answer.
std::string closed_sentence(const ApprovalStanding& standing);

}  // namespace cairn
