#include "engine/runtime/committer.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace cairn {
namespace {

/// Appends until a batch fails.
class Appender {
 public:
  explicit Appender(EventLog& log) : log_(log) {}

  Result<void> append(const AppendBatch& batch) {
    if (failure_) {
      return make_error(ErrorCode::unavailable, "an earlier batch could not be written: " + failure_->message,
                        failure_->where, failure_->remedy);
    }
    auto appended = log_.append(batch);
    if (appended) return success();
    if (appended.error().code == ErrorCode::disk_full) return std::move(appended).error();  // nothing was tried
    failure_ = appended.error();
    return *failure_;
  }

  void give_up(const Error& error) { failure_ = error; }

 private:
  EventLog& log_;
  std::optional<Error> failure_;
};

class DirectCommitter final : public Committer {
 public:
  explicit DirectCommitter(EventLog& log) : appender_(log) {}
  void commit(AppendBatch batch, Done done) override { done(appender_.append(batch)); }

 private:
  Appender appender_;
};

class ThreadedCommitter final : public Committer {
 public:
  explicit ThreadedCommitter(EventLog& log) : appender_(log), thread_([this] { run(); }) {}
  ThreadedCommitter(const ThreadedCommitter&) = delete;
  ThreadedCommitter& operator=(const ThreadedCommitter&) = delete;
  ~ThreadedCommitter() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  [[nodiscard]] std::optional<Error> trouble() const override {
    if (!troubled_) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return trouble_;
  }

  void commit(AppendBatch batch, Done done) override {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back({std::move(batch), std::move(done)});
    }
    wake_.notify_one();
  }

 private:
  struct Given {
    AppendBatch batch;
    Done done;
  };
  /// Records written with one sync; more would keep the first waiting for little gain.
  static constexpr std::size_t k_records_a_sync = 1'024;
  static constexpr std::chrono::milliseconds k_try_again{200};

  void run() {
    pthread_setname_np(pthread_self(), "committer");  // for those who look at threads
    while (true) {
      std::vector<Given> taken = take();
      if (taken.empty()) return;
      AppendBatch together = std::move(taken.front().batch);
      for (auto given = std::next(taken.begin()); given != taken.end(); ++given) {
        std::ranges::move(given->batch.definitions, std::back_inserter(together.definitions));
        std::ranges::move(given->batch.records, std::back_inserter(together.records));
        std::ranges::move(given->batch.published, std::back_inserter(together.published));
        if (given->batch.matched) together.matched = given->batch.matched;
        together.unpublish = std::max(together.unpublish, given->batch.unpublish);
        std::ranges::move(given->batch.forget, std::back_inserter(together.forget));
        std::ranges::move(given->batch.schedules, std::back_inserter(together.schedules));
        std::ranges::move(given->batch.sinks, std::back_inserter(together.sinks));
        together.fold_rows += given->batch.fold_rows;
      }
      auto appended = appender_.append(together);
      while (!appended && appended.error().code == ErrorCode::disk_full) {
        if (!wait_for_room(appended.error())) {
          appender_.give_up(appended.error());  // what comes behind it was decided on top of it
          break;
        }
        appended = appender_.append(together);
      }
      if (appended) set_trouble(std::nullopt);
      for (const auto& given : taken) given.done(appended);
    }
  }

  /// False: it is time to go.
  bool wait_for_room(const Error& error) {
    set_trouble(error);
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, k_try_again, [this] { return stopping_; });
  }

  void set_trouble(std::optional<Error> trouble) {
    if (troubled_ == trouble.has_value()) return;
    if (trouble) {
      spdlog::error("nothing can be recorded for now: {}", trouble->to_string());
    } else {
      spdlog::warn("there is room on the disk again: what waited is being recorded");
    }
    const std::lock_guard lock(mutex_);
    troubled_ = trouble.has_value();
    trouble_ = std::move(trouble);
  }

  /// What waits, or nothing when it is time to go.
  std::vector<Given> take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    std::vector<Given> taken;
    std::size_t records = 0;
    while (!waiting_.empty() && (taken.empty() || records < k_records_a_sync)) {
      records += waiting_.front().batch.records.size() + waiting_.front().batch.published.size();
      taken.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return taken;
  }

  Appender appender_;  // of the thread
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> troubled_ = false;
  std::optional<Error> trouble_;
  std::deque<Given> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Committer> make_direct_committer(EventLog& log) { return std::make_unique<DirectCommitter>(log); }
std::unique_ptr<Committer> make_threaded_committer(EventLog& log) { return std::make_unique<ThreadedCommitter>(log); }

}  // namespace cairn
