#pragma once
// A whole engine in this process (log on disk, committer on a thread of its own) under the load of clients that start a
// run, wait for its end and start the next.

#include "engine/log/rocks_log.h"
#include "engine/runtime/engine.h"
#include "tests/benchmarks/bench.h"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace cairn::bench {

class LoadedEngine {
 public:
  using MakeConnectors = std::function<Connectors(boost::asio::io_context&)>;
  explicit LoadedEngine(const MakeConnectors& make_connectors);
  LoadedEngine(const LoadedEngine&) = delete;
  LoadedEngine& operator=(const LoadedEngine&) = delete;
  ~LoadedEngine();

  struct Figures {
    double runs_per_s = 0;
    double p50_ms = 0;  ///< from start to told end
    double p99_ms = 0;
    double cpu_us = 0;  ///< processor time of all threads, a run; a busy machine disturbs it less than the others
  };
  /// `clients` at once for `seconds`, after a short while to warm up. Ends the process when a run does not complete.
  Figures load(const std::string& definition, const Value& input, std::size_t clients, double seconds);

 private:
  struct Clients;
  ScratchDirectory scratch_;
  boost::asio::io_context io_;
  std::unique_ptr<RocksLog> log_;
  std::unique_ptr<Engine> engine_;
};

/// What the store itself can do on this disk, now: records of `bytes`, `batch` of them in a synced write.
struct RawFigures {
  double records_per_s = 0;
  double p50_ms = 0;  ///< of one synced write
};
RawFigures write_raw(std::size_t bytes, std::size_t batch, double seconds);

}  // namespace cairn::bench
