#include "server/api/metrics.h"

#include "engine/runtime/schedules.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::server {
namespace {

class Text {
 public:
  void metric(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void sample(double value, std::string_view labels = {}) {
    out_ += labels.empty() ? fmt::format("{} {}\n", name_, value) : fmt::format("{}{{{}}} {}\n", name_, labels, value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string name_;
  std::string out_;
};

/// As label values must be: backslash, quote and line end escaped.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

/// Of this process, from Linux; 0 when it does not say.
double resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long total = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

std::string metrics_text(const Engine& engine, const Value& http, std::size_t workflows) {
  Text text;
  text.metric("cairn_info", "gauge", "The version that runs; always 1.");
  text.sample(1, fmt::format("version=\"{}\"", CAIRN_VERSION));
  text.metric("cairn_ready", "gauge",
              "1 when work is taken and recorded; 0 while the disk is full or after a write failed.");
  text.sample(engine.stopped_by() || engine.trouble() ? 0 : 1);
  text.metric("cairn_workflows", "gauge", "Workflows that are deployed, versions apart.");
  text.sample(static_cast<double>(workflows));
  text.metric("cairn_runs_in_memory", "gauge", "Runs with something to do; those that only wait are in the log alone.");
  text.sample(static_cast<double>(engine.hosted()));
  // Limits with keys are as many as there are keys: no series for those.
  auto limits = engine.limits();
  std::erase_if(limits, [](const Admission::Use& use) {
    return use.name.scope != LimitName::Scope::effects && use.name.scope != LimitName::Scope::connector;
  });
  const auto label = [](const Admission::Use& use) {
    return fmt::format("limit=\"{}\"", escaped(to_string(use.name)));
  };
  text.metric("cairn_effects_running", "gauge", "Effects under way: of the process, and by connector.");
  for (const auto& use : limits) text.sample(static_cast<double>(use.used), label(use));
  text.metric("cairn_effects_waiting", "gauge", "Effects that wait to be sent: of the process, and by connector.");
  for (const auto& use : limits) text.sample(static_cast<double>(use.waiting), label(use));
  text.metric("cairn_http_connections", "gauge", "Open connections of clients.");
  text.sample(http.get("connections").as_double());
  text.metric("cairn_http_connections_total", "counter", "Connections accepted.");
  text.sample(http.get("accepted").as_double());
  text.metric("cairn_http_requests_total", "counter", "Requests read whole.");
  text.sample(http.get("requests").as_double());
  text.metric("cairn_http_refused_total", "counter",
              "Requests and connections that were malformed, too large, too slow or too many.");
  text.sample(http.get("refused").as_double());
  text.metric("process_resident_memory_bytes", "gauge", "Memory of the process.");
  text.sample(resident_bytes());
  return text.take();
}

}  // namespace cairn::server
