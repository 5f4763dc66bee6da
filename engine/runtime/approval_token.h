#pragma once
// Tokens of approvals: what a person holds who may answer. Not stored anywhere: made from the approval's name with the log's
// key, and checked the same way, so that nobody makes one without the log.
//
//   token := base 64 url (version:1 run:16 approval:8 assignee:2 mac:18)
//   mac   := the first bytes of HMAC-SHA256 (key, what stands before it)

#include "engine/machine/ids.h"
#include "workflows/core/error.h"
#include "workflows/core/sha256.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

/// What a token says: which approval, and which of those who are asked holds it.
struct ApprovalTicket {
  RunId run;
  EventSeq approval{};         ///< frame of the task
  std::uint16_t assignee = 0;  ///< place in asked_by() (engine/machine/approval.h); k_anybody when nobody is named
  static constexpr std::uint16_t k_anybody = 0xFFFF;
  friend bool operator==(const ApprovalTicket&, const ApprovalTicket&) = default;
};

std::string make_approval_token(const Hash256& key, const ApprovalTicket& ticket);
/// not_found: it was not made with this key. Takes the same time for every wrong token of the right length.
Result<ApprovalTicket> read_approval_token(const Hash256& key, std::string_view token);

}  // namespace cairn
