#pragma once
// Environments: the values that the same definition has in development, in production … $runtime.metadata of a run.

#include "cli/settings.h"
#include "cli/settings_limits.h"

#include <functional>
#include <map>
#include <string>

namespace cairn {

/// Below `environments:` of cairn.yaml: NAME: {…}. Values are data of every run that starts in it, and recorded with it:
/// nothing secret belongs here.
void read_environments(const SourceNode& node, std::map<std::string, Value, std::less<>>& environments,
                       const ReportSetting& report);

/// $runtime.metadata in the chosen environment: its values, and its name as `environment`; {} when none is chosen.
/// invalid_configuration names the known ones when there is none of that name.
Result<Value> runtime_metadata(const Settings& settings);

}  // namespace cairn
