#include "engine/runtime/service_worker.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace cairn {
namespace {

/// Where a worker reports. The exchange and the worker share it; the exchange takes the answer away when it goes.
struct Report {
  Answer answer;
  std::atomic<bool> unwanted = false;  ///< nobody waits any more: what can be given up is
};

class WorkerExchange final : public Exchange {
 public:
  explicit WorkerExchange(std::shared_ptr<Report> report) : report_(std::move(report)) {}
  WorkerExchange(const WorkerExchange&) = delete;
  WorkerExchange& operator=(const WorkerExchange&) = delete;
  ~WorkerExchange() override {
    report_->answer = nullptr;
    report_->unwanted = true;
  }

 private:
  std::shared_ptr<Report> report_;
};

}  // namespace

std::unique_ptr<Exchange> on_a_thread(Service::Impl& service, const Answer& answer,
                                      std::function<void(const Post&, Unwanted&)> work) {
  auto report = std::make_shared<Report>();
  report->answer = answer;
  auto& io = service.io;
  auto keep_running = boost::asio::make_work_guard(io);
  const Post post = [report, &io](Value message, bool last) {
    boost::asio::post(io, [report, message = std::move(message), last] {
      if (report->answer) report->answer(message, last);
    });
  };
  std::erase_if(service.workers, [](Service::Impl::Worker& worker) {
    if (!*worker.done) return false;
    worker.thread.join();
    return true;
  });
  auto done = std::make_shared<std::atomic<bool>>(false);
  service.workers.push_back(
      {std::thread([work = std::move(work), post, report, done, keep_running = std::move(keep_running)] {
         work(post, report->unwanted);
         *done = true;
       }),
       done});
  return std::make_unique<WorkerExchange>(std::move(report));
}

}  // namespace cairn
