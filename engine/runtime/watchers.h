#pragma once
// Watchers: who wants to be told that there is more of something. One thread.

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace cairn {

/// Keeps an observer attached; destroying it detaches.
class Observation {
 public:
  virtual ~Observation() = default;
};

class Watchers {
 public:
  /// Until what is returned goes, which may be from within `told`, or after the watchers have gone.
  [[nodiscard]] std::unique_ptr<Observation> add(std::function<void()> told) {
    auto shared = std::make_shared<Told>(std::move(told));
    all_->push_back(shared);
    return std::make_unique<Watch>(all_, std::move(shared));
  }
  void tell() const {
    if (all_->empty()) return;
    for (const auto now = *all_; const auto& told : now) {
      if (const Told call = *told) call();  // a copy: it may end its own watch
    }
  }

 private:
  using Told = std::function<void()>;
  using All = std::vector<std::shared_ptr<Told>>;
  class Watch final : public Observation {
   public:
    Watch(std::shared_ptr<All> all, std::shared_ptr<Told> told) : all_(std::move(all)), told_(std::move(told)) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() override {
      *told_ = nullptr;
      std::erase(*all_, told_);
    }

   private:
    std::shared_ptr<All> all_;
    std::shared_ptr<Told> told_;
  };

  std::shared_ptr<All> all_ = std::make_shared<All>();
};

}  // namespace cairn
