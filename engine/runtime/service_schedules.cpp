// Ops about schedules.

#include "engine/runtime/schedules.h"
#include "engine/runtime/service_impl.h"
#include "engine/runtime/service_views.h"

#include <memory>
#include <utility>

namespace cairn {
namespace {

Value time_view(const std::optional<Timestamp>& time) {
  return time ? Value::string(to_iso8601(*time)) : Value::null();
}
Value text_view(const std::string& text) { return text.empty() ? Value::null() : Value::string(text); }
Value run_id_view(const RunId& run) { return run.is_nil() ? Value::null() : Value::string(run.to_string()); }

/// "cron 0 9 * * *, on all of order.placed, order.paid"
std::string described(const ScheduleState& state) {
  std::string text = to_string(state.schedule);
  if (!state.on.empty()) text += (text.empty() ? "on " : ", on ") + state.on;
  return text;
}

Value schedule_view(const EventLog& log, const ScheduleLine& line) {
  const ScheduleState& state = line.state;
  const auto standing = state.gone_at ? "gone" : state.paused_at ? "paused" : line.hosted ? "hosted" : "waiting";
  Value status;
  if (!state.last_run.is_nil()) {
    const auto run = log.summary(state.last_run);
    if (run && run.value()) status = Value::string(std::string(name_of(run.value()->status)));
  }
  return Value::object({{"workflow", Value::object({{"namespace", Value::string(line.workflow_namespace)},
                                                    {"name", Value::string(line.name)},
                                                    {"version", Value::string(state.version)}})},
                        {"schedule", Value::string(described(state))},
                        {"on", text_view(state.on)},
                        {"waitsSince", time_view(state.waits_since)},
                        {"gathered", Value::unsigned_integer(line.gathered)},
                        {"sets", Value::unsigned_integer(line.sets)},
                        {"gatheredSince", time_view(line.gathered_since)},
                        {"givenUp", Value::unsigned_integer(state.given_up)},
                        {"behind", Value::unsigned_integer(line.behind)},
                        {"timezone", Value::string(state.schedule.timezone)},
                        {"catchup", Value::string(std::string(name_of(state.schedule.catchup)))},
                        {"state", Value::string(standing)},
                        {"since", time_view(state.gone_at ? state.gone_at : state.paused_at)},
                        {"next", time_view(line.next)},
                        {"last", time_view(state.last_slot)},
                        {"run", run_id_view(state.last_run)},
                        {"runStatus", std::move(status)},
                        {"refused", text_view(state.refused)},
                        {"overdue", Value::unsigned_integer(line.overdue.size())},
                        {"overdueSince", line.overdue.empty() ? Value::null() : time_view(line.overdue.front())},
                        {"overdueMore", Value::boolean(line.more_overdue)},
                        {"trouble", text_view(line.trouble)}});
}

/// Answers once, unless its exchange has gone by then.
class OneAnswer final : public Exchange {
 public:
  explicit OneAnswer(Answer answer) : answer_(std::make_shared<Answer>(std::move(answer))) {}
  /// What gives the answer.
  [[nodiscard]] auto teller() const {
    return [waiting = std::weak_ptr(answer_)](const Result<Value>& message) {
      if (const auto answer = waiting.lock())
        (*answer)(message ? message.value() : error_message(message.error()), true);
    };
  }

 private:
  std::shared_ptr<Answer> answer_;
};

Value slot_view(const BackfilledSlot& slot) {
  return Value::object({{"slot", Value::string(to_iso8601(slot.slot))},
                        {"run", run_id_view(slot.run.value_or(RunId{}))},
                        {"existing", Value::boolean(slot.existing)},
                        {"error", slot.refused ? error_message(*slot.refused).get("error") : Value::null()}});
}

Result<Timestamp> required_time(const Value& request, std::string_view name) {
  CAIRN_TRY(const auto text, required_text(request, name));
  return parse_timestamp(text);
}

}  // namespace

Result<Value> Service::Impl::schedules() {
  CAIRN_TRY(const auto lines, engine.schedules().list());
  Array all;
  for (const auto& line : lines) all.push_back(schedule_view(log(), line));
  return Value::object({{"schedules", Value::array(std::move(all))}});
}

Service::Impl::Opened Service::Impl::schedule(const Value& request, const Answer& answer) {
  CAIRN_TRY(const auto name, required_text(request, "schedule"));
  CAIRN_TRY(const auto what, required_text(request, "do"));
  CAIRN_TRY(const auto secrets, secrets_of(request));
  auto exchange = std::make_unique<OneAnswer>(answer);
  const auto tell = exchange->teller();
  const Value named = Value::object({{"schedule", Value::string(name)}});
  if (what == "pause" || what == "continue") {
    const bool paused = what == "pause";
    engine.schedules().pause(name, paused, [tell, named, paused](const Result<void>& done) {
      tell(done ? Result<Value>(named.with("paused", Value::boolean(paused))) : Result<Value>(done.error()));
    });
  } else if (what == "trigger") {
    engine.schedules().trigger(name, secrets, [tell, named](const Result<Started>& started) {
      tell(started ? Result<Value>(named.with("run", run_id_view(started.value().run)))
                   : Result<Value>(started.error()));
    });
  } else if (what == "backfill") {
    CAIRN_TRY(const auto from, required_time(request, "from"));
    CAIRN_TRY(const auto to, required_time(request, "to"));
    engine.schedules().backfill(name, from, to, request.get("dryRun").truthy(), secrets,
                                [tell, named](const Result<std::vector<BackfilledSlot>>& slots) {
                                  if (!slots) return tell(slots.error());
                                  Array all;
                                  for (const auto& slot : slots.value()) all.push_back(slot_view(slot));
                                  tell(named.with("slots", Value::array(std::move(all))));
                                });
  } else {
    return make_error(ErrorCode::invalid_usage, "nothing called '" + what + "' is done to a schedule");
  }
  return exchange;
}

}  // namespace cairn
