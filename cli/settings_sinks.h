#pragma once
// `sinks:` of cairn.yaml: where events are sent.

#include "cli/settings_limits.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

/// A header of requests to a sink: text, then what a secret holds.
struct SinkHeader {
  std::string name;
  std::string text;
  std::string secret;  ///< name; empty: none
};

struct SinkSettings {
  std::string name;
  std::string url;
  bool lifecycle = false;
  bool events = false;
  std::vector<std::string> types;
  std::vector<std::string> sources;
  std::vector<std::string> workflows;
  std::string mode = "structured";  ///< or "binary", "batch"
  std::vector<SinkHeader> headers;
  std::string user;             ///< of a broker
  std::string password_secret;  ///< the same: the name of a secret; empty: none
  std::int64_t timeout_ms = 10'000;
  bool from_beginning = false;
  bool holds_refused = false;
};

/// Below `sinks:`: NAME: {url, what, types, sources, workflows, mode, headers, user, password, timeout, from, refused}.
void read_sinks(const SourceNode& node, std::vector<SinkSettings>& sinks, const ReportSetting& report);

}  // namespace cairn
