#include "connectors/process/script_connector.h"

#include "connectors/http/http_client.h"
#include "connectors/http/pending_effect.h"
#include "connectors/http/resource.h"
#include "connectors/process/process_call.h"
#include "connectors/process/script_files.h"

#include <boost/asio/any_io_executor.hpp>
#include <fmt/format.h>

#include <utility>

namespace cairn {

namespace {

/// A script that is ready but for its code.
struct ScriptCall {
  const ScriptLanguage* language = nullptr;
  std::string interpreter;
  ProcessCall process;
};

OrProblem<ScriptCall> read_script_call(const EffectRequest& request) {
  ScriptCall call;
  const Value language = request.arguments.get("language");
  if (!language.is_string()) return invalid_argument("'language' of a script is a string");
  CONNECTOR_TRY(call.language, find_language(language.as_string()));
  CONNECTOR_TRY(call.process, read_process_call(request));
  const auto interpreter = find_program(std::string(call.language->interpreter), call.process.environment);
  if (!interpreter) {
    return make_problem(StandardError::configuration, "Interpreter missing",
                        fmt::format("a script in {} is run by {}, which is not on the PATH. {}", call.language->name,
                                    call.language->interpreter, call.language->remedy));
  }
  call.interpreter = *interpreter;
  return call;
}

OrProblem<void> run_script(const boost::asio::any_io_executor& executor, const std::shared_ptr<OngoingEffect>& effect,
                           const ScriptCall& call, std::string_view code) {
  CONNECTOR_TRY(const auto files, ScriptFiles::write(*call.language, code));
  std::vector<std::string> arguments = {std::string(call.language->interpreter)};
  arguments.insert(arguments.end(), files->arguments().begin(), files->arguments().end());
  arguments.insert(arguments.end(), call.process.arguments.begin(), call.process.arguments.end());
  run_process(executor, effect, call.process, call.interpreter, std::move(arguments),
              fmt::format("the {} script", call.language->name), files);
  return boost::outcome_v2::success();
}

class ScriptConnector final : public Connector {
 public:
  explicit ScriptConnector(std::shared_ptr<HttpClient> client) : client_(std::move(client)) { ignore_broken_pipes(); }

  std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
    auto effect = std::make_shared<OngoingEffect>(std::move(observer));
    if (auto begun = begin(request, effect); !begun) {
      OngoingEffect::finish_later(client_->executor(), effect, begun.error());
    }
    return OngoingEffect::handle(effect);
  }

 private:
  OrProblem<void> begin(const EffectRequest& request, const std::shared_ptr<OngoingEffect>& effect) {
    CONNECTOR_TRY(auto call, read_script_call(request));
    const Value code = request.arguments.get("code");
    if (code.is_string()) return run_script(client_->executor(), effect, call, code.as_string());
    const Value endpoint = request.arguments.get("source").get("endpoint");
    if (!code.is_null() || endpoint.is_null())
      return invalid_argument("a script has either 'code' or a 'source' with an endpoint");
    auto run = [effect, call = std::move(call), executor = client_->executor()](const OrProblem<Resource>& source) {
      if (!source) return effect->finish(source.error());
      if (auto begun = run_script(executor, effect, call, source.value().text); !begun) effect->finish(begun.error());
    };
    effect->set_work(fetch_resource(*client_, endpoint, "the source of the script", std::move(run)));
    return boost::outcome_v2::success();
  }

  std::shared_ptr<HttpClient> client_;
};

}  // namespace

std::unique_ptr<Connector> make_script_connector(std::shared_ptr<HttpClient> client) {
  return std::make_unique<ScriptConnector>(std::move(client));
}

}  // namespace cairn
