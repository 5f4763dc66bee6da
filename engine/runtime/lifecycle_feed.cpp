#include "engine/runtime/lifecycle_feed.h"

#include "engine/runtime/history.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace cairn {
namespace {

/// Records whose places are read at once.
constexpr std::size_t k_ahead = 256;
/// Open runs whose tasks are kept in memory; those of others are folded from the log when something of them comes.
constexpr std::size_t k_tellers = 16'384;
constexpr std::size_t k_wanted = 65'536;

}  // namespace

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(patterns, [text](std::string_view pattern) {
    if (!pattern.ends_with('*')) return pattern == text;
    pattern.remove_suffix(1);
    return text.starts_with(pattern);
  });
}

bool LifecycleFilter::wants_workflow(const WorkflowIdentity& workflow) const {
  if (workflows.empty()) return true;
  return std::ranges::any_of(workflows, [&](std::string_view wanted) {
    const auto slash = wanted.find('/');
    if (slash == std::string_view::npos) return wanted == workflow.name;
    return wanted.substr(0, slash) == workflow.workflow_namespace && wanted.substr(slash + 1) == workflow.name;
  });
}

bool LifecycleFilter::wants_type(std::string_view type) const {
  if (is_status_change(type)) return std::ranges::find(types, type) != types.end();
  return types.empty() || matches_any(types, type);
}

bool LifecycleFilter::wants_source(std::string_view source) const {
  return sources.empty() || matches_any(sources, source);
}

std::size_t LifecycleFeed::IdHash::operator()(const RunId& id) const {
  std::size_t hash = 0;  // the last bytes are the random ones
  std::memcpy(&hash, id.bytes.data() + id.bytes.size() - sizeof(hash), sizeof(hash));
  return hash;
}

Result<std::optional<LifecycleFeed::Item>> LifecycleFeed::next(std::size_t& budget) {
  using Next = std::optional<Item>;
  while (true) {
    if (!ready_.empty()) {
      LifecycleEvent event = std::move(ready_.front());
      ready_.pop_front();
      position_ = event.at;
      if (ready_.empty()) position_ = *std::exchange(behind_ready_, std::nullopt);
      return Next(std::move(event));
    }
    if (ahead_.empty()) {
      CAIRN_TRY(look_ahead());
      if (ahead_.empty()) return end_gap();
    }
    const FeedRecord record = ahead_.front();
    // A position within an event stands before what is left of it.
    const std::uint64_t passed = number_of(position_.event) - (position_.part == LifecyclePosition::k_all ? 0 : 1);
    if (number_of(record.first) > passed + 1) {
      if (!gap_) gap_ = LifecycleGap{FeedPosition{passed + 1}, {}};
      gap_->through = FeedPosition{number_of(record.first) - 1};
      position_ = {gap_->through};
    }
    if (budget == 0) return end_gap();
    --budget;
    CAIRN_TRY(const bool is_there, take(record));
    ahead_.pop_front();
    if (!is_there) {
      if (!gap_) gap_ = LifecycleGap{std::max(record.first, FeedPosition{passed + 1}), {}};
      gap_->through = record.last();
      position_ = {record.last()};
      continue;
    }
    if (ready_.empty()) {
      position_ = {record.last()};
    } else {
      behind_ready_ = LifecyclePosition{record.last()};
    }
    if (gap_) return end_gap();
  }
}

Result<std::optional<LifecycleFeed::Item>> LifecycleFeed::end_gap() {
  if (!gap_) return std::optional<Item>();
  return std::optional<Item>(*std::exchange(gap_, std::nullopt));
}

Result<void> LifecycleFeed::look_ahead() {
  const FeedPosition after =
      position_.part == LifecyclePosition::k_all ? position_.event : FeedPosition{number_of(position_.event) - 1};
  return log_.each_feed_record(after, [this](const FeedRecord& record) {
    ahead_.push_back(record);
    return ahead_.size() < k_ahead;
  });
}

Result<bool> LifecycleFeed::wants_run(const RunId& run) {
  if (filter_.run) return run == *filter_.run;
  if (filter_.workflows.empty()) return true;
  if (const auto known = wanted_.find(run); known != wanted_.end()) return known->second;
  CAIRN_TRY(const auto summary, log_.summary(run));
  if (!summary) return true;  // it has been removed, and nobody knows what it was
  if (wanted_.size() >= k_wanted) wanted_.clear();
  return wanted_[run] = filter_.wants_workflow(summary->workflow);
}

Result<LifecycleTeller*> LifecycleFeed::teller_of(const FeedRecord& record) {
  const auto known = tellers_.find(record.run);
  const EventSeq before{number_of(record.event) - 1};
  if (known != tellers_.end() && known->second.last() == before) return &known->second;
  LifecycleTeller teller(record.run);
  if (before != k_no_event) {
    CAIRN_TRY(const auto state, fold_run(log_, record.run, before));
    teller = LifecycleTeller(state);
  }
  if (tellers_.size() >= k_tellers) tellers_.clear();
  return &tellers_.insert_or_assign(record.run, std::move(teller)).first->second;
}

Result<bool> LifecycleFeed::take(const FeedRecord& place) {
  CAIRN_TRY(const bool wanted, wants_run(place.run));
  if (!wanted) return true;
  std::optional<Record> found;
  auto read = log_.read(place.run, place.event, [&](const Record& record) {
    found = record;
    return false;
  });
  if (!read && read.error().code == ErrorCode::not_found) return false;
  CAIRN_TRY(std::move(read));
  if (!found || found->first != place.event || found->events.size() != place.events) {
    return make_error(
        ErrorCode::corrupt,
        "the record that the feed names at position " + std::to_string(number_of(place.first)) + " is not there",
        "run " + place.run.to_string(), "Run cairn log verify");
  }
  auto teller = teller_of(place);
  if (!teller && teller.error().code == ErrorCode::not_found) return false;
  CAIRN_TRY(std::move(teller));
  std::uint64_t offset = 0;
  for (const auto& event : found->events) {
    const EventSeq number{number_of(place.event) + offset};
    const FeedPosition position{number_of(place.first) + offset};
    ++offset;
    teller.value()->tell(number, position, found->stimulus.now, event, [this](LifecycleEvent told) {
      const Value* source = told.event.find("source");
      if (told.at > position_ && filter_.wants_type(told.type) && filter_.wants_source(source->as_string())) {
        ready_.push_back(std::move(told));
      }
    });
  }
  if (teller.value()->ended()) {
    tellers_.erase(place.run);
    wanted_.erase(place.run);
  }
  return true;
}

}  // namespace cairn
