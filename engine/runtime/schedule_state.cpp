#include "engine/runtime/schedule_state.h"

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

std::string slot_key(Timestamp slot) { return "schedule:" + to_iso8601(slot); }
std::string chain_key(Timestamp slot) { return "after:" + to_iso8601(slot); }

}  // namespace cairn
