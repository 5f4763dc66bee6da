#include "cli/watch.h"

#include "cli/cli.h"
#include "cli/cloud_events.h"
#include "cli/live_view.h"
#include "cli/progress.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "workflows/value/json.h"

#include <utility>

namespace cairn {
namespace {

constexpr int k_tick_ms = 100;

/// The answers so far. A stream that begins anew (with another owner) repeats events: those are passed over.
class Watcher {
 public:
  Watcher(Watched& watched, RunDisplay* display, const std::function<void(const Value&)>& on_first)
      : watched_(watched), display_(display), on_first_(on_first) {}

  void on_message(const Value& message) {
    const std::string run = text_in(message, "run");
    if (const Value* event = message.find("event")) {
      const Value number = event->get("number");
      if (number.is_integer() && number.as_uint() > seen_[run]) {
        seen_[run] = number.as_uint();
        if (display_ != nullptr) display_->on_event(run, *event);
      }
    } else if (const Value* output = message.find("output")) {
      if (display_ != nullptr) display_->on_output(run, *output);
    } else if (const Value* end = message.find("end")) {
      if (watched_.ended.emplace(run, *end).second) {
        watched_.last = run;
        if (display_ != nullptr) display_->on_end(run, *end);
      }
    } else if (const Value* places = message.find("events")) {
      print_repeated(*places);
    } else if (watched_.first_answer.is_null()) {
      watched_.first_answer = message;
      if (on_first_) on_first_(message);
      if (!run.empty()) name(run);
      if (const Value runs = message.get("runs"); runs.is_array()) {
        for (const auto& id : runs.as_array()) name(id.as_string());
      }
    }
  }

 private:
  void name(const std::string& run) {
    watched_.runs.push_back(run);
    if (display_ != nullptr) display_->on_run(run);
  }

  Watched& watched_;
  RunDisplay* display_;
  const std::function<void(const Value&)>& on_first_;
  std::map<std::string, std::uint64_t> seen_;
};

/// What to ask the next owner for.
Result<Value> request_after_loss(const Value& request, const Watched& watched) {
  if (watched.first_answer.is_null()) {
    const bool repeatable = text_in(request, "op") != "start" || !text_in(request, "key").empty();
    if (repeatable) return request;
    return make_error(ErrorCode::unavailable,
                      "the owner of the data directory ended before it said whether the run was started", {},
                      "Look with: cairn runs");
  }
  Array open;
  for (const auto& run : watched.runs) {
    if (!watched.ended.contains(run)) open.push_back(Value::string(run));
  }
  return Value::object({{"op", Value::string("resume")},
                        {"runs", Value::array(std::move(open))},
                        {"secrets", request.get("secrets")},
                        {"follow", request.get("follow")}});
}

}  // namespace

std::unique_ptr<RunDisplay> make_display(bool progress) {
  if (progress) return make_progress_display();
  if (standard_error().is_terminal()) return make_live_view();
  return nullptr;
}

Result<Watched> watch(Session& session, const Value& request, RunDisplay* display,
                      const std::function<void(const Value& answer)>& on_first) {
  Watched watched;
  Watcher watcher(watched, display, on_first);
  Value current = request.with("follow", display == nullptr ? Value::string("end") : Value::boolean(true));
  if (display != nullptr) session.every(k_tick_ms, [display] { display->tick(); });
  const auto finish = [&] {
    session.every(0, {});
    if (display != nullptr) display->close();
  };
  while (true) {
    const auto end = session.call(current, [&watcher](const Value& message) { watcher.on_message(message); });
    if (!end) {
      finish();
      return end.error();
    }
    watched.end = end.value();
    if (watched.end != CallEnd::lost) break;
    auto next = request_after_loss(current, watched);
    if (!next) {
      finish();
      return next.error();
    }
    current = std::move(next.value());
    const bool handed_over = session.has_handed_over();
    if (auto reopened = session.reopen(); !reopened) {
      finish();
      return reopened.error();
    }
    const std::string note =
        handed_over && !session.is_owner() ? "handed the data directory over to cairn serve, which goes on"
        : session.is_owner()               ? "the owner of the data directory has ended; going on in its place"
                                           : "the owner of the data directory has ended; going on with the next one";
    if (display != nullptr) {
      display->note(note);
    } else {
      print_note(note);
    }
  }
  finish();
  return watched;
}

void print_how_to_go_on(const Session& session, const Watched& watched) {
  for (const auto& run : watched.runs) {
    if (watched.ended.contains(run)) continue;
    print_note(session.is_owner()
                   ? "run " + run + " stopped; go on with: cairn resume " + run
                   : "run " + run +
                         " goes on in the process that owns the data directory; watch it with: cairn resume " + run);
  }
}

int print_result(const Value& run, bool compact) {
  const std::string status = text_in(run, "status");
  if (status == "completed") {
    Output& out = standard_output();
    const Value output = run.get("output");
    out.write((out.is_terminal() && !compact ? to_pretty_json(output) : to_json(output)) + "\n");
    return k_exit_ok;
  }
  if (status == "cancelled") {
    const std::string reason = text_in(run, "cancelReason");
    print_note("run " + text_in(run, "id") + " was cancelled" + (reason.empty() ? "" : ": " + reason));
    return k_exit_cancelled;
  }
  Output& err = standard_error();
  const Value problem = run.get("error");
  err.write((err.is_terminal() && !compact ? to_pretty_json(problem) : to_json(problem)) + "\n");
  return k_exit_failed;
}

}  // namespace cairn
