// RunState ↔ data: the form of snapshots. Members are only ever added; a reader takes what is missing as its default.

#include "engine/machine/state.h"

#include <algorithm>
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

Value listening_value(const Listening& l) {
  Array subscriptions;
  for (const auto& one : l.subscriptions) {
    Array members{text(one.filter), text(one.type)};
    if (one.key) members.push_back(text(*one.key));
    subscriptions.push_back(Value::array(std::move(members)));
  }
  Array matched;
  for (const auto& filter : l.matched) matched.push_back(text(filter));
  std::vector<Member> correlations;
  for (const auto& [name, value] : l.correlations) correlations.push_back({name, value});
  Array waiting;
  for (const auto& item : l.waiting) {
    waiting.push_back(Value::array({Value::unsigned_integer(item.position), item.value}));
  }
  return Value::object({{"subscriptions", Value::array(std::move(subscriptions))},
                        {"read", Value::unsigned_integer(static_cast<std::uint64_t>(l.read))},
                        {"iterates", Value::boolean(l.iterates)},
                        {"forgets", Value::boolean(l.forgets)},
                        {"closed", Value::boolean(l.closed)},
                        {"busy", Value::boolean(l.busy)},
                        {"seen", Value::unsigned_integer(l.seen)},
                        {"matched", Value::array(std::move(matched))},
                        {"correlations", Value::object(std::move(correlations))},
                        {"outputs", Value::array(Array(l.outputs.begin(), l.outputs.end()))},
                        {"waiting", Value::array(std::move(waiting))}});
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
  if (f.listening) m.push_back({"listening", listening_value(*f.listening)});
  if (f.approval) {
    m.push_back({"approval", Value::object({{"request", f.approval->request},
                                            {"escalated", Value::boolean(f.approval->escalated)},
                                            {"closed", Value::boolean(f.approval->closed)},
                                            {"reminders", Value::unsigned_integer(f.approval->reminders)}})});
  }
  if (f.kind == "try") {
    m.push_back({"attempt", Value::unsigned_integer(f.attempt)});
    m.push_back({"handling", Value::boolean(f.handling)});
    m.push_back({"backingOff", Value::boolean(f.backing_off)});
    put_if(m, "caught", f.caught, [](const Problem& p) { return p.to_value(); });
  }
  if (!f.extensions.is_null()) m.push_back({"extensions", f.extensions});
  if (f.leaving) {
    m.push_back({"leaving", Value::boolean(true)});
    m.push_back({"rawOutput", f.raw_output});
    m.push_back({"then", text(f.then)});
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

Listening read_listening(Reader& r, const Value& v) {
  Listening l;
  for (const auto& stored : r.array(v, "subscriptions")) {
    const Array* members = stored.is_array() ? &stored.as_array() : nullptr;
    const bool whole = members != nullptr && members->size() >= 2 && members->size() <= 3 &&
                       std::ranges::all_of(*members, [](const Value& one) { return one.is_string(); });
    if (!whole) {
      r.good = false;
      continue;
    }
    Subscription one{(*members)[0].as_string(), (*members)[1].as_string(), {}};
    if (members->size() == 3) one.key = (*members)[2].as_string();
    l.subscriptions.push_back(std::move(one));
  }
  const auto read = r.count(v, "read");
  if (read > static_cast<std::uint64_t>(EventRead::raw)) r.good = false;
  l.read = static_cast<EventRead>(read);
  l.iterates = r.flag(v, "iterates");
  l.forgets = r.flag(v, "forgets");
  l.closed = r.flag(v, "closed");
  l.busy = r.flag(v, "busy");
  l.seen = r.count(v, "seen");
  for (const auto& filter : r.array(v, "matched")) {
    if (filter.is_string()) l.matched.insert(filter.as_string());
  }
  if (const Value* known = v.find("correlations"); known != nullptr && known->is_object()) {
    for (const auto& [name, value] : known->as_object()) l.correlations.emplace(name, value);
  }
  for (auto& output : r.array(v, "outputs")) {
    l.bytes += output.approximate_bytes();
    l.outputs.push_back(std::move(output));
  }
  for (const auto& stored : r.array(v, "waiting")) {
    if (!stored.is_array() || stored.as_array().size() != 2 || !stored.as_array()[0].is_integer()) {
      r.good = false;
      continue;
    }
    l.bytes += stored.as_array()[1].approximate_bytes();
    l.waiting.push_back({stored.as_array()[0].as_uint(), stored.as_array()[1]});
  }
  return l;
}

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
  if (const Value* listening = v.find("listening")) f.listening = read_listening(r, *listening);
  if (const Value* approval = v.find("approval")) {
    f.approval = Approval{approval->get("request"), r.flag(*approval, "escalated"), r.flag(*approval, "closed"),
                          r.count(*approval, "reminders")};
  }
  if (v.find("attempt") != nullptr) f.attempt = static_cast<std::uint32_t>(r.count(v, "attempt"));
  f.handling = r.flag(v, "handling");
  f.backing_off = r.flag(v, "backingOff");
  if (const Value* caught = v.find("caught")) f.caught = Problem::from_value(*caught);
  f.extensions = v.get("extensions");
  f.leaving = r.flag(v, "leaving");
  f.raw_output = v.get("rawOutput");
  f.then = r.text(v, "then");
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
  if (!s.metadata.is_null()) m.push_back({"metadata", s.metadata});
  if (!s.retry_of.is_nil()) m.push_back({"retryOf", text(s.retry_of.to_string())});
  if (!s.fault_handler.is_nil()) m.push_back({"faultHandler", text(s.fault_handler.to_string())});
  if (s.events_after != 0) m.push_back({"eventsAfter", Value::unsigned_integer(s.events_after)});
  if (!s.consumed.empty()) {
    Array consumed;  // in pairs
    for (const auto& [position, by] : s.consumed) {
      consumed.push_back(Value::unsigned_integer(position));
      consumed.push_back(number(by));
    }
    m.push_back({"consumed", Value::array(std::move(consumed))});
    m.push_back({"consumedFloor", Value::unsigned_integer(s.consumed_floor)});
  }
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
  s.metadata = v.get("metadata");
  if (v.find("retryOf") != nullptr) s.retry_of = r.run(v, "retryOf");
  if (v.find("faultHandler") != nullptr) s.fault_handler = r.run(v, "faultHandler");
  s.events_after = r.count(v, "eventsAfter");
  s.consumed_floor = r.count(v, "consumedFloor");
  const Array consumed = r.array(v, "consumed");
  for (std::size_t i = 0; i + 1 < consumed.size(); i += 2) {
    if (consumed[i].is_integer() && consumed[i + 1].is_integer()) {
      s.consumed.emplace(consumed[i].as_uint(), EventSeq{consumed[i + 1].as_uint()});
    } else {
      r.good = false;
    }
  }
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
    if (purpose > static_cast<std::uint64_t>(TimerStarted::Purpose::approval_deadline)) r.good = false;
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
