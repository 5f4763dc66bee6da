// Ops that set runs going: start and resume.

#include "engine/runtime/service_impl.h"
#include "workflows/core/sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

class Answered final : public Exchange {};

/// A start on its way to the log; then, if asked for, the stream of its run.
class StartExchange final : public Exchange {
 public:
  /// Goes with the exchange: the engine's answer may come later than that.
  struct State : std::enable_shared_from_this<State> {
    State(Service::Impl& the_service, Value the_mode, Answer the_answer, std::vector<Value> the_events)
        : service(the_service),
          mode(std::move(the_mode)),
          answer(std::move(the_answer)),
          events(std::move(the_events)) {}
    Service::Impl& service;
    Value mode;  ///< `follow` of the request
    Answer answer;
    std::vector<Value> events;  ///< to be published when the run has begun
    std::unique_ptr<Exchange> stream;

    void tell(const Result<Started>& started) {
      if (!started) {
        answer(error_message(started.error()), true);
        return;
      }
      const auto& [run, existing] = started.value();
      const bool last = !mode.truthy() && events.empty();
      answer(Value::object({{"run", Value::string(run.to_string())}, {"existing", Value::boolean(existing)}}), last);
      if (last) return;
      if (!events.empty()) return publish(run);
      follow(run);
    }

    void publish(const RunId& run) {
      service.engine.publish(events, [wanted = weak_from_this(), run](const auto& places) {
        const auto self = wanted.lock();
        if (self == nullptr) return;
        const bool last = !self->mode.truthy() || !places;
        self->answer(places ? published_view(self->events, places.value()) : error_message(places.error()), last);
        if (!last) self->follow(run);
      });
    }

    void follow(const RunId& run) {
      auto opened = service.follow_runs({run}, mode, EventSeq{1}, answer);
      if (opened) {
        stream = std::move(opened.value());
      } else {
        answer(error_message(opened.error()), true);
      }
    }
  };

  explicit StartExchange(std::shared_ptr<State> state) : state_(std::move(state)) {}
  void more() override {
    if (state_->stream != nullptr) state_->stream->more();
  }

 private:
  std::shared_ptr<State> state_;
};

/// What `run` or `runs` of a request name; nothing: all that are open.
Result<std::vector<std::string>> runs_named(const Value& request, const std::string& run) {
  std::vector<std::string> names;
  if (!run.empty()) names.push_back(run);
  if (const Value* runs = request.find("runs")) {
    if (!runs->is_array())
      return make_error(ErrorCode::invalid_usage, "member 'runs' of the request must be an array of ids");
    for (const auto& name : runs->as_array()) {
      if (!name.is_string())
        return make_error(ErrorCode::invalid_usage, "member 'runs' of the request must be an array of ids");
      names.push_back(name.as_string());
    }
  }
  return names;
}

Value ids_of(const std::vector<RunId>& runs) {
  Array ids;
  for (const auto& run : runs) ids.push_back(Value::string(run.to_string()));
  return Value::array(std::move(ids));
}

}  // namespace

Result<Value> secrets_of(const Value& request) {
  const Value secrets = request.get("secrets");
  if (secrets.is_null()) return Value::object(std::vector<Member>{});
  if (!secrets.is_object())
    return make_error(ErrorCode::invalid_usage, "member 'secrets' of the request must be an object");
  return secrets;
}

Result<DefinitionText> Service::Impl::definition_of(const std::string& text) {
  if (const auto it = programs.find(sha256(text)); it != programs.end()) return DefinitionText{text, it->second};
  LoadedDefinition loaded = load_definition(text);
  if (!loaded.ok()) {
    return make_error(ErrorCode::invalid_definition, "\n" + format_diagnostics(loaded.diagnostics, text, "definition"));
  }
  return DefinitionText{text, std::move(loaded.program)};
}

Service::Impl::Opened Service::Impl::start(const Value& request, const Answer& answer) {
  StartOptions options;
  CAIRN_TRY(const auto text, required_text(request, "definition"));
  CAIRN_TRY(options.workflow, definition_of(text));
  if (const Value* with = request.find("with")) {
    if (!with->is_array())
      return make_error(ErrorCode::invalid_usage, "member 'with' of the request must be an array of texts");
    for (const auto& further : with->as_array()) {
      if (!further.is_string())
        return make_error(ErrorCode::invalid_usage, "member 'with' of the request must be an array of texts");
      CAIRN_TRY(auto definition, definition_of(further.as_string()));
      options.with.push_back(std::move(definition));
    }
  }
  options.input = request.get("input");
  CAIRN_TRY(options.key, optional_text(request, "key"));
  CAIRN_TRY(const auto priority, optional_count(request, "priority"));
  if (priority.value_or(0) > 9) return make_error(ErrorCode::invalid_usage, "a priority is a number from 0 to 9");
  if (priority) options.priority = static_cast<std::uint8_t>(*priority);
  CAIRN_TRY(options.secrets, secrets_of(request));
  CAIRN_TRY(engine.check_secrets(*options.workflow.program, options.secrets, "the definition",
                                 options.workflow.program->identity.to_string()));
  options.metadata = request.get("metadata");
  if (!options.metadata.is_null() && !options.metadata.is_object()) {
    return make_error(ErrorCode::invalid_usage, "member 'metadata' of the request must be an object");
  }
  CAIRN_TRY(auto events, events_of(request));
  auto state = std::make_shared<StartExchange::State>(*this, request.get("follow"), answer, std::move(events));
  engine.start(std::move(options), [waiting = std::weak_ptr(state)](const Result<Started>& started) {
    if (const auto exchange = waiting.lock()) exchange->tell(started);
  });
  return std::make_unique<StartExchange>(std::move(state));
}

Service::Impl::Opened Service::Impl::resume(const Value& request, const Answer& answer) {
  CAIRN_TRY(const auto secrets, secrets_of(request));
  CAIRN_TRY(const auto name, optional_text(request, "run"));
  std::vector<RunId> resumed;
  std::vector<RunId> suspended;
  Array refused;
  CAIRN_TRY(const auto named, runs_named(request, name));
  // All are taken on: those that only wait are not loaded for it.
  if (named.empty() && !engine.recovers()) engine.recover(secrets, {});
  for (const auto& wanted : named) {
    CAIRN_TRY(const auto run, resolve_run(log(), wanted));
    CAIRN_TRY(engine.resume(run, secrets));
    CAIRN_TRY(const auto summary, log().summary(run));
    if (summary && summary->status == RunStatus::suspended) suspended.push_back(run);
    resumed.push_back(run);
  }
  if (named.empty()) {
    std::vector<RunSummary> open;
    CAIRN_TRY(log().each_open_run([&](const RunSummary& summary) {
      open.push_back(summary);
      return true;
    }));
    for (const auto& summary : open) {
      // A suspended run goes on when its operator says so; resuming all is no such word.
      if (summary.status == RunStatus::suspended) {
        suspended.push_back(summary.id);
        continue;
      }
      if (auto done = engine.resume(summary.id, secrets); !done) {
        refused.push_back(Value::object(
            {{"run", Value::string(summary.id.to_string())}, {"error", error_message(done.error()).get("error")}}));
        continue;
      }
      // The result of a child is its parent's affair.
      if (summary.parent.is_nil() && !summary.ended_at) resumed.push_back(summary.id);
    }
  }
  const Value mode = request.get("follow");
  const bool over = !mode.truthy() || resumed.empty();
  answer(
      Value::object(
          {{"runs", ids_of(resumed)}, {"suspended", ids_of(suspended)}, {"refused", Value::array(std::move(refused))}}),
      over);
  if (over) return std::make_unique<Answered>();
  return follow_runs(std::move(resumed), mode, EventSeq{1}, answer);
}

}  // namespace cairn
