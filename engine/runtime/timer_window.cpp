#include "engine/runtime/timer_window.h"

#include <algorithm>
#include <iterator>

namespace cairn {
namespace {

/// How far ahead the index is read, and how long before the end of that it is read again.
constexpr std::int64_t k_window_ms = 20'000;
constexpr std::int64_t k_early_ms = 10'000;
/// When to try again what could not be read.
constexpr std::int64_t k_again_ms = 1'000;
/// Timers in memory: read at once, and at the most.
constexpr std::size_t k_page = 16'384;
constexpr std::size_t k_most = 4 * k_page;

}  // namespace

void TimerWindow::follow_log() {
  horizon_ = DueTimer{Timestamp{std::numeric_limits<std::int64_t>::min()}, RunId{}, EventSeq{}};
  near_.clear();
  beyond_ = horizon_.due;
}

void TimerWindow::add(const DueTimer& timer) {
  if (timer > horizon_) {
    if (!beyond_ || timer.due < *beyond_) beyond_ = timer.due;
    return;
  }
  near_.insert(timer);
  if (near_.size() <= k_most || horizon_ == k_last) return;
  // The later half is in the index as well.
  const auto half = std::next(near_.begin(), static_cast<std::ptrdiff_t>(near_.size() / 2));
  horizon_ = *std::prev(half);
  beyond_ = half->due;
  near_.erase(half, near_.end());
}

void TimerWindow::clear() {
  near_.clear();
  horizon_ = k_last;
  beyond_.reset();
}

void TimerWindow::read_ahead(Timestamp now, Result<void>& outcome) {
  const Timestamp end{now.ms + k_window_ms};
  std::size_t read = 0;
  beyond_.reset();
  outcome = log_.each_timer(horizon_, [&](const DueTimer& timer) {
    if (timer.due > end || read == k_page) {
      beyond_ = timer.due;
      return false;
    }
    near_.insert(timer);
    horizon_ = timer;
    ++read;
    return true;
  });
  if (!outcome && !beyond_) {
    beyond_ = Timestamp{now.ms + k_early_ms + k_again_ms};
    return;
  }
  if (!beyond_ || *beyond_ > end) horizon_ = std::max(horizon_, DueTimer{end, RunId{}, EventSeq{}});
}

Result<std::vector<DueTimer>> TimerWindow::take_due(Timestamp now, std::size_t limit) {
  Result<void> outcome = success();
  std::vector<DueTimer> due;
  while (due.size() < limit) {
    if (outcome && beyond_ && beyond_->ms <= now.ms + k_early_ms && near_.size() < k_page) read_ahead(now, outcome);
    if (near_.empty() || near_.begin()->due > now) break;
    due.push_back(*near_.begin());
    near_.erase(near_.begin());
  }
  if (!outcome && due.empty()) return std::move(outcome).error();
  return due;
}

std::optional<Timestamp> TimerWindow::next() const {
  std::optional<Timestamp> next;
  if (!near_.empty()) next = near_.begin()->due;
  if (beyond_ && near_.size() < k_page) {
    const Timestamp read{std::max(beyond_->ms, std::numeric_limits<std::int64_t>::min() + k_early_ms) - k_early_ms};
    if (!next || read < *next) next = read;
  }
  return next;
}

Result<bool> TimerWindow::holds(const DueTimer& timer) const {
  if (near_.contains(timer)) return true;
  if (timer <= horizon_) return false;
  bool found = false;
  CAIRN_TRY(log_.each_timer({timer.due, timer.run, EventSeq{number_of(timer.timer) - 1}}, [&](const DueTimer& first) {
    found = first == timer;
    return false;
  }));
  return found;
}

}  // namespace cairn
