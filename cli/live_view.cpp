#include "cli/live_view.h"

#include "cli/task_ledger.h"
#include "cli/terminal.h"
#include "engine/runtime/brief.h"
#include "engine/runtime/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr std::array<std::string_view, 10> k_spinner{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
/// Lines that may scroll by between two redraws; the rest is counted. Nobody reads faster.
constexpr std::size_t k_lines_per_frame = 200;
/// A line of script output that is longer than this is shown in pieces.
constexpr std::size_t k_longest_output_line = 4096;

/// "1.2 s": tenths are enough for something that moves.
std::string moving_duration(std::int64_t ms) {
  constexpr std::int64_t k_minute = 60'000;
  if (ms < k_minute)
    return fmt::format("{}.{} s", std::max<std::int64_t>(ms, 0) / 1000, std::max<std::int64_t>(ms, 0) % 1000 / 100);
  return brief_duration(ms / 1000 * 1000);
}

class LiveView final : public RunDisplay {
 public:
  void on_run(const std::string& run) override {
    runs_[run];
    above(out_.paint(Colour::dim, "run " + run));
    draw();
  }

  void on_event(const std::string& run, const Value& event) override {
    Run& state = runs_[run];
    const Value type = event.get("type");
    const Value gist = event.get("gist");
    if (type == Value::string("RunSuspended")) state.suspended = true;
    if (type == Value::string("RunContinued")) state.suspended = false;
    if (type == Value::string("ErrorCaught")) show_caught(state, event);
    if (type == Value::string("TimerStarted") && event.get("data").get("purpose") == Value::string("retry")) {
      show_retry(state, event);
    }
    if (type == Value::string("EventEmitted")) {
      above(out_.paint(Colour::cyan, "  ⚑ ") + "emitted " + (gist.is_string() ? gist.as_string() : ""));
    }
    if (const auto ended = state.ledger.add(event)) show_ended(state, *ended);
  }

  void on_output(const std::string& run, const Value& output) override {
    const Value text = output.get("text");
    const Value task = output.get("task");
    if (!text.is_string() || !task.is_string()) return;
    std::string& pending = runs_[run].partial[task.as_string()];
    pending += text.as_string();
    const std::string name = task.as_string().substr(task.as_string().rfind('/') + 1);
    std::size_t begin = 0;
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
      show_output(name, std::string_view(pending).substr(begin, end - begin));
      begin = end + 1;
    }
    pending.erase(0, begin);
    if (pending.size() > k_longest_output_line) {
      show_output(name, pending);
      pending.clear();
    }
  }

  void on_end(const std::string& run, const Value& end) override {
    const auto it = runs_.find(run);
    if (it == runs_.end()) return;
    for (const auto& [task, text] : it->second.partial) {
      if (!text.empty()) show_output(task.substr(task.rfind('/') + 1), text);
    }
    const Value status = end.get("status");
    const std::string word = status.is_string() ? status.as_string() : "ended";
    above(mark_of(word) + " run " + word + out_.paint(Colour::dim, " in " + took(end)));
    runs_.erase(it);
    draw();
  }

  void note(const std::string& text) override {
    above(out_.paint(Colour::bold, "cairn:") + " " + text);
    draw();
  }

  void tick() override {
    ++frame_;
    draw();
  }

  void close() override {
    runs_.clear();
    draw();
  }

 private:
  struct Run {
    TaskLedger ledger;
    std::map<std::string, std::string> partial;  // output without its end of line yet, by task
    bool suspended = false;
  };

  static std::string took(const Value& end) {
    const auto time = [&end](std::string_view name) -> std::int64_t {
      const Value text = end.get(name);
      const auto parsed = text.is_string() ? parse_timestamp(text.as_string()) : Result<Timestamp>(Timestamp{});
      return parsed ? parsed.value().ms : 0;
    };
    return brief_duration(time("endedAt") - time("startedAt"));
  }

  [[nodiscard]] std::string mark_of(std::string_view status) const {
    if (status == "completed") return out_.paint(Colour::green, "✓");
    if (status == "faulted") return out_.paint(Colour::red, "✗");
    return out_.paint(Colour::dim, status == "skipped" ? "↷" : "∅");
  }

  void above(std::string line) {
    if (above_.size() < k_lines_per_frame) {
      above_.push_back(std::move(line));
    } else {
      ++passed_over_;
    }
  }

  void show_output(std::string_view task, std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    above(out_.paint(Colour::dim, fmt::format("  {} │ ", task)) + brief_text(text, k_longest_output_line));
  }

  static const OpenTask* task_of(const Run& run, const Value& event) {
    const Value frame = event.get("data").get("frame");
    return frame.is_integer() ? run.ledger.find(frame.as_uint()) : nullptr;
  }

  void show_caught(const Run& run, const Value& event) {
    const OpenTask* task = task_of(run, event);
    const Value gist = event.get("gist");
    // A retry is told by its timer, which knows the delay.
    if (task == nullptr || !gist.is_string() || event.get("data").get("handling") == Value::string("retry")) return;
    above("  " + out_.paint(Colour::yellow, "↳") + " " + task->label +
          out_.paint(Colour::dim, "  " + gist.as_string()));
  }

  void show_retry(const Run& run, const Value& event) {
    const OpenTask* task = task_of(run, event);
    const Value gist = event.get("gist");
    if (task == nullptr || !gist.is_string()) return;
    above("  " + out_.paint(Colour::yellow, "↻") + " " + task->label +
          out_.paint(Colour::dim, "  " + gist.as_string()));
  }

  void show_ended(const Run&, const EndedTask& ended) {
    const bool holds_others =
        ended.task.kind == "do" || ended.task.kind == "for" || ended.task.kind == "fork" || ended.task.kind == "try";
    // Those inside have been shown.
    if (holds_others && ended.status == "completed" && ended.task.attempts == 1) return;
    std::string line = "  " + mark_of(ended.status) + " " + ended.task.label;
    std::string words = "  " + ended.task.kind;
    if (ended.status != "skipped") words += "  " + brief_duration(ended.took_ms);
    if (ended.task.attempts > 1) words += fmt::format("  {} attempts", ended.task.attempts);
    line += out_.paint(Colour::dim, words);
    if (ended.status == "faulted") line += "  " + out_.paint(Colour::red, ended.gist);
    above(std::move(line));
  }

  /// A line for each open task that has no open task inside.
  [[nodiscard]] std::vector<std::string> open_lines(std::size_t width, std::size_t most) const {
    std::vector<std::string> lines;
    std::size_t more = 0;
    const Timestamp now = system_clock().now();
    for (const auto& [id, run] : runs_) {
      if (run.suspended) lines.push_back(cut_to("  ‖ run " + id + " is suspended", width));
      for (const auto& [frame, task] : run.ledger.open()) {
        if (task.children > 0) continue;
        if (lines.size() >= most) {
          ++more;
          continue;
        }
        const std::string spinner(run.suspended ? std::string_view("·") : k_spinner.at(frame_ % k_spinner.size()));
        std::string words = "  " + moving_duration(now.ms - task.started_at.ms);
        if (!task.doing.empty()) words += "  " + task.doing;
        const std::string text = cut_to(task.label, width > 4 ? width - 4 : 0);
        const std::size_t left = width > 4 + columns_of(text) ? width - 4 - columns_of(text) : 0;
        lines.push_back("  " + out_.paint(Colour::cyan, spinner) + " " + text +
                        out_.paint(Colour::dim, cut_to(words, left)));
      }
    }
    if (more > 0) lines.push_back(out_.paint(Colour::dim, cut_to(fmt::format("    and {} more", more), width)));
    return lines;
  }

  /// Writes everything as one piece, so that a terminal never shows half of it.
  void draw() {
    const std::size_t width = std::max<std::size_t>(out_.width(), 2) - 1;
    const std::size_t height = out_.height();
    std::string frame;
    if (drawn_ > 0) frame += fmt::format("\x1b[{}A", drawn_);
    frame += '\r';
    if (passed_over_ > 0) above_.push_back(out_.paint(Colour::dim, fmt::format("  … and {} more lines", passed_over_)));
    for (const auto& line : above_) frame += "\x1b[2K" + line + "\n";
    const auto lines = open_lines(width, height > 3 ? height - 3 : 1);
    for (const auto& line : lines) frame += "\x1b[2K" + line + "\n";
    frame += "\x1b[J";
    const bool same = above_.empty() && lines == shown_;
    above_.clear();
    passed_over_ = 0;
    if (same) return;
    drawn_ = lines.size();
    shown_ = lines;
    out_.write(frame);
  }

  Output& out_ = standard_error();
  std::map<std::string, Run> runs_;
  std::vector<std::string> above_;
  std::size_t passed_over_ = 0;
  std::vector<std::string> shown_;
  std::size_t drawn_ = 0;
  std::size_t frame_ = 0;
};

}  // namespace

std::unique_ptr<RunDisplay> make_live_view() { return std::make_unique<LiveView>(); }

}  // namespace cairn
