// libjq 1.6, in processes that may die.

#include "tests/differential/engines.h"
#include "workflows/core/assert.h"
#include "workflows/value/json.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <string_view>

extern "C" {
#include <jq.h>
#include <jv.h>
}

namespace cairn::differential {
namespace {

constexpr std::size_t k_longest_report = 1u << 20;
constexpr rlim_t k_memory = 2ULL << 30;
constexpr suseconds_t k_time_us = 700'000;

/// Lines of a report: a letter and JSON.
constexpr char k_output = 'o';
constexpr char k_error = 'e';
constexpr char k_cut = 'c';
constexpr char k_done = 'd';

struct CompileErrors {
  std::string text;
  static void note(void* self, jv message) {
    static_cast<CompileErrors*>(self)->text += jv_string_value(message);
    jv_free(message);
  }
};

std::string json_of(jv value) {
  jv text = jv_dump_string(value, 0);
  std::string copy(jv_string_value(text), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text))));
  jv_free(text);
  return copy;
}

/// A compiled program of libjq's.
class LibJq {
 public:
  explicit LibJq(const std::string& program) : jq_(jq_init()) {
    CAIRN_ASSERT(jq_ != nullptr, "libjq gives no state");
    jq_set_error_cb(jq_, CompileErrors::note, &errors_);
    compiled_ = jq_compile(jq_, program.c_str()) != 0;
  }
  ~LibJq() { jq_teardown(&jq_); }
  LibJq(const LibJq&) = delete;
  LibJq& operator=(const LibJq&) = delete;
  [[nodiscard]] bool compiled() const { return compiled_; }
  [[nodiscard]] const std::string& errors() const { return errors_.text; }

  /// Runs on the JSON `input`; what happened goes to `out`, line by line.
  void report(const std::string& input, int out) {
    jq_start(jq_, jv_parse(input.c_str()), 0);
    std::string lines;
    for (std::size_t count = 0; lines.size() < k_longest_report; ++count) {
      jv result = jq_next(jq_);
      if (!jv_is_valid(result)) {
        jv message = jv_invalid_get_msg(result);
        lines += jv_get_kind(message) == JV_KIND_NULL ? std::string(1, k_done) : k_error + json_of(message);
        lines += '\n';
        break;
      }
      if (count == k_outputs) {
        lines += std::string(1, k_cut) + '\n';
        break;
      }
      lines += k_output + json_of(result) + '\n';
    }
    for (std::string_view rest = lines; !rest.empty();) {
      const ssize_t written = ::write(out, rest.data(), rest.size());
      if (written <= 0) break;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  CompileErrors errors_;
  jq_state* jq_;
  bool compiled_ = false;
};

Outcome read_report(const std::string& lines) {
  Outcome outcome;
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    if (end == std::string::npos) break;
    const std::string json = lines.substr(begin + 1, end - begin - 1);
    switch (lines[begin]) {
      case k_output: {
        auto value = parse_json(json);
        if (!value) return {};  // something that JSON does not have; cannot be compared
        outcome.outputs.push_back(std::move(value).value());
        break;
      }
      case k_error: {
        auto value = parse_json(json);
        outcome.error = value && value.value().is_string() ? value.value().as_string() : json;
        outcome.end = Outcome::End::failed;
        break;
      }
      case k_cut: outcome.end = Outcome::End::cut; break;
      default: outcome.end = Outcome::End::done; break;
    }
    begin = end + 1;
  }
  return outcome;
}

/// One evaluation in a process of its own.
Outcome evaluate(LibJq& libjq, const std::string& input) {
  int ends[2];
  CAIRN_ASSERT(::pipe(ends) == 0, "no pipe");
  const pid_t child = ::fork();
  CAIRN_ASSERT(child >= 0, "no process");
  if (child == 0) {
    ::close(ends[0]);
    ::close(STDERR_FILENO);  // its assertions are expected
    const rlimit memory{k_memory, k_memory};
    ::setrlimit(RLIMIT_AS, &memory);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const itimerval time{{0, 0}, {0, k_time_us}};
    ::setitimer(ITIMER_REAL, &time, nullptr);
    libjq.report(input, ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string lines;
  char buffer[4096];
  for (ssize_t count = ::read(ends[0], buffer, sizeof buffer); count > 0;
       count = ::read(ends[0], buffer, sizeof buffer)) {
    lines.append(buffer, static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return read_report(lines);
}

/// Programs as one: its input is [index of the program, input].
std::string together(const std::vector<std::string_view>& programs) {
  std::string text;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    text += "def program_" + std::to_string(i) + ": " + std::string(programs[i]) + ";\n";
  }
  text += ". as [$index, $input] | $input | ";
  for (std::size_t i = 0; i < programs.size(); ++i) {
    text += "if $index == " + std::to_string(i) + " then program_" + std::to_string(i) + " else ";
  }
  text += "empty";
  for (std::size_t i = 0; i < programs.size(); ++i) text += " end";
  return text;
}

}  // namespace

std::vector<Outcome> run_libjq(std::span<const Evaluation> evaluations) {
  std::vector<std::string_view> programs;
  std::map<std::string_view, std::size_t> index_of;
  for (const auto& one : evaluations) {
    if (index_of.emplace(one.program, programs.size()).second) programs.push_back(one.program);
  }
  std::vector<Outcome> outcomes;
  LibJq libjq(together(programs));
  if (libjq.compiled()) {
    for (const auto& one : evaluations) {
      outcomes.push_back(evaluate(libjq, "[" + std::to_string(index_of[one.program]) + "," + to_json(one.input) + "]"));
    }
    return outcomes;
  }
  if (programs.size() == 1) {
    Outcome outcome;
    outcome.end = Outcome::End::not_compiled;
    outcome.error = libjq.errors();
    return std::vector<Outcome>(evaluations.size(), outcome);
  }
  // One of them does not compile: in halves, until it stands alone.
  const std::string_view middle = programs[programs.size() / 2];
  std::vector<Evaluation> halves[2];
  for (const auto& one : evaluations) halves[index_of[one.program] >= index_of[middle] ? 1 : 0].push_back(one);
  const std::vector<Outcome> results[2] = {run_libjq(halves[0]), run_libjq(halves[1])};
  std::size_t taken[2] = {0, 0};
  for (const auto& one : evaluations) {
    const int half = index_of[one.program] >= index_of[middle] ? 1 : 0;
    outcomes.push_back(results[half][taken[half]++]);
  }
  return outcomes;
}

}  // namespace cairn::differential
