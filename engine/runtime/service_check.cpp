// Ops that take long: checking the log, copying it, deciding a run again. Each works on a thread of its own, since any
// thread may read the log, and reports on the engine's thread.

#include "engine/runtime/history.h"
#include "engine/runtime/service_impl.h"
#include "engine/runtime/service_worker.h"

#include <utility>

namespace cairn {
namespace {

/// Records between two reports of progress.
constexpr std::uint64_t k_progress_every = 10'000;
/// The same of bytes that are copied.
constexpr std::uint64_t k_progress_every_bytes = std::uint64_t{16} << 20;

Value report_message(const Result<VerifyReport>& report) {
  if (!report) return error_message(report.error());
  return Value::object({{"report", report_view(report.value())}});
}

Result<Value> verify_message(const EventLog& log, const RunId& run) {
  CAIRN_TRY(const auto divergence, verify_run(log, run));
  const Value id = Value::string(run.to_string());
  if (divergence) {
    return Value::object({{"divergence", Value::object({{"at", Value::unsigned_integer(number_of(divergence->at))},
                                                        {"message", Value::string(divergence->message)}})},
                          {"run", id}});
  }
  CAIRN_TRY(const auto summary, log.summary(run));
  return Value::object({{"verified", Value::unsigned_integer(summary ? summary->length : 0)}, {"run", id}});
}

}  // namespace

Service::Impl::Opened Service::Impl::verify(const Answer& answer) {
  return on_a_thread(*this, answer, [&events = log()](const Post& post, Unwanted&) {
    std::uint64_t told = 0;
    const auto report = events.verify([&](std::uint64_t records) {
      if (records < told + k_progress_every) return;
      told = records;
      post(Value::object({{"progress", Value::unsigned_integer(records)}}), false);
    });
    post(report_message(report), true);
  });
}

Service::Impl::Opened Service::Impl::back_up(const Value& request, const Answer& answer) {
  CAIRN_TRY(const auto directory, required_text(request, "directory"));
  return on_a_thread(*this, answer, [&events = log(), directory](const Post& post, Unwanted& unwanted) {
    std::uint64_t told = 0;
    const auto report = events.back_up(directory, [&](std::uint64_t done, std::uint64_t total) {
      if (done >= told + k_progress_every_bytes) {
        told = done;
        post(Value::object({{"copied", Value::unsigned_integer(done)}, {"of", Value::unsigned_integer(total)}}), false);
      }
      return !unwanted;
    });
    post(report_message(report), true);
  });
}

Service::Impl::Opened Service::Impl::verify_replay(const Value& request, const Answer& answer) {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  if (!request.get("at").is_null()) {
    return make_error(ErrorCode::invalid_usage, "a run is verified as a whole", {}, "Leave out 'at'");
  }
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  return on_a_thread(*this, answer, [&events = log(), run](const Post& post, Unwanted&) {
    const auto message = verify_message(events, run);
    post(message ? message.value() : error_message(message.error()), true);
  });
}

}  // namespace cairn
