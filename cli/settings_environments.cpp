#include "cli/settings_environments.h"

#include "workflows/core/suggest.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

namespace cairn {
namespace {

/// It is recorded with each run.
constexpr std::size_t k_most_bytes = std::size_t{64} << 10U;
constexpr std::string_view k_name = "environment";

}  // namespace

void read_environments(const SourceNode& node, std::map<std::string, Value, std::less<>>& environments,
                       const ReportSetting& report) {
  const std::string key = "environments";
  if (!node.value.is_object()) {
    report(node.position, key, "expected environments by name (a mapping)", {});
    return;
  }
  for (const auto& member : node.members) {
    const std::string at = key + "." + member.key;
    const SourceNode& values = *member.value;
    if (member.key.empty()) {
      report(member.key_position, key, "an environment needs a name", {});
    } else if (!values.value.is_object()) {
      report(values.position, at, fmt::format("expected values by name (a mapping), got {}", values.value.type_name()),
             {});
    } else if (const SourceMember* own = values.find(k_name)) {
      report(own->key_position, at + "." + std::string(k_name), "'environment' is the name of the environment itself",
             "Choose another name");
    } else if (to_json(values.value).size() > k_most_bytes) {
      report(values.position, at,
             fmt::format("an environment has at most {} bytes: it is recorded with each run", k_most_bytes), {});
    } else {
      environments.insert_or_assign(member.key, values.value);
    }
  }
}

Result<Value> runtime_metadata(const Settings& settings) {
  if (settings.environment.empty()) return Value::object(std::vector<Member>{});
  const auto found = settings.environments.find(settings.environment);
  if (found == settings.environments.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, values] : settings.environments) names.push_back(name);
    const std::string hint = did_you_mean_or_list(settings.environment, names);
    return make_error(ErrorCode::invalid_configuration,
                      fmt::format("there is no environment '{}'{}", settings.environment,
                                  names.empty() ? std::string(", nor any other") : "; " + hint),
                      "environment", "Describe it below 'environments' of cairn.yaml");
  }
  return found->second.with(k_name, Value::string(settings.environment));
}

}  // namespace cairn
