#include "engine/runtime/schedule_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace cairn {
namespace {

class Reader {
 public:
  explicit Reader(const Value& from) : from_(from) {}

  std::string text(std::string_view name) {
    const Value* member = from_.find(name);
    if (member == nullptr) return {};
    if (member->is_string()) return member->as_string();
    ok_ = false;
    return {};
  }
  std::optional<std::int64_t> number(std::string_view name) {
    const Value* member = from_.find(name);
    if (member == nullptr) return std::nullopt;
    if (member->kind() == Value::Kind::Int) return member->as_int();
    ok_ = false;
    return std::nullopt;
  }
  /// 0 when it is not there.
  std::uint64_t count(std::string_view name) {
    const auto found = number(name).value_or(0);
    if (found < 0) ok_ = false;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(found, 0));
  }
  std::optional<Timestamp> time(std::string_view name) {
    const auto ms = number(name);
    return ms ? std::optional(Timestamp{*ms}) : std::nullopt;
  }
  void fail() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  const Value& from_;
  bool ok_ = true;
};

}  // namespace

Value to_value(const ScheduleState& state) {
  std::vector<Member> members;
  const auto text = [&members](std::string_view name, std::string value) {
    if (!value.empty()) members.push_back({std::string(name), Value::string(std::move(value))});
  };
  const auto number = [&members](std::string_view name, const std::optional<std::int64_t>& value) {
    if (value) members.push_back({std::string(name), Value::integer(*value)});
  };
  const auto time = [&number](std::string_view name, const std::optional<Timestamp>& value) {
    if (value) number(name, value->ms);
  };
  text("version", state.version);
  number("every", state.schedule.every_ms);
  text("cron", state.schedule.cron);
  number("after", state.schedule.after_ms);
  text("timezone", state.schedule.timezone);
  text("catchup", std::string(name_of(state.schedule.catchup)));
  text("on", state.on);
  text("onHash", state.on_hash);
  if (number_of(state.event) > 0) members.push_back({"event", Value::unsigned_integer(number_of(state.event))});
  time("waitsSince", state.waits_since);
  if (state.given_up > 0) members.push_back({"givenUp", Value::unsigned_integer(state.given_up)});
  time("handled", state.handled);
  time("slot", state.last_slot);
  if (!state.last_run.is_nil()) text("run", state.last_run.to_string());
  text("refused", state.refused);
  time("chain", state.chain);
  time("chainEnded", state.chain_ended);
  time("paused", state.paused_at);
  time("gone", state.gone_at);
  return Value::object(std::move(members));
}

Result<ScheduleState> schedule_state_of(const ScheduleRow& row) {
  Reader in(row.state);
  ScheduleState state;
  state.version = in.text("version");
  state.schedule.every_ms = in.number("every");
  if (state.schedule.every_ms && *state.schedule.every_ms < 1) in.fail();
  state.schedule.cron = in.text("cron");
  state.schedule.after_ms = in.number("after");
  state.schedule.timezone = in.text("timezone");
  const auto catchup = catchup_of(in.text("catchup"));
  if (!catchup) in.fail();
  state.schedule.catchup = catchup.value_or(Catchup::last);
  state.on = in.text("on");
  state.on_hash = in.text("onHash");
  state.event = BusPosition{in.count("event")};
  state.waits_since = in.time("waitsSince");
  state.given_up = in.count("givenUp");
  const auto handled = in.time("handled");
  if (!handled) in.fail();
  state.handled = handled.value_or(Timestamp{});
  state.last_slot = in.time("slot");
  if (const auto run = in.text("run"); !run.empty()) {
    const auto id = RunId::parse(run);
    if (!id) in.fail();
    state.last_run = id.value_or(RunId{});
  }
  state.refused = in.text("refused");
  state.chain = in.time("chain");
  state.chain_ended = in.time("chainEnded");
  state.paused_at = in.time("paused");
  state.gone_at = in.time("gone");
  if (in.ok()) return state;
  return make_error(ErrorCode::corrupt, "it cannot be read", "schedule " + row.workflow_namespace + "/" + row.name,
                    "Run cairn log verify");
}

Value to_value(const GatheredEvent& event) {
  std::vector<Member> correlated;
  for (const auto& [name, hash] : event.correlated) correlated.push_back({name, Value::string(hash)});
  return Value::object({{"set", Value::unsigned_integer(number_of(event.set))},
                        {"at", Value::integer(event.at.ms)},
                        {"filter", Value::string(event.filter)},
                        {"until", Value::boolean(event.until)},
                        {"bytes", Value::unsigned_integer(event.bytes)},
                        {"correlated", Value::object(std::move(correlated))}});
}

Result<GatheredEvent> gathered_event_of(const ScheduleRow& row) {
  Reader in(row.state);
  GatheredEvent event;
  event.position = row.event;
  event.set = BusPosition{in.count("set")};
  event.at = in.time("at").value_or(Timestamp{});
  event.filter = in.text("filter");
  event.until = row.state.get("until").truthy();
  event.bytes = in.count("bytes");
  const Value correlated = row.state.get("correlated");
  if (!correlated.is_object() || number_of(event.set) == 0 || event.set > event.position) in.fail();
  if (correlated.is_object()) {
    for (const auto& [name, hash] : correlated.as_object()) {
      if (hash.is_string()) event.correlated.emplace(name, hash.as_string());
    }
  }
  if (in.ok()) return event;
  return make_error(ErrorCode::corrupt, "it cannot be read",
                    fmt::format("schedule {}/{} event {}", row.workflow_namespace, row.name, number_of(row.event)),
                    "Run cairn log verify");
}

std::string slot_key(Timestamp slot) { return "schedule:" + to_iso8601(slot); }
std::string chain_key(Timestamp slot) { return "after:" + to_iso8601(slot); }
std::string event_key(BusPosition event) { return "event:" + std::to_string(number_of(event)); }

}  // namespace cairn
