#include "cli/settings_limits.h"

#include "workflows/core/suggest.h"
#include "workflows/core/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

namespace cairn {
namespace {

/// Those of connectors/registry.
constexpr std::array<std::string_view, 4> k_connectors{"http", "openapi", "shell", "script"};

class LimitsReader {
 public:
  LimitsReader(EffectLimits& limits, const ReportSetting& report) : limits_(limits), report_(report) {}

  void read(const SourceNode& node) {
    const std::string key = "limits";
    if (!knows(node, key, std::array<std::string_view, 2>{"effects", "connectors"})) return;
    if (const auto* effects = node.find("effects")) {
      limits_.effects = count(*effects->value, key + ".effects", k_concurrency_most).value_or(limits_.effects);
    }
    const auto* connectors = node.find("connectors");
    if (connectors == nullptr || !knows(*connectors->value, key + ".connectors", k_connectors)) return;
    for (const auto& member : connectors->value->members) {
      limits_.connectors[member.key] = limit(*member.value, key + ".connectors." + member.key);
    }
  }

 private:
  /// Whether it is a mapping; what it has that is not among `names` is reported.
  bool knows(const SourceNode& node, const std::string& key, std::span<const std::string_view> names) {
    if (!node.value.is_object()) {
      report_(node.position, key, "expected a mapping of settings", {});
      return false;
    }
    for (const auto& member : node.members) {
      if (std::ranges::find(names, member.key) != names.end()) continue;
      const std::string unknown = key + "." + member.key;
      report_(member.key_position, unknown, fmt::format("there is no setting '{}'", unknown),
              did_you_mean_or_list(member.key, names));
    }
    return true;
  }

  std::optional<std::int64_t> count(const SourceNode& node, const std::string& key, std::int64_t most) {
    if (node.value.kind() == Value::Kind::Int && node.value.as_int() >= 1 && node.value.as_int() <= most) {
      return node.value.as_int();
    }
    report_(node.position, key, fmt::format("expected a number from 1 to {}", most), {});
    return std::nullopt;
  }

  Limit limit(const SourceNode& node, const std::string& key) {
    Limit limit;
    if (!knows(node, key, std::array<std::string_view, 2>{"concurrency", "rate"})) return limit;
    if (const auto* found = node.find("concurrency")) {
      limit.concurrency = count(*found->value, key + ".concurrency", k_concurrency_most);
    }
    if (const auto* found = node.find("rate")) limit.rate = rate(*found->value, key + ".rate");
    return limit;
  }

  std::optional<RateLimit> rate(const SourceNode& node, const std::string& key) {
    if (!knows(node, key, std::array<std::string_view, 3>{"limit", "period", "burst"})) return std::nullopt;
    const auto member = [&](std::string_view name) -> const SourceNode* {
      const auto* found = node.find(name);
      if (found != nullptr) return found->value;
      if (name != "burst") report_(node.position, key, fmt::format("a rate needs '{}'", name), {});
      return nullptr;
    };
    const auto* limit = member("limit");
    const auto* period = member("period");
    const auto* burst = member("burst");
    const auto tokens = limit != nullptr ? count(*limit, key + ".limit", k_rate_most) : std::nullopt;
    const auto time = period != nullptr ? duration(*period, key + ".period") : std::nullopt;
    const auto most = burst != nullptr ? count(*burst, key + ".burst", k_rate_most) : tokens;
    if (!tokens || !time || !most) return std::nullopt;
    return RateLimit{*tokens, *time, *most};
  }

  std::optional<std::int64_t> duration(const SourceNode& node, const std::string& key) {
    if (node.value.is_string()) {
      const auto parsed = parse_duration_ms(node.value.as_string());
      if (parsed && parsed.value() > 0) return parsed.value();
    }
    report_(node.position, key, "expected an ISO 8601 duration above zero", "Write for example PT1M");
    return std::nullopt;
  }

  EffectLimits& limits_;
  const ReportSetting& report_;
};

}  // namespace

void read_limits(const SourceNode& node, EffectLimits& limits, const ReportSetting& report) {
  LimitsReader(limits, report).read(node);
}

}  // namespace cairn
