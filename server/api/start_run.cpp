// Starting runs: POST …/runs, with or without waiting for the end.

#include "server/api/api.h"
#include "server/api/input.h"
#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace cairn::server {
namespace {

/// The longest that an answer is held back for the end of a run.
constexpr std::uint64_t k_longest_wait_s = 300;
constexpr std::size_t k_key_bytes = 256;

Value links_of(const std::string& run) {
  const std::string self = "/v1/runs/" + run;
  return Value::object({{"self", Value::string(self)},
                        {"events", Value::string(self + "/events")},
                        {"why", Value::string(self + "/why")}});
}

void name_run(Response& response, const RunId& run) {
  const std::string id = run.to_string();
  response.add("Cairn-Run", id);
  response.add("Location", "/v1/runs/" + id);
}

Response accepted(const Started& started) {
  const std::string id = started.run.to_string();
  Response response = json_response(
      202, Value::object(
               {{"run", Value::string(id)}, {"existing", Value::boolean(started.existing)}, {"links", links_of(id)}}));
  name_run(response, started.run);
  return response;
}

/// The end of a run as an answer: its output, or its problem with the problem's status.
Response end_of(const RunId& run, RunStatus status, const Value& output, const Value& error) {
  constexpr std::int64_t k_first_failure = 400;
  constexpr std::int64_t k_last_failure = 599;
  Response response;
  if (status == RunStatus::completed) {
    response = json_response(200, output);
  } else if (status == RunStatus::cancelled) {
    response = problem(make_error(ErrorCode::conflict, "the run was cancelled"));
  } else {
    const Value given = error.get("status");
    const bool fits =
        given.kind() == Value::Kind::Int && given.as_int() >= k_first_failure && given.as_int() <= k_last_failure;
    response = json_response(fits ? static_cast<unsigned>(given.as_int()) : 500, error);
    response.fields.front().value = "application/problem+json";
  }
  name_run(response, run);
  return response;
}

/// A client that waits for the end of the run that it starts. Held by what it waits for; on the engine's thread.
class Waiting final : public std::enable_shared_from_this<Waiting> {
 public:
  Waiting(const Api& api, Reply reply, std::uint64_t seconds)
      : door_(api.door), room_(api.waiting), reply_(std::move(reply)), seconds_(seconds) {}

  void on_start(const Result<Started>& result) {
    if (!result) return answer(problem(result.error()));
    started_ = result.value();
    if (seconds_ == 0) return answer(accepted(started_));
    if (started_.existing) return look_up();
    RunObserver observer;
    observer.on_end = [self = shared_from_this()](const RunState& end) { self->on_end(end); };
    observer.on_stop = [self = shared_from_this()](const Error& error) { self->answer(problem(error)); };
    observation_ = door_.engine().observe(started_.run, std::move(observer));
    if (observation_ == nullptr) return look_up();
    if (!answered_) wait();
  }

 private:
  void on_end(const RunState& end) {
    answer(end_of(started_.run, status_of(end), end.output, end.problem ? end.problem->to_value() : Value::null()));
  }

  void wait() {
    ticket_ = room_->enter([self = shared_from_this()] { self->answer(accepted(self->started_)); });
    if (answered_) return;
    timer_.emplace(door_.io(), std::chrono::seconds(seconds_));
    timer_->async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled) self->answer(accepted(self->started_));
    });
  }

  /// A run that another request has started, perhaps long ago.
  void look_up() {
    wait();
    if (answered_) return;
    give_up_ = door_.ask_here(Value::object({{"op", Value::string("follow")},
                                             {"run", Value::string(started_.run.to_string())},
                                             {"follow", Value::string("end")}}),
                              [self = shared_from_this()](const Result<std::vector<Value>>& messages) {
                                if (!messages) return self->answer(problem(messages.error()));
                                const Value end = messages.value().back().get("end");
                                const Value status = end.get("status");
                                const auto read = parse_run_status(status.is_string() ? status.as_string() : "");
                                self->answer(end_of(self->started_.run, read.value_or(RunStatus::faulted),
                                                    end.get("output"), end.get("error")));
                              });
  }

  void answer(Response response) {
    if (std::exchange(answered_, true)) return;
    if (started_.existing) response.add("Cairn-Existing", "true");
    if (seconds_ > 0) response.add("Preference-Applied", fmt::format("wait={}", seconds_));
    reply_(std::move(response));
    timer_.reset();
    room_->exit(ticket_);
    if (give_up_) give_up_();
    // Not within its own call.
    if (observation_ != nullptr) {
      boost::asio::post(door_.io(), [done = std::shared_ptr<Observation>(std::move(observation_))] {});
    }
  }

  Door door_;
  std::shared_ptr<WaitingRoom> room_;
  WaitingRoom::Ticket ticket_ = 0;
  Reply reply_;
  std::uint64_t seconds_;
  Started started_;
  std::unique_ptr<Observation> observation_;
  std::optional<boost::asio::steady_timer> timer_;
  std::function<void()> give_up_;  ///< of the question how a run has ended that was there before
  bool answered_ = false;
};

Result<StartOptions> options_of(const Request& request, const Api& api) {
  CAIRN_TRY(check_query(request, {}));
  const auto name = request.parameter("name");
  const auto version = request.parameter("version");
  const auto workflow = api.deployed->find(request.parameter("namespace"), name, version);
  if (workflow == nullptr) {
    return make_error(ErrorCode::not_found,
                      fmt::format("there is no workflow {}/{}{}{} here", shown(request.parameter("namespace")),
                                  shown(name), version.empty() ? "" : ":", shown(version)),
                      {}, "GET /v1/workflows lists what is deployed");
  }
  StartOptions options;
  options.workflow.program = workflow->program;
  options.stored = true;  // deploying it has put it into the log
  CAIRN_TRY(auto body, json_body(request));
  options.input = body ? std::move(*body) : Value::object(std::vector<Member>{});
  options.secrets = api.secrets;
  if (const auto key = request.field("Idempotency-Key")) {
    if (key->empty() || key->size() > k_key_bytes) {
      return make_error(ErrorCode::invalid_usage, fmt::format("an Idempotency-Key has 1 to {} bytes", k_key_bytes));
    }
    options.key = std::string(*key);
    options.key_of_any_version = version.empty();  // sent again after a new one was deployed, it is the same start
  }
  if (const auto priority = request.field("Cairn-Priority")) {
    CAIRN_TRY(const auto number, number_of(*priority, "Cairn-Priority", 0, 9));
    options.priority = static_cast<std::uint8_t>(number);
  }
  if (request.field("Cairn-Delay")) {
    return make_error(ErrorCode::unsupported, "a delay of the start is not supported yet", {},
                      "Leave Cairn-Delay out, and begin the workflow with a wait task");
  }
  return options;
}

void start(const Request& request, Reply reply, const Api& api) {
  auto options = options_of(request, api);
  if (!options) return reply(problem(options.error()));
  const auto waiting = std::make_shared<Waiting>(api, std::move(reply), seconds_to_wait(request, k_longest_wait_s));
  api.door.enter([door = api.door, options = std::move(options.value()), waiting]() mutable {
    const auto& program = *options.workflow.program;
    const auto known =
        door.engine().check_secrets(program, options.secrets, "the definition", program.identity.to_string());
    if (!known) return waiting->on_start(known.error());
    door.engine().start(std::move(options), [waiting](const Result<Started>& started) { waiting->on_start(started); });
  });
}

}  // namespace

void add_start_routes(Router& router, const Api& api) {
  const auto handler = [api](const Request& request, Reply reply) { start(request, std::move(reply), api); };
  router.add("POST", "/v1/workflows/{namespace}/{name}/runs", handler);
  router.add("POST", "/v1/workflows/{namespace}/{name}/{version}/runs", handler);
}

}  // namespace cairn::server
