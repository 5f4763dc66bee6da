// The op that repeats ended runs from their start.

#include "engine/machine/fault.h"
#include "engine/runtime/history.h"
#include "engine/runtime/service_impl.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// Runs that are started in one turn of the thread.
constexpr std::size_t k_slice = 64;
/// Retries that may wait to become durable: others have theirs to start.
constexpr std::size_t k_most_waiting = 1'024;
/// The fewest digits that name a cause.
constexpr std::size_t k_cause_digits = 4;

struct RetryRequest {
  std::vector<RunId> runs;
  std::optional<DefinitionText> workflow;  ///< to use instead of the one that the run had
  std::vector<DefinitionText> with;
  Value secrets;
  Value mode;  ///< `follow`
};

/// Retries under way; then, if asked for, the stream of the new runs.
class Retries : public std::enable_shared_from_this<Retries> {
 public:
  Retries(Service::Impl& service, Answer answer, RetryRequest request)
      : service_(service), answer_(std::move(answer)), request_(std::move(request)) {}

  /// Starts some; the rest in turns of their own. The last answer that comes in ends it.
  void turn() {
    for (std::size_t i = 0; i < k_slice && next_ < request_.runs.size(); ++i) {
      const RunId run = request_.runs[next_++];
      ++waiting_;
      auto options = options_for(run);
      if (!options) {
        note(run, options.error());
        continue;
      }
      service_.engine.start(std::move(options.value()),
                            [alive = weak_from_this(), run](const Result<Started>& started) {
                              if (const auto self = alive.lock()) self->note(run, started);
                            });
    }
    if (next_ == request_.runs.size()) return finish_if_done();
    if (waiting_ < k_most_waiting) turn_later();
  }

  void more() {
    if (stream_ != nullptr) stream_->more();
  }

 private:
  void turn_later() {
    if (std::exchange(turning_, true)) return;
    boost::asio::post(service_.io, [alive = weak_from_this()] {
      const auto self = alive.lock();
      if (self == nullptr) return;
      self->turning_ = false;
      self->turn();
    });
  }

  Result<StartOptions> options_for(const RunId& run) {
    CAIRN_TRY(const auto summary, service_.log().summary(run));
    if (!summary) return no_such_run(service_.log(), run);
    const std::string where = "run " + run.to_string();
    CAIRN_TRY(const auto state, fold_run(service_.log(), run));
    if (state.parent && state.parent->awaited) {
      return make_error(ErrorCode::conflict,
                        "run " + state.parent->run.to_string() + " waited for it, and has its fault", where,
                        "Retry that one");
    }
    StartOptions options;
    options.retry_of = run;
    options.input = state.input;
    options.priority = state.priority;
    options.secrets = request_.secrets;
    options.with = request_.with;
    if (request_.workflow) {
      const auto& identity = request_.workflow->program->identity;
      if (identity.workflow_namespace != state.workflow.workflow_namespace || identity.name != state.workflow.name) {
        return make_error(ErrorCode::invalid_usage,
                          "it is a run of " + state.workflow.to_string() + ", not of " + identity.to_string(), where,
                          "Give a definition of the same workflow; its version may differ");
      }
      options.workflow = *request_.workflow;
    } else {
      CAIRN_TRY(options.workflow, definition_of(state));
      options.stored = true;
    }
    options.metadata = state.metadata;
    CAIRN_TRY(service_.engine.check_secrets(*options.workflow.program, options.secrets, "its definition", where));
    return options;
  }

  /// As the run had it; many runs have the same.
  Result<DefinitionText> definition_of(const RunState& state) {
    if (const auto known = definitions_.find(state.definition); known != definitions_.end()) return known->second;
    CAIRN_TRY(const auto machine, load_machine(service_.log(), state.definition));
    CAIRN_TRY(const auto stored, service_.log().definition(state.definition));
    DefinitionText definition{stored->text, std::shared_ptr<const Program>(machine, &machine->program())};
    definitions_.emplace(state.definition, definition);
    return definition;
  }

  void note(const RunId& run, const Result<Started>& started) {
    --waiting_;
    const Value id = Value::string(run.to_string());
    if (!started) {
      refused_.push_back(Value::object({{"run", id}, {"error", error_message(started.error()).get("error")}}));
    } else {
      if (std::ranges::find(begun_, started.value().run) == begun_.end()) begun_.push_back(started.value().run);
      retried_.push_back(Value::object({{"run", id},
                                        {"as", Value::string(started.value().run.to_string())},
                                        {"existing", Value::boolean(started.value().existing)}}));
    }
    if (next_ < request_.runs.size() && waiting_ < k_most_waiting) turn_later();
    finish_if_done();
  }

  void finish_if_done() {
    if (waiting_ > 0 || next_ < request_.runs.size() || std::exchange(finished_, true)) return;
    Array ids;
    for (const auto& run : begun_) ids.push_back(Value::string(run.to_string()));
    const bool over = !request_.mode.truthy() || begun_.empty();
    answer_(Value::object({{"runs", Value::array(std::move(ids))},
                           {"retried", Value::array(std::move(retried_))},
                           {"refused", Value::array(std::move(refused_))}}),
            over);
    if (over) return;
    auto opened = service_.follow_runs(begun_, request_.mode, EventSeq{1}, answer_);
    if (opened) {
      stream_ = std::move(opened.value());
    } else {
      answer_(error_message(opened.error()), true);
    }
  }

  Service::Impl& service_;
  Answer answer_;
  RetryRequest request_;
  std::size_t next_ = 0;
  std::size_t waiting_ = 0;
  bool turning_ = false;
  bool finished_ = false;
  std::vector<RunId> begun_;
  Array retried_;
  Array refused_;
  std::map<Hash256, DefinitionText> definitions_;
  std::unique_ptr<Exchange> stream_;
};

class RetryExchange final : public Exchange {
 public:
  explicit RetryExchange(std::shared_ptr<Retries> retries) : retries_(std::move(retries)) {}
  void more() override { retries_->more(); }

 private:
  std::shared_ptr<Retries> retries_;
};

/// The runs of the cause that these digits name, but those that have been retried.
Result<std::vector<RunId>> runs_of_cause(const EventLog& log, const std::string& name) {
  const bool is_hex =
      std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (name.size() < k_cause_digits || !is_hex) {
    return make_error(ErrorCode::invalid_usage,
                      "'" + name + "' names no cause: it takes the first four of its digits, or more", {},
                      "List the causes with: cairn runs --faults");
  }
  std::optional<std::uint64_t> cause;
  bool ambiguous = false;
  std::vector<RunId> runs;
  CAIRN_TRY(log.each_fault({}, [&](const FaultLine& line) {
    if (!cause_name(line.cause).starts_with(name)) return true;
    ambiguous = cause && *cause != line.cause;
    cause = line.cause;
    if (line.retried_by.is_nil()) runs.push_back(line.run);
    return !ambiguous;
  }));
  if (ambiguous) {
    return make_error(ErrorCode::ambiguous, "'" + name + "' names several causes", {}, "Give more of its digits");
  }
  if (!cause) {
    return make_error(ErrorCode::not_found, "no run has faulted by a cause '" + name + "'", {},
                      "List the causes with: cairn runs --faults");
  }
  return runs;
}

}  // namespace

Service::Impl::Opened Service::Impl::retry(const Value& request, const Answer& answer) {
  RetryRequest wanted;
  CAIRN_TRY(const auto fault, optional_text(request, "fault"));
  CAIRN_TRY(const auto run, optional_text(request, "run"));
  CAIRN_TRY(auto names, optional_texts(request, "runs"));
  if (!run.empty()) names.push_back(run);
  if (names.empty() == fault.empty()) {
    return make_error(ErrorCode::invalid_usage, "a retry needs runs, or the cause of their fault, and not both");
  }
  if (!fault.empty()) {
    CAIRN_TRY(wanted.runs, runs_of_cause(log(), fault));
  }
  for (const auto& name : names) {
    CAIRN_TRY(const auto id, resolve_run(log(), name));
    if (std::ranges::find(wanted.runs, id) == wanted.runs.end()) wanted.runs.push_back(id);
  }
  CAIRN_TRY(const auto definition, optional_text(request, "definition"));
  if (!definition.empty()) {
    CAIRN_TRY(wanted.workflow, definition_of(definition));
  }
  CAIRN_TRY(const auto with, optional_texts(request, "with"));
  for (const auto& text : with) {
    CAIRN_TRY(auto further, definition_of(text));
    wanted.with.push_back(std::move(further));
  }
  CAIRN_TRY(wanted.secrets, secrets_of(request));
  wanted.mode = request.get("follow");
  auto retries = std::make_shared<Retries>(*this, answer, std::move(wanted));
  retries->turn();
  return std::make_unique<RetryExchange>(std::move(retries));
}

}  // namespace cairn
