// RunState ↔ data: the form of snapshots. Members are only ever added; a reader takes what is missing as its default.

#include "engine/machine/state.h"

#include <utility>

namespace cairn {
namespace {

Value text(const std::string& words) { return Value::string(words); }
Value number(EventSeq seq) { return Value::unsigned_integer(number_of(seq)); }
Value time(Timestamp at) { return Value::integer(at.ms); }

template <class T, class F>
void put_if(std::vector<Member>& members, std::string_view name, const std::optional<T>& value, F convert) {
  if (value) members.push_back({std::string(name), convert(*value)});
}

Value frame_value(const Frame& f) {
  std::vector<Member> m{
      {"id", number(f.id)},      {"parent", number(f.parent)}, {"task", text(f.task)},           {"kind", text(f.kind)},
      {"rawInput", f.raw_input}, {"input", f.input},           {"startedAt", time(f.started_at)}};
  put_if(m, "branch", f.branch, [](auto v) { return Value::unsigned_integer(v); });
  if (!f.items.is_null()) m.push_back({"items", f.items});
  put_if(m, "index", f.index, [](auto v) { return Value::unsigned_integer(v); });
  if (!f.branch_outputs.empty()) {
    Array outputs;
    for (const auto& [branch, output] : f.branch_outputs)
      outputs.push_back(Value::array({Value::unsigned_integer(branch), output}));
    m.push_back({"branchOutputs", Value::array(std::move(outputs))});
  }
  if (f.kind == "try") {
    m.push_back({"attempt", Value::unsigned_integer(f.attempt)});
    m.push_back({"handling", Value::boolean(f.handling)});
    m.push_back({"backingOff", Value::boolean(f.backing_off)});
    put_if(m, "caught", f.caught, [](const Problem& p) { return p.to_value(); });
  }
  if (!f.visit.empty()) m.push_back({"visit", text(f.visit)});
  if (!f.visits_begun.empty()) {
    std::vector<Member> begun;
    for (const auto& [task, count] : f.visits_begun) begun.push_back({task, Value::unsigned_integer(count)});
    m.push_back({"visitsBegun", Value::object(std::move(begun))});
  }
  if (!f.effect_keys.empty()) {
    std::vector<Member> keys;
    for (const auto& [visit, key] : f.effect_keys) keys.push_back({visit, number(key)});
    m.push_back({"effectKeys", Value::object(std::move(keys))});
  }
  return Value::object(std::move(m));
}

Value effect_value(EventSeq id, const PendingEffect& e) {
  std::vector<Member> m{{"id", number(id)},
                        {"frame", number(e.frame)},
                        {"task", text(e.task)},
                        {"connector", text(e.connector)},
                        {"request", e.request},
                        {"confidential", Value::boolean(e.confidential)},
                        {"scope", e.scope},
                        {"key", number(e.key)},
                        {"atMostOnce", Value::boolean(e.at_most_once)},
                        {"scheduledAt", time(e.scheduled_at)}};
  if (!e.limit_keys.is_null()) m.push_back({"limitKeys", e.limit_keys});
  return Value::object(std::move(m));
}

/// Reads members and remembers whether any had the wrong type.
struct Reader {
  bool good = true;

  std::uint64_t count(const Value& from, std::string_view name) {
    const Value value = from.get(name);
    if (value.is_null()) return 0;
    if (!value.is_integer() || (value.kind() == Value::Kind::Int && value.as_int() < 0)) {
      good = false;
      return 0;
    }
    return value.as_uint();
  }
  EventSeq seq(const Value& from, std::string_view name) { return EventSeq{count(from, name)}; }
  Timestamp time(const Value& from, std::string_view name) {
    const Value value = from.get(name);
    if (value.kind() == Value::Kind::Int) return {value.as_int()};
    good = false;
    return {};
  }
  std::string text(const Value& from, std::string_view name) {
    const Value value = from.get(name);
    if (value.is_null()) return {};
    if (value.is_string()) return value.as_string();
    good = false;
    return {};
  }
  bool flag(const Value& from, std::string_view name) {
    const Value value = from.get(name);
    if (value.is_bool()) return value.as_bool();
    if (!value.is_null()) good = false;
    return false;
  }
  RunId run(const Value& from, std::string_view name) {
    const auto id = RunId::parse(text(from, name));
    if (!id) good = false;
    return id.value_or(RunId{});
  }
  Array array(const Value& from, std::string_view name) {
    const Value value = from.get(name);
    if (value.is_array()) return value.as_array();
    if (!value.is_null()) good = false;
    return {};
  }
};

Frame read_frame(Reader& r, const Value& v) {
  Frame f;
  f.id = r.seq(v, "id");
  f.parent = r.seq(v, "parent");
  f.task = r.text(v, "task");
  f.kind = r.text(v, "kind");
  f.raw_input = v.get("rawInput");
  f.input = v.get("input");
  f.started_at = r.time(v, "startedAt");
  if (v.find("branch") != nullptr) f.branch = static_cast<std::uint32_t>(r.count(v, "branch"));
  f.items = v.get("items");
  if (v.find("index") != nullptr) f.index = r.count(v, "index");
  for (const auto& pair : r.array(v, "branchOutputs")) {
    if (!pair.is_array() || pair.as_array().size() != 2 || !pair.as_array()[0].is_integer()) {
      r.good = false;
      continue;
    }
    f.branch_outputs.emplace(static_cast<std::uint32_t>(pair.as_array()[0].as_uint()), pair.as_array()[1]);
  }
  if (v.find("attempt") != nullptr) f.attempt = static_cast<std::uint32_t>(r.count(v, "attempt"));
  f.handling = r.flag(v, "handling");
  f.backing_off = r.flag(v, "backingOff");
  if (const Value* caught = v.find("caught")) f.caught = Problem::from_value(*caught);
  f.visit = r.text(v, "visit");
  if (const Value* begun = v.find("visitsBegun"); begun != nullptr && begun->is_object()) {
    for (const auto& [task, count] : begun->as_object()) {
      if (count.is_integer()) f.visits_begun.emplace(task, static_cast<std::uint32_t>(count.as_uint()));
    }
  }
  if (const Value* keys = v.find("effectKeys"); keys != nullptr && keys->is_object()) {
    for (const auto& [visit, key] : keys->as_object()) {
      if (key.is_integer()) f.effect_keys.emplace(visit, EventSeq{key.as_uint()});
    }
  }
  return f;
}

PendingEffect read_effect(Reader& r, const Value& v) {
  PendingEffect e;
  e.frame = r.seq(v, "frame");
  e.task = r.text(v, "task");
  e.connector = r.text(v, "connector");
  e.request = v.get("request");
  e.confidential = r.flag(v, "confidential");
  e.scope = v.get("scope");
  e.key = r.seq(v, "key");
  e.at_most_once = r.flag(v, "atMostOnce");
  e.scheduled_at = r.time(v, "scheduledAt");
  e.limit_keys = v.get("limitKeys");
  return e;
}

}  // namespace

Value to_value(const RunState& s) {
  std::vector<Member> m{
      {"id", text(s.id.to_string())},
      {"namespace", text(s.workflow.workflow_namespace)},
      {"name", text(s.workflow.name)},
      {"version", text(s.workflow.version)},
      {"definition", text(s.definition.hex())},
      {"key", text(s.key)},
      {"priority", Value::unsigned_integer(s.priority)},
      {"input", s.input},
      {"data", s.data},
      {"context", s.context},
      {"startedAt", time(s.started_at)},
      {"updatedAt", time(s.updated_at)},
      {"ending", Value::unsigned_integer(static_cast<std::uint64_t>(s.ending))},
      {"output", s.output},
      {"cancelReason", text(s.cancel_reason)},
      {"last", number(s.last)},
  };
  if (s.parent) {
    m.push_back({"parent", Value::object({{"run", text(s.parent->run.to_string())},
                                          {"frame", number(s.parent->frame)},
                                          {"depth", Value::unsigned_integer(s.parent->depth)},
                                          {"awaited", Value::boolean(s.parent->awaited)},
                                          {"afterFault", Value::boolean(s.parent->after_fault)}})});
  }
  if (s.priority_changed) m.push_back({"priorityChanged", Value::boolean(true)});
  if (!s.limit_keys.is_null()) m.push_back({"limitKeys", s.limit_keys});
  if (!s.retry_of.is_nil()) m.push_back({"retryOf", text(s.retry_of.to_string())});
  if (!s.fault_handler.is_nil()) m.push_back({"faultHandler", text(s.fault_handler.to_string())});
  put_if(m, "endedAt", s.ended_at, time);
  put_if(m, "suspendedAt", s.suspended_at, time);
  put_if(m, "problem", s.problem, [](const Problem& p) { return p.to_value(); });

  Array frames;
  for (const auto& [id, frame] : s.frames) frames.push_back(frame_value(frame));
  Array timers;
  for (const auto& [id, timer] : s.timers) {
    timers.push_back(Value::object({{"id", number(id)},
                                    {"frame", number(timer.frame)},
                                    {"purpose", Value::unsigned_integer(static_cast<std::uint64_t>(timer.purpose))},
                                    {"due", time(timer.due)}}));
  }
  Array effects;
  for (const auto& [id, effect] : s.effects) effects.push_back(effect_value(id, effect));
  Array children;
  for (const auto& [id, child] : s.children) {
    children.push_back(
        Value::object({{"id", text(id.to_string())}, {"frame", number(child.frame)}, {"task", text(child.task)}}));
  }
  m.push_back({"frames", Value::array(std::move(frames))});
  m.push_back({"timers", Value::array(std::move(timers))});
  m.push_back({"effects", Value::array(std::move(effects))});
  m.push_back({"children", Value::array(std::move(children))});
  m.push_back({"parked", Value::array(s.parked)});
  return Value::object(std::move(m));
}

Result<RunState> state_from_value(const Value& v) {
  Reader r;
  RunState s;
  s.id = r.run(v, "id");
  s.workflow = {r.text(v, "namespace"), r.text(v, "name"), r.text(v, "version")};
  const auto definition = Hash256::from_hex(r.text(v, "definition"));
  if (!definition) r.good = false;
  s.definition = definition.value_or(Hash256{});
  s.key = r.text(v, "key");
  s.priority = static_cast<std::uint8_t>(r.count(v, "priority"));
  s.priority_changed = r.flag(v, "priorityChanged");
  s.limit_keys = v.get("limitKeys");
  if (const Value* parent = v.find("parent")) {
    s.parent = ParentLink{r.run(*parent, "run"), r.seq(*parent, "frame"),
                          static_cast<std::uint32_t>(r.count(*parent, "depth")), r.flag(*parent, "awaited"),
                          r.flag(*parent, "afterFault")};
  }
  if (v.find("retryOf") != nullptr) s.retry_of = r.run(v, "retryOf");
  if (v.find("faultHandler") != nullptr) s.fault_handler = r.run(v, "faultHandler");
  s.input = v.get("input");
  s.data = v.get("data");
  s.context = v.get("context");
  s.started_at = r.time(v, "startedAt");
  s.updated_at = r.time(v, "updatedAt");
  const auto ending = r.count(v, "ending");
  if (ending > static_cast<std::uint64_t>(Ending::cancelled)) r.good = false;
  s.ending = static_cast<Ending>(ending);
  s.output = v.get("output");
  s.cancel_reason = r.text(v, "cancelReason");
  s.last = r.seq(v, "last");
  if (v.find("endedAt") != nullptr) s.ended_at = r.time(v, "endedAt");
  if (v.find("suspendedAt") != nullptr) s.suspended_at = r.time(v, "suspendedAt");
  if (const Value* problem = v.find("problem")) s.problem = Problem::from_value(*problem);
  for (const auto& frame : r.array(v, "frames")) {
    Frame read = read_frame(r, frame);
    s.frames.emplace(read.id, std::move(read));
  }
  for (const auto& timer : r.array(v, "timers")) {
    const auto purpose = r.count(timer, "purpose");
    if (purpose > static_cast<std::uint64_t>(TimerStarted::Purpose::start_delay)) r.good = false;
    s.timers.emplace(
        r.seq(timer, "id"),
        PendingTimer{r.seq(timer, "frame"), static_cast<TimerStarted::Purpose>(purpose), r.time(timer, "due")});
  }
  for (const auto& effect : r.array(v, "effects")) s.effects.emplace(r.seq(effect, "id"), read_effect(r, effect));
  for (const auto& child : r.array(v, "children")) {
    s.children.emplace(r.run(child, "id"), PendingChild{r.seq(child, "frame"), r.text(child, "task")});
  }
  s.parked = r.array(v, "parked");
  if (!r.good) return make_error(ErrorCode::corrupt, "a snapshot does not read back");
  return s;
}

}  // namespace cairn
