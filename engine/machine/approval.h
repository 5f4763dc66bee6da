#pragma once
// Approvals: what `call: human.approve` asks of people, and what may become of it. Pure.
//
// An approval is a visit of such a task, and named by its frame. It is open until it is answered, its deadline comes, or its
// task ends otherwise. What is asked is ApprovalRequested::request, an object:
//   {title, text, assignees: [NAME], form?: SCHEMA, deadline?: TIME, onDeadline: fault|approve|reject,
//    reminder?: {after?: DURATION, every?: DURATION}, escalation?: {after: DURATION, assignees: [NAME]}}

#include "engine/machine/machine.h"
#include "workflows/core/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// People who are asked by one approval, those that it escalates to included.
inline constexpr std::size_t k_assignees = 100;
inline constexpr std::size_t k_assignee_bytes = 256;
/// Reminders of one approval: after these there are no more.
inline constexpr std::uint64_t k_reminders = 1'000;
inline constexpr std::int64_t k_least_reminder_ms = 1'000;

/// Types of the events that tell of approvals begin with this: requested, reminded, escalated, answered, expired.
inline constexpr std::string_view k_approval_events = "io.cairn.approval.";

/// The request, from the task's arguments as they were evaluated. A problem names what is malformed.
Fallible<Value> approval_request(const Value& arguments, const std::string& task_name, Timestamp now);

/// Who is asked: the assignees, then those that it has escalated to.
std::vector<std::string> asked_by(const Approval& approval);

/// The row by which the log's index of listeners finds open approvals. No event has this type.
inline constexpr std::string_view k_approval_listener = "io.cairn.approval";
Subscription approval_subscription(const Frame& frame);
bool is_open(const Frame& frame);

/// When nobody may answer any more, as things are.
std::optional<Timestamp> deadline_of(const RunState& state, EventSeq approval);

/// Why an answer cannot be: conflict, or invalid_input when it does not match the form ("/amount: …"). Nothing: it can.
std::optional<Error> refusal_of(const Machine& machine, const RunState& state, const AnswerApproval& answer,
                                Timestamp now);

}  // namespace cairn
