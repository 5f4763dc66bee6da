#include "cli/real_calls.h"

#include "cli/definitions.h"
#include "connectors/registry/registry.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <map>
#include <memory>
#include <optional>

namespace cairn {
namespace {

/// Members are destroyed from the last to the first.
struct Outside {
  boost::asio::io_context io;
  std::map<std::string, std::unique_ptr<Connector>> connectors;
};

EffectOutcome call(Outside& outside, EffectRequest request) {
  const auto connector = outside.connectors.find(request.connector);
  if (connector == outside.connectors.end()) {
    return make_problem(StandardError::configuration, "No such connector",
                        "this process has no connector '" + request.connector + "'");
  }
  std::optional<EffectOutcome> outcome;
  EffectObserver observer;
  observer.done = [&](EffectOutcome result) {
    boost::asio::post(outside.io, [&outcome, result = std::move(result)]() mutable { outcome = std::move(result); });
  };
  const auto running = connector->second->start(std::move(request), std::move(observer));
  const auto guard = boost::asio::make_work_guard(outside.io);
  outside.io.restart();
  while (!outcome) outside.io.run_one();
  return *std::move(outcome);
}

}  // namespace

authoring::RealCalls real_calls(const Settings& settings) {
  ConnectorOptions options;
  options.http = http_options(settings);
  auto outside = std::make_shared<std::unique_ptr<Outside>>();
  return [outside, options](EffectRequest request) {
    if (*outside == nullptr) {
      *outside = std::make_unique<Outside>();
      (*outside)->connectors = make_connectors((*outside)->io.get_executor(), options);
    }
    return call(**outside, std::move(request));
  };
}

}  // namespace cairn
