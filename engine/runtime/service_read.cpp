// Ops that look and answer at once: runs, show, replay, graph; and command.

#include "engine/runtime/retention.h"
#include "engine/runtime/service_impl.h"
#include "engine/runtime/service_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

Result<RunSummary> summary_in(const EventLog& log, const RunId& run) {
  CAIRN_TRY(const auto found, log.summary(run));
  if (!found) return no_such_run(log, run);
  return *found;
}

std::vector<Member> members_of(const Value& object) {
  std::vector<Member> members;
  for (const auto& member : object.as_object()) members.push_back(member);
  return members;
}

/// How every task of a run stands, from its events.
Result<TaskTree> tree_of(const EventLog& log, const RunId& run) {
  TaskTree tree;
  CAIRN_TRY(log.read(run, EventSeq{1}, [&tree](const Record& record) {
    EventSeq number = record.first;
    for (const auto& event : record.events) {
      tree.add(number, record.stimulus.now, event);
      number = next_of(number);
    }
    return true;
  }));
  return tree;
}

/// Gathers marks: the last visit's status, the count, the most attempts.
struct Marks {
  struct Mark {
    std::string status;
    std::uint64_t visits = 0;
    std::uint32_t attempts = 1;
  };
  std::map<std::string, Mark> by_reference;

  void add(const std::vector<TaskView>& tasks) {
    for (const auto& task : tasks) {
      Mark& mark = by_reference[task.reference];
      // A visit under way says more about the task than one that came after it.
      if (mark.status != "running" && mark.status != "waiting") mark.status = task.status;
      ++mark.visits;
      mark.attempts = std::max(mark.attempts, task.attempts);
      add(task.children);
    }
  }
  [[nodiscard]] Value to_value() const {
    std::vector<Member> members;
    for (const auto& [reference, mark] : by_reference) {
      members.push_back({reference, Value::object({{"status", Value::string(mark.status)},
                                                   {"visits", Value::unsigned_integer(mark.visits)},
                                                   {"attempts", Value::unsigned_integer(mark.attempts)}})});
    }
    return Value::object(std::move(members));
  }
};

/// The run whose fault this one handles, or null.
Result<Value> handled_by(const EventLog& log, const RunState& handler) {
  if (!handler.parent || !handler.parent->after_fault || handler.parent->awaited) return Value{};
  CAIRN_TRY(const auto there, log.summary(handler.parent->run));
  if (!there) return Value{};
  CAIRN_TRY(const auto faulted, fold_run(log, handler.parent->run));
  return faulted.fault_handler == handler.id ? Value::string(faulted.id.to_string()) : Value{};
}

/// "NS/NAME" or "NAME".
bool is_workflow(const WorkflowIdentity& identity, std::string_view wanted) {
  return names_workflow(wanted, identity.workflow_namespace, identity.name) || wanted == identity.to_string();
}

}  // namespace

Result<Value> Service::Impl::runs(const Value& request) const {
  CAIRN_TRY(const auto status_name, optional_text(request, "status"));
  CAIRN_TRY(const auto workflow, optional_text(request, "workflow"));
  CAIRN_TRY(const auto since_text, optional_text(request, "since"));
  CAIRN_TRY(const auto limit, optional_count(request, "limit"));
  std::optional<RunStatus> status;
  if (!status_name.empty()) {
    status = parse_run_status(status_name);
    if (!status) {
      return make_error(ErrorCode::invalid_usage, "there is no status '" + status_name + "'", {},
                        "Choose pending, running, waiting, suspended, cancelled, faulted or completed");
    }
  }
  Timestamp since;
  if (!since_text.empty()) {
    CAIRN_TRY(since, parse_timestamp(since_text));
  }
  CAIRN_TRY(const auto before_text, optional_text(request, "before"));
  CAIRN_TRY(const auto scan, optional_count(request, "scan"));
  std::optional<RunId> before;
  if (!before_text.empty()) {
    before = RunId::parse(before_text);
    if (!before) return make_error(ErrorCode::invalid_usage, "'before' is the whole id of a run");
  }
  Array found;
  if (limit == std::uint64_t{0}) return Value::object({{"runs", Value::array({})}});
  std::uint64_t scanned = 0;
  RunId last;
  bool more = false;
  const auto visit = [&](const RunSummary& summary) {
    // There is one more: the page has ended before it.
    more = (limit && found.size() >= *limit) || (scan && scanned >= *scan);
    if (more) return false;
    ++scanned;
    last = summary.id;
    if (!since_text.empty() && summary.started_at < since) return true;
    if (status && summary.status != *status) return true;
    if (!workflow.empty() && !is_workflow(summary.workflow, workflow)) return true;
    found.push_back(summary_view(summary, engine.hosts(summary.id)));
    return true;
  };
  CAIRN_TRY(before ? log().each_run_before(*before, visit) : log().each_run(visit));
  return Value::object(
      {{"runs", Value::array(std::move(found))}, {"next", more ? Value::string(last.to_string()) : Value::null()}});
}

Result<Value> Service::Impl::show(const Value& request) const {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  CAIRN_TRY(const auto state, fold_run(log(), run));
  CAIRN_TRY(const auto summary, summary_in(log(), run));
  CAIRN_TRY(const auto tree, tree_of(log(), run));
  CAIRN_TRY(auto waiting, waiting_view(log(), state));
  std::uint64_t left_out = tree.left_out();
  Value tasks = tasks_view(tree.roots(), left_out);
  std::vector<Member> members = members_of(run_view(summary, state, engine.hosts(run)));
  CAIRN_TRY(auto handles, handled_by(log(), state));
  members.push_back({"handlesFaultOf", std::move(handles)});
  members.push_back({"tasks", std::move(tasks)});
  members.push_back({"tasksLeftOut", Value::unsigned_integer(left_out)});
  members.push_back({"waitingFor", std::move(waiting)});
  return Value::object({{"run", Value::object(std::move(members))}});
}

Result<Value> Service::Impl::replay(const Value& request) const {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto at, optional_count(request, "at"));
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  CAIRN_TRY(const auto state, fold_run(log(), run, at ? std::optional(EventSeq{*at}) : std::nullopt));
  CAIRN_TRY(const auto now, summary_in(log(), run));
  CAIRN_TRY(auto pending, waiting_view(log(), state));
  std::vector<Member> members = members_of(run_view(summary_of(state), state, engine.hosts(run)));
  members.push_back({"event", Value::unsigned_integer(number_of(state.last))});
  members.push_back({"of", Value::unsigned_integer(now.length)});
  members.push_back({"time", Value::string(to_iso8601(state.updated_at))});
  members.push_back({"data", state.data});
  members.push_back({"context", state.context});
  members.push_back({"position", position_view(state)});
  members.push_back({"pending", std::move(pending)});
  return Value::object({{"state", Value::object(std::move(members))}});
}

Result<Value> Service::Impl::graph(const Value& request) const {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  CAIRN_TRY(const auto summary, summary_in(log(), run));
  CAIRN_TRY(const auto definition, log().definition(summary.definition));
  if (!definition) {
    return make_error(ErrorCode::corrupt, "the log does not hold the definition of this run", "run " + run.to_string(),
                      "Run: cairn log verify");
  }
  CAIRN_TRY(const auto tree, tree_of(log(), run));
  Marks marks;
  marks.add(tree.roots());
  return Value::object({{"run", Value::string(run.to_string())},
                        {"definition", Value::string(definition->text)},
                        {"marks", marks.to_value()}});
}

Result<Value> Service::Impl::command(const Value& request) {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto command, required_text(request, "command"));
  CAIRN_TRY(const auto reason, optional_text(request, "reason"));
  using Kind = OperatorCommand::Kind;
  Kind kind = Kind::cancel;
  if (command == "suspend") {
    kind = Kind::suspend;
  } else if (command == "continue") {
    kind = Kind::proceed;
  } else if (command != "cancel") {
    return make_error(ErrorCode::invalid_usage, "there is no command '" + command + "'", {},
                      "Choose cancel, suspend or continue");
  }
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  CAIRN_TRY(engine.command(run, kind, reason));
  return Value::object({{"run", Value::string(run.to_string())}});
}

}  // namespace cairn
