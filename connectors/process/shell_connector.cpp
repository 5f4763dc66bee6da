#include "connectors/process/shell_connector.h"

#include "connectors/http/pending_effect.h"
#include "connectors/process/process_call.h"

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace cairn {

namespace {

OrProblem<std::string> command_of(const Value& arguments) {
  const Value command = arguments.get("command");
  if (!command.is_string()) return invalid_argument("'command' of a shell is a string");
  if (command.as_string().find('\0') != std::string::npos) return invalid_argument("the command holds a NUL character");
  return command.as_string();
}

class ShellConnector final : public Connector {
 public:
  explicit ShellConnector(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {
    ignore_broken_pipes();
  }

  std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
    auto effect = std::make_shared<OngoingEffect>(std::move(observer));
    if (auto started = run(request, effect); !started) OngoingEffect::finish_later(executor_, effect, started.error());
    return OngoingEffect::handle(effect);
  }

 private:
  OrProblem<void> run(const EffectRequest& request, const std::shared_ptr<OngoingEffect>& effect) {
    CONNECTOR_TRY(const auto command, command_of(request.arguments));
    CONNECTOR_TRY(const auto call, read_process_call(request));
    std::vector<std::string> arguments = {"sh", "-c", command, "sh"};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
    run_process(executor_, effect, call, "/bin/sh", std::move(arguments), "the shell command", nullptr);
    return boost::outcome_v2::success();
  }

  boost::asio::any_io_executor executor_;
};

}  // namespace

std::unique_ptr<Connector> make_shell_connector(const boost::asio::any_io_executor& executor) {
  return std::make_unique<ShellConnector>(executor);
}

}  // namespace cairn
