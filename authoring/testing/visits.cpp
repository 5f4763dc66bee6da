#include "authoring/testing/visits.h"

#include "workflows/value/json.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::authoring {
namespace {

constexpr std::size_t k_remark_bytes = 100;

std::string short_text(const Value& value) {
  std::string text = to_json(value);
  if (text.size() <= k_remark_bytes) return text;
  std::size_t end = k_remark_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string short_text(const Problem& problem) {
  const std::string type = problem.type.substr(problem.type.rfind('/') + 1);
  std::string text = fmt::format("{} {}", type, problem.status);
  if (!problem.title.empty()) text += " " + problem.title;
  return text;
}

}  // namespace

void VisitLog::note(EventSeq number, const Event& event, std::int64_t at_ms) {
  if (const auto* started = std::get_if<TaskStarted>(&event)) {
    places_[number] = all_.size();
    open(started->task, started->parent, at_ms);
  } else if (const auto* skipped = std::get_if<TaskSkipped>(&event)) {
    open(skipped->task, skipped->parent, at_ms);
    all_.back().end = Visit::End::skipped;
  } else if (const auto* completed = std::get_if<TaskCompleted>(&event)) {
    close(completed->frame, Visit::End::completed, short_text(completed->output));
  } else if (const auto* faulted = std::get_if<TaskFaulted>(&event)) {
    close(faulted->frame, Visit::End::faulted, short_text(faulted->problem));
  } else if (const auto* cancelled = std::get_if<TaskCancelled>(&event)) {
    close(cancelled->frame, Visit::End::cancelled, {});
  } else if (const auto* attempt = std::get_if<AttemptStarted>(&event)) {
    const auto place = places_.find(attempt->frame);
    if (place != places_.end()) all_[place->second].attempts = attempt->attempt;
  }
}

std::size_t VisitLog::depth_inside(EventSeq frame) const {
  const auto place = places_.find(frame);
  return place == places_.end() ? depth_ : all_[place->second].depth + 1;
}

void VisitLog::open(const std::string& task, EventSeq parent, std::int64_t at_ms) {
  Visit visit;
  visit.program = &machine_.program();
  visit.reference = task;
  if (const Node* node = machine_.find(task)) {
    visit.name = node->name;
    visit.kind = node->kind;
  }
  visit.depth = depth_inside(parent);
  visit.at_ms = at_ms;
  all_.push_back(std::move(visit));
}

void VisitLog::close(EventSeq frame, Visit::End end, std::string remark) {
  const auto place = places_.find(frame);
  if (place == places_.end()) return;
  all_[place->second].end = end;
  all_[place->second].remark = std::move(remark);
}

}  // namespace cairn::authoring
