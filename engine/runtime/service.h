#pragma once
// Service: what one process does for commands, its own and those of other terminals, as messages of data.
//
// A request is an object with `op`; the answer is a stream of objects, the last one flagged. The owner's socket carries
// the same messages as lines of JSON (socket.h), so that every command works the same with and without an owner beside
// it.
//
// clang-format off
//   op       members of the request                                    answers
//   start    definition, with: [text], input, key?, priority?,         {run, existing}; with `follow` then as follow
//            secrets: {}, metadata?: {}, events: [CLOUDEVENT]?         {events: [PLACE]} of those, published when it has begun
//   resume   run? or runs: [run]?, secrets: {}                         {runs: [id], suspended: [id], refused: [{run, error}]};
//            (neither: all open ones but the suspended and those       with `follow` then as follow, of all
//            that others started)
//   follow   run, from?, follow?                                       {event: EVENT, run}*, {output: {task, stream, text}, run}*,
//                                                                      {end: RUN, run}
//   runs     status?, workflow?, since?, limit?, before? (a run),      {runs: [SUMMARY], next: run or null}: the next page is `before`
//            scan? (lines of the index to look at, at most)            that run; a page may be short, or empty, before the last
//   show     run                                                       {run: RUN}
//   events   run, from?, follow?                                       {event: EVENT, run}*, {}; with `follow` as follow
//   replay   run, at?, verify?                                         {state: STATE}, or {verified: n, run} or
//                                                                      {divergence: {at, message}, run}
//   command  run, command: cancel|suspend|continue, reason?            {run: id}
//   priority run, priority                                             {run: id, priority}
//   limits   connector?, effects?, concurrency?, rate?: {limit,        {limits: [{name, limit, used, waiting}], changed}
//            period, burst?}, lift? (of the connector)
//   graph    run                                                       {run, definition: text, marks: {reference: MARK}}
//   faults   workflow?, since?, all?, limit?                           {faults: [FAULT], left: n}; the most frequent first
//   retry    run, runs: [run]? or fault: cause; definition?,           {runs: [id], retried: [{run, as, existing}],
//            with: [text], secrets: {}                                 refused: [{run, error}]}; with `follow` then as follow
//   schedules                                                          {schedules: [SCHEDULE]}
//   schedule schedule, do: pause|continue|trigger|backfill,            {schedule: name, paused} or {schedule: name, run} or
//            from?, to?, dryRun?, secrets: {}                          {schedule: name, slots: [SLOT]}
//   prune    dryRun?, olderThan? (ms), keep?, workflow?                {progress: runs}*, {pruned: PRUNED}
//   send     events: [CLOUDEVENT]                                      {events: [PLACE]}
//   bus      after?, type?, source?, limit?, follow?                   {published: {position, time, event, run?}}*, {}; with
//                                                                      `follow` what comes later, too
//   lifecycle after?, run?, workflow?, types?: [text], limit?, follow?  {lifecycle: {position, run, event}}*, {gap: {from, through}}*, {}; with
//                                                                      `follow` what comes later, too
//   sinks                                                              {sinks: [SINK]}
//   approvals run?, assignee?                                          {approvals: [APPROVAL with its `links`]}: the open ones
//   approval token                                                     {approval: APPROVAL}, open or not
//   approve  token, approved: bool, answer?, by?, login? (who it is    {approval: APPROVAL, active}: durable, and the only answer
//            when nobody else says)
//   why      run                                                       {run: SUMMARY, reasons: [REASON]}
//   doctor                                                             {progress: runs}*, {doctor: FINDINGS}
//   verify                                                             {progress: records}*, {report: REPORT}
//   handover                                                           {handover: bool}: whether this process gives the data
//                                                                      directory to the one that asks, which serves
//   backup   directory                                                 {copied: bytes, of: bytes}*, {report: REPORT}
//   Errors: {error: {code, message, where, remedy}}, last.
//
//   EVENT    {number, time, type, task, gist, data}
//   SUMMARY  {id, status, workflow: {namespace, name, version}, priority, key, parent, retryOf, retriedBy, startedAt, updatedAt, endedAt, events,
//            active}; active: this process works on it
//   RUN      SUMMARY + {input, metadata? (of the environment it was started in), output, error, faultHandler, cancelReason, handlesFaultOf, tasks: [TASK], tasksLeftOut, waitingFor: [text]};
//            `end` leaves out the last four
//   TASK     {name, reference, kind, status, startedAt, endedAt, attempts, iteration?, error?, tasks}
//   MARK     {status, visits, attempts}: how the last visit stands, how many there were, the most attempts one took
//   STATE    SUMMARY as of that event + {event, of, time, input, data, context, output, error, position: [OPEN TASK],
//            pending: [text]}
//   REASON   {kind: owner|operator|timer|retry|effect|slot|child|event|approval|steps|nothing, task, since, due, what, release, wakes}: what
//            it waits for; wakes is false when nothing will end that
//   FINDINGS {open, reasons: {kind: runs that have such a reason}, stuck: [{run, workflow, reasons: [REASON]}], stuckLeftOut}
//   FAULT    {cause, runs, retried, firstAt, lastAt, example, workflow, error}: runs that nobody has retried (`retried`: those
//            that somebody has; with `all` both are in `runs`); `example` is the newest, `error` its problem. A cause may be
//            named by its first digits
//   SCHEDULE {workflow: {namespace, name, version}, schedule: text, timezone, catchup, state: hosted|paused|gone|waiting, next, last, run,
//            runStatus, refused, since (of paused, gone), overdue: slots, overdueSince, overdueMore, trouble}; waiting: no process
//            hosts it
//   SLOT     {slot, run, existing, error}
//   SINK     {sink, destination, state: delivering|retrying|held|waiting|gone, goneSince, feeds: [{feed: lifecycle|events, position, behind,
//            delivered, skipped, lastSkipped, missed, failures, error, since, retryAt}]}; waiting: no process hosts it
//   PRUNED   {runs, events, workflows: {name: runs}, dryRun, bytesBefore, bytesAfter}: the log's files
//   APPROVAL {run, approval, task, title, text, form, workflow, requestedAt, state: open|approved|rejected|expired|withdrawn,
//            assignee (whose token it is)}; open: + {assignees, deadline, onDeadline, reminders, escalated, suspended}; else
//            + {closedAt, by, answer}. links: [{assignee, token, path}]; an assignee that is null: anybody
//   PLACE    {position, existing, source, id}: where the event stands on the bus; existing: it was there before
//   REPORT   {runs, records, events, definitions, removed, damage: [{where, message}]}
//   `run` is a full id, a unique prefix, or "last": the newest that no other run started.
//   `follow` is true, or "end" for the {end} messages alone.
// clang-format on

#include "engine/runtime/engine.h"

#include <functional>
#include <memory>
#include <optional>

namespace cairn {

/// Gets each answer; `last` closes the stream. Called on the engine's thread; must not destroy its exchange.
using Answer = std::function<void(Value message, bool last)>;

/// A request under way; destroying it stops its answers (not the run it started).
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// Long answers come in pages: after one, nothing comes until this is called, so that a slow reader costs a page of
  /// memory. Call it when what has come is passed on; calling it more often is harmless. Answers may come before it
  /// returns.
  virtual void more() {}
};

/// An error as an answer, and the error in an answer, if it is one.
Value error_message(const Error& error);
std::optional<Error> error_in(const Value& message);

/// What a check of the log found, as REPORT.
Value report_view(const VerifyReport& report);

class Service {
 public:
  /// `io` is the engine's; `engine` outlives the service. Long checks run on threads of their own, which the destructor
  /// joins.
  Service(boost::asio::io_context& io, Engine& engine, Clock& clock);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Handles one request. Answers may come before this returns, and afterwards until the exchange is destroyed.
  std::unique_ptr<Exchange> handle(const Value& request, Answer answer);

  /// Spares compiling `definition` again when a request brings its text.
  void remember(const DefinitionText& definition);

  /// Who is asked (op `handover`) whether this process gives the data directory to one that serves: true when it will, soon.
  /// Without: it does not.
  void on_handover(std::function<bool()> asked);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn
