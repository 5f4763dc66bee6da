#pragma once
// Process: one life of the engine, from its start on a log to its end or its crash.

#include "engine/runtime/engine.h"
#include "tests/simulation/outside.h"
#include "tests/simulation/pipeline.h"

#include <boost/asio/io_context.hpp>

#include <list>
#include <memory>
#include <optional>

namespace cairn::simulation {

struct Process {
  Process(EventLog& the_log, History& history, Trace& trace, Outside& outside, SimulatedTime& time, Random& random,
          Dice dice)
      : log(the_log),
        pipeline(the_log, history, trace, dice),
        engine(io, the_log, pipeline.committer(), outside.connectors(), time, random,
               std::make_unique<SimulatedAlarm>(time)) {}

  /// One handler; false: none is ready.
  bool poll() {
    io.restart();
    return io.poll_one() > 0;
  }

  EventLog& log;
  boost::asio::io_context io;
  Pipeline pipeline;
  Engine engine;
  /// Somebody who looks on at a run.
  struct Watch {
    RunId run;
    std::optional<EventSeq> next;  ///< to be told; nothing: whatever comes first
    bool began_before_end = false;
    bool told_of_end = false;
    std::unique_ptr<Observation> observation;
  };
  std::list<Watch> watches;
  std::size_t unanswered = 0;  ///< starts
};

}  // namespace cairn::simulation
