#pragma once
// Service: what one process does for commands, its own and those of other terminals, as messages of data.
//
// A request is an object with `op`; the answer is a stream of objects, the last one flagged. The owner's socket carries the same
// messages as lines of JSON (socket.h), so that every command works the same with and without an owner beside it.
//
//   op        members of the request                                   answers
//   start     definition, with: [text], input, key?, priority?,        {run, existing}
//             secrets: {}                                              with `follow: true` then as follow
//   resume    run? (all open ones when absent), secrets: {}            {runs: [id]}; with `follow: true` then as follow, of all
//   follow    run, from?                                               {event: EVENT}*, {output: {task, stream, text}}*, {end: RUN}
//   runs      status?, workflow?, since?, limit?                       {runs: [SUMMARY]}
//   show      run                                                      {run: RUN}
//   events    run, from?, follow?                                      {event: EVENT}*, {}
//   replay    run, at?, verify?                                        {state: …} or {verified: n} or {divergence: {at, message}}
//   command   run, command: cancel|suspend|continue, reason?           {run: id}
//   graph     run                                                      {definition: text, marks: {reference: {…}}}
//   verify                                                             {report: …}
//   Errors:   {error: {code, message, where, remedy}}, last.
//   EVENT     {number, time, type, task, gist, data}
//   SUMMARY   {id, status, workflow: {namespace, name, version}, priority, key, startedAt, updatedAt, endedAt, events}
//   RUN       SUMMARY + {input, output, error, tasks: […], tasksLeftOut, waitingFor: [text]}
//   `run` is a full id, a unique prefix, or "last".

#include "engine/runtime/engine.h"

#include <functional>
#include <memory>

namespace cairn {

/// Gets each answer; `last` closes the stream. Called on the engine's thread.
using Answer = std::function<void(Value message, bool last)>;

/// A request under way; destroying it stops its answers (not the run it started).
class Exchange {
 public:
  virtual ~Exchange() = default;
};

class Service {
 public:
  /// `engine` outlives the service.
  Service(Engine& engine, Clock& clock);
  ~Service();
  /// Handles one request. Answers may come before this returns, and afterwards until the exchange is destroyed.
  std::unique_ptr<Exchange> handle(const Value& request, Answer answer);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cairn
