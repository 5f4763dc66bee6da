// The visits of tasks as a tree, from the events alone.

#include "engine/runtime/history.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// "/do/0/getPet" → "getPet", with the pointer's escapes undone. What an extension does keeps the extension's name.
std::string name_in(std::string_view reference, std::string_view kind) {
  auto slash = reference.rfind('/');
  if (kind == "extension" && slash != std::string_view::npos && slash > 0) slash = reference.rfind('/', slash - 1);
  std::string name(slash == std::string_view::npos ? reference : reference.substr(slash + 1));
  for (const auto& [escape, character] : {std::pair{"~1", "/"}, std::pair{"~0", "~"}}) {
    for (auto at = name.find(escape); at != std::string::npos; at = name.find(escape, at + 1))
      name.replace(at, 2, character);
  }
  return name;
}

}  // namespace

/// One overload for each event that says something about a visit.
struct TaskTree::Folding {
  TaskTree& tree;
  EventSeq number;
  Timestamp time;

  TaskView* view(EventSeq frame) const {
    const auto it = tree.visits_.find(frame);
    return it == tree.visits_.end() ? nullptr : &it->second.view;
  }
  void set_status(EventSeq frame, std::string_view status) const {
    if (TaskView* task = view(frame)) task->status = status;
  }
  void begin(const std::string& task, std::string_view kind, EventSeq parent, std::string_view status) const {
    if (tree.visits_.size() >= k_max_tasks) {
      ++tree.left_out_;
      return;
    }
    Visit visit;
    visit.parent = parent;
    visit.view.frame = number;
    visit.view.reference = task;
    visit.view.name = name_in(task, kind);
    visit.view.kind = kind;
    visit.view.status = status;
    visit.view.started_at = time;
    if (const auto it = tree.iterations_.find(parent); it != tree.iterations_.end()) visit.view.iteration = it->second;
    tree.visits_.emplace(number, std::move(visit));
  }
  void end(EventSeq frame, std::string_view status) const {
    tree.iterations_.erase(frame);
    std::erase_if(tree.waits_, [frame](const auto& wait) { return wait.second == frame; });
    if (TaskView* task = view(frame)) {
      task->status = status;
      task->ended_at = time;
    }
  }

  void operator()(const TaskStarted& e) const { begin(e.task, e.kind, e.parent, "running"); }
  void operator()(const TaskSkipped& e) const {
    begin(e.task, "", e.parent, "skipped");
    if (TaskView* task = view(number)) task->ended_at = time;
  }
  void operator()(const TaskCompleted& e) const {
    if (TaskView* task = view(e.frame)) task->problem.reset();
    end(e.frame, "completed");
  }
  void operator()(const TaskFaulted& e) const {
    if (TaskView* task = view(e.frame)) task->problem = e.problem;
    end(e.frame, "faulted");
  }
  void operator()(const TaskCancelled& e) const { end(e.frame, "cancelled"); }
  void operator()(const IterationStarted& e) const {
    tree.iterations_[e.frame] = e.index;
    set_status(e.frame, "running");
  }
  void operator()(const ListenStarted& e) const { set_status(e.frame, "waiting"); }
  void operator()(const ApprovalRequested& e) const { set_status(e.frame, "waiting"); }
  void operator()(const ApprovalAnswered& e) const { set_status(e.frame, "running"); }
  void operator()(const ItemCompleted& e) const { set_status(e.frame, "waiting"); }
  void operator()(const ListenClosed& e) const { set_status(e.frame, "running"); }
  void operator()(const ErrorCaught& e) const {
    if (TaskView* task = view(e.frame)) task->problem = e.problem;
  }
  void operator()(const AttemptStarted& e) const {
    if (TaskView* task = view(e.frame)) {
      task->attempts = e.attempt;
      task->status = "running";
    }
  }
  void operator()(const TimerStarted& e) const {
    if (e.purpose != TimerStarted::Purpose::wait && e.purpose != TimerStarted::Purpose::retry) return;
    tree.waits_[number] = e.frame;
    if (TaskView* task = view(e.frame)) task->status = "waiting";
  }
  void operator()(const TimerFired& e) const {
    const auto it = tree.waits_.find(e.timer);
    if (it == tree.waits_.end()) return;
    if (TaskView* task = view(it->second)) task->status = "running";
    tree.waits_.erase(it);
  }
  template <class Other>
  void operator()(const Other&) const {}
};

void TaskTree::add(EventSeq number, Timestamp time, const Event& event) {
  std::visit(Folding{*this, number, time}, event);
}

std::vector<TaskView> TaskTree::roots() const {
  // Children are younger than what they stand in: from the youngest on, each visit is complete when it moves to its
  // parent.
  std::map<EventSeq, std::vector<TaskView>> gathered;
  std::vector<TaskView> roots;
  for (auto it = visits_.rbegin(); it != visits_.rend(); ++it) {
    TaskView view = it->second.view;
    if (const auto below = gathered.find(it->first); below != gathered.end()) {
      view.children = std::move(below->second);
      std::reverse(view.children.begin(), view.children.end());
      gathered.erase(below);
    }
    const bool has_parent = it->second.parent != k_no_event && visits_.contains(it->second.parent);
    (has_parent ? gathered[it->second.parent] : roots).push_back(std::move(view));
  }
  std::reverse(roots.begin(), roots.end());
  return roots;
}

}  // namespace cairn
