#pragma once
// `sources:` of cairn.yaml: brokers that events come from.

#include "cli/settings_limits.h"

#include <string>
#include <vector>

namespace cairn {

struct SourceSettings {
  std::string name;
  std::string url;  ///< checked
  std::string group = "cairn";
  std::string consumer = "cairn";  ///< of Redis
  bool from_now = false;
  std::string field = "event";
  std::string type;    ///< of events that messages are wrapped into; empty: they are events
  std::string source;  ///< the same
  std::string user;
  std::string password_secret;  ///< the name of a secret; empty: none
};

/// Below `sources:`: NAME: {url, group, consumer, from, field, type, source, user, password}.
void read_sources(const SourceNode& node, std::vector<SourceSettings>& sources, const ReportSetting& report);

}  // namespace cairn
