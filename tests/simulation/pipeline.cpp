#include "tests/simulation/pipeline.h"

#include <algorithm>
#include <iterator>

namespace cairn::simulation {
namespace {

DoubtfulBatch copy_of(const AppendBatch& batch) {
  DoubtfulBatch copy;
  copy.batch = batch;
  for (auto& append : copy.batch.records) {
    copy.records.push_back(std::make_shared<const Record>(*append.record));
    append.record = copy.records.back().get();
  }
  return copy;
}

}  // namespace

class Pipeline::SimulatedCommitter final : public Committer {
 public:
  explicit SimulatedCommitter(Pipeline& pipeline) : pipeline_(pipeline) {}
  void commit(AppendBatch batch, Done done) override {
    pipeline_.given_.push_back({std::move(batch), std::move(done)});
  }
  [[nodiscard]] std::optional<Error> trouble() const override { return pipeline_.trouble_; }
  void help() override {
    if (pipeline_.while_waiting) pipeline_.while_waiting();
    pipeline_.write();
  }

 private:
  Pipeline& pipeline_;
};

std::unique_ptr<Committer> Pipeline::committer() { return std::make_unique<SimulatedCommitter>(*this); }

void Pipeline::write(bool all) {
  if (given_.empty()) return;
  if (before_write) before_write();
  const std::size_t count = all ? given_.size() : 1 + dice_.below(given_.size());
  std::vector<Given> taken;
  AppendBatch together;
  for (std::size_t i = 0; i < count; ++i) {
    Given& oldest = given_.front();
    std::ranges::copy(oldest.batch.definitions, std::back_inserter(together.definitions));
    std::ranges::copy(oldest.batch.records, std::back_inserter(together.records));
    std::ranges::copy(oldest.batch.published, std::back_inserter(together.published));
    if (oldest.batch.matched) together.matched = oldest.batch.matched;
    taken.push_back(std::move(oldest));
    given_.pop_front();
  }
  Result<void> result = success();
  if (failure_) {
    result = make_error(ErrorCode::unavailable, "an earlier batch could not be written");
  } else if (auto appended = log_.append(together); appended) {
    trouble_.reset();
    history_.became_durable(together);
  } else if (appended.error().code == ErrorCode::disk_full) {
    trace_.line("no room");
    trouble_ = appended.error();
    for (; !taken.empty(); taken.pop_back()) given_.push_front(std::move(taken.back()));
    return;
  } else {
    trace_.line("append failed: {}", appended.error().message);
    failure_ = appended.error();
    failed_.push_back(copy_of(together));
    result = *failure_;
  }
  for (const auto& given : taken) given.done(result);
}

std::vector<DoubtfulBatch> Pipeline::doubtful() const {
  auto all = failed_;
  for (const auto& given : given_) all.push_back(copy_of(given.batch));
  return all;
}

}  // namespace cairn::simulation
