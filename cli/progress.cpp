#include "cli/progress.h"

#include "cli/task_ledger.h"
#include "cli/terminal.h"
#include "engine/runtime/brief.h"

#include <fmt/format.h>

namespace cairn {
namespace {

class ProgressDisplay final : public RunDisplay {
 public:
  void on_run(const std::string& run) override { say("run", run, ""); }

  void on_event(const std::string& run, const Value& event) override {
    const auto ended = ledgers_[run].add(event);
    if (!ended) return;
    std::string words = ended->task.kind;
    if (ended->status != "skipped") words += (words.empty() ? "" : "  ") + brief_duration(ended->took_ms);
    if (ended->task.attempts > 1) words += fmt::format("  {} attempts", ended->task.attempts);
    if (ended->status == "faulted") words += "  " + ended->gist;
    say(ended->status, ended->task.label, words);
  }

  void on_output(const std::string&, const Value&) override {}

  void on_end(const std::string& run, const Value& end) override {
    ledgers_.erase(run);
    const Value status = end.get("status");
    say(status.is_string() ? status.as_string() : "ended", "run " + run, "");
  }
  void note(const std::string& text) override { print_note(text); }
  void tick() override {}
  void close() override {}

 private:
  static void say(const std::string& status, const std::string& subject, const std::string& words) {
    Output& out = standard_error();
    const Colour colour = status == "completed" ? Colour::green : status == "faulted" ? Colour::red : Colour::dim;
    constexpr std::size_t k_status_width = 9;
    std::string line = out.paint(colour, padded(status, k_status_width)) + "  " + subject;
    if (!words.empty()) line += "  " + words;
    out.write(line + "\n");
  }

  std::map<std::string, TaskLedger> ledgers_;
};

}  // namespace

std::unique_ptr<RunDisplay> make_progress_display() { return std::make_unique<ProgressDisplay>(); }

}  // namespace cairn
