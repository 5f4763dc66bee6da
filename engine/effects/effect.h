#pragma once
// Effects: what a task asks of the outside world, and what came of it. connectors/ implements Connector, one folder
// each.

#include "workflows/core/time.h"
#include "workflows/program/problem.h"
#include "workflows/value/value.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn {

/// The raw result a task gets as its output before `output.as`, or the problem it raises (instance is filled in by the
/// machine). Must not hold what was secret in the request: connectors redact what they echo (e.g.
/// response.request.headers).
using EffectOutcome = std::variant<Value, Problem>;

/// One execution of an effect. The same request may come again after a crash, under the same idempotency key.
struct EffectRequest {
  std::string connector;  ///< "http", "openapi", "shell", "script"
  Value arguments;  ///< evaluated, secrets included: never log it. Members: EffectBody in workflows/program/program.h
  std::string idempotency_key;  ///< stable for one visit of the task, whatever the attempt
  std::string run_id;           ///< for messages and traces
  std::string task;             ///< the task's reference, for messages
  /// Texts of the secrets that the arguments may hold. Whoever encodes what came back (base 64) searches it for them
  /// before; everything else is searched when it is reported.
  std::vector<std::string> confidential;
  /// The arguments once more, with `authorization` ({scheme, parameter}) as $authorization: for who has to fetch a token
  /// first. Empty when they do not read it. On the connector's thread, not after the effect has ended.
  std::function<EffectOutcome(const Value& authorization)> with_authorization;
};

/// Where an effect reports. Both functions may be called from any thread, `done` exactly once unless cancelled first.
struct EffectObserver {
  std::function<void(EffectOutcome)> done;
  /// Live output while it runs: stream is "stdout" or "stderr". May be empty. Never recorded.
  std::function<void(std::string_view stream, std::string_view text)> progress;
};

/// An effect under way. Destroying it cancels: the request is aborted or the process group killed; `done` is not called
/// after the destructor returns.
class RunningEffect {
 public:
  virtual ~RunningEffect() = default;
};

/// One kind of effect. Started on the runtime's thread; lives as long as the process.
class Connector {
 public:
  virtual ~Connector() = default;
  /// Starts; never blocks and never throws. Bad arguments are reported through done as a Problem like any failure.
  /// `done` is never called before start returns.
  virtual std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) = 0;
};

}  // namespace cairn
