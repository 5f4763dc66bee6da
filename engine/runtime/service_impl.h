#pragma once
// The inside of Service. Private to engine/runtime: service.cpp (the door), service_start.cpp, service_follow.cpp,
// service_read.cpp, service_limits.cpp, service_why.cpp, service_faults.cpp, service_retry.cpp, service_prune.cpp, service_schedules.cpp,
// service_check.cpp, service_bus.cpp, service_lifecycle.cpp, service_approvals.cpp (one group of ops each), service_worker.h (long ones), service_views.h (what messages look like).

#include "engine/runtime/service.h"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace cairn {

/// A member of a request with the type it must have.
Result<std::string> required_text(const Value& request, std::string_view name);
Result<std::string> optional_text(const Value& request, std::string_view name);
Result<std::optional<std::uint64_t>> optional_count(const Value& request, std::string_view name);

/// `secrets`, an object; empty when there is none.
Result<Value> secrets_of(const Value& request);
/// What `name` holds: texts; none when it is not there.
Result<std::vector<std::string>> optional_texts(const Value& request, std::string_view name);

/// `events`, each a CloudEvent.
Result<std::vector<Value>> events_of(const Value& request);
/// {events: [{position, existing, source, id}]}
Value published_view(const std::vector<Value>& events, const std::vector<PublishedEvent>& places);

/// What a full id, a unique prefix or "last" names.
Result<RunId> resolve_run(const EventLog& log, std::string_view name);

struct Service::Impl {
  Impl(boost::asio::io_context& io_context, Engine& the_engine, Clock& the_clock)
      : io(io_context), engine(the_engine), clock(the_clock) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  using Opened = Result<std::unique_ptr<Exchange>>;

  // service_start.cpp
  Opened start(const Value& request, const Answer& answer);
  Opened resume(const Value& request, const Answer& answer);
  // service_follow.cpp
  Opened follow(const Value& request, const Answer& answer);
  Opened events(const Value& request, const Answer& answer);
  Opened follow_runs(std::vector<RunId> runs, const Value& mode, EventSeq from, const Answer& answer);
  // service_read.cpp
  Result<Value> runs(const Value& request) const;
  Result<Value> show(const Value& request) const;
  Result<Value> replay(const Value& request) const;
  Result<Value> graph(const Value& request) const;
  Result<Value> command(const Value& request);
  // service_limits.cpp
  Result<Value> priority(const Value& request);
  Result<Value> limits(const Value& request);
  // service_why.cpp
  Result<Value> why(const Value& request) const;
  Opened doctor(const Answer& answer);
  // service_faults.cpp
  Opened faults(const Value& request, const Answer& answer);
  // service_retry.cpp
  Opened retry(const Value& request, const Answer& answer);
  // service_prune.cpp
  Opened prune(const Value& request, const Answer& answer);
  // service_bus.cpp
  Opened send(const Value& request, const Answer& answer);
  Opened bus(const Value& request, const Answer& answer);
  // service_lifecycle.cpp
  Opened lifecycle(const Value& request, const Answer& answer);
  Result<Value> sinks() const;
  // service_approvals.cpp
  Result<Value> approvals(const Value& request) const;
  Result<Value> approval(const Value& request) const;
  Result<Value> approve(const Value& request);
  // service_schedules.cpp
  Result<Value> schedules();
  Opened schedule(const Value& request, const Answer& answer);
  // service_check.cpp
  Opened verify(const Answer& answer);
  Opened back_up(const Value& request, const Answer& answer);
  Opened verify_replay(const Value& request, const Answer& answer);

  Result<DefinitionText> definition_of(const std::string& text);
  [[nodiscard]] const EventLog& log() const { return engine.log(); }

  std::function<bool()> asked_for_handover;
  boost::asio::io_context& io;
  Engine& engine;
  Clock& clock;
  std::map<Hash256, std::shared_ptr<const Program>> programs;  ///< remembered
  /// A check that takes long, on a thread of its own.
  struct Worker {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };
  std::vector<Worker> workers;
};

}  // namespace cairn
