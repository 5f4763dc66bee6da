// Ops that change when effects may go, while they wait: priority and limits.

#include "engine/runtime/service_impl.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {
namespace {

/// Limits by key that are listed; those with most waiting first are the ones one looks for.
constexpr std::size_t k_listed = 1'000;

Result<std::optional<std::int64_t>> optional_limit(const Value& request, std::string_view name, std::int64_t most) {
  CAIRN_TRY(const auto count, optional_count(request, name));
  if (!count) return std::optional<std::int64_t>();
  if (*count < 1 || *count > static_cast<std::uint64_t>(most)) {
    return make_error(ErrorCode::invalid_usage, fmt::format("'{}' is a number from 1 to {}", name, most));
  }
  return std::optional(static_cast<std::int64_t>(*count));
}

Result<std::optional<RateLimit>> optional_rate(const Value& request) {
  const Value rate = request.get("rate");
  if (rate.is_null()) return std::optional<RateLimit>();
  CAIRN_TRY(const auto limit, optional_limit(rate, "limit", k_rate_most));
  CAIRN_TRY(const auto burst, optional_limit(rate, "burst", k_rate_most));
  CAIRN_TRY(const auto text, required_text(rate, "period"));
  const auto period = parse_duration_ms(text);
  if (!limit || !period || period.value() == 0) {
    return make_error(ErrorCode::invalid_usage, "a rate is a limit in a period, an ISO 8601 duration above zero", {},
                      "Write for example: --rate 100 --period PT1M");
  }
  return std::optional(RateLimit{*limit, period.value(), burst.value_or(*limit)});
}

Value limit_view(const Limit& limit) {
  std::vector<Member> members;
  if (limit.concurrency) members.push_back({"concurrency", Value::integer(*limit.concurrency)});
  if (limit.rate) {
    members.push_back({"rate", Value::object({{"limit", Value::integer(limit.rate->limit)},
                                              {"period", Value::string(to_iso8601_duration(limit.rate->period_ms))},
                                              {"burst", Value::integer(limit.rate->burst)}})});
  }
  return Value::object(std::move(members));
}

}  // namespace

Result<Value> Service::Impl::priority(const Value& request) {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto priority, optional_count(request, "priority"));
  if (!priority || *priority > static_cast<std::uint64_t>(k_priority_most)) {
    return make_error(ErrorCode::invalid_usage, "a priority is a number from 0 to 9");
  }
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  CAIRN_TRY(engine.set_priority(run, static_cast<std::uint8_t>(*priority)));
  return Value::object({{"run", Value::string(run.to_string())}, {"priority", Value::unsigned_integer(*priority)}});
}

Result<Value> Service::Impl::limits(const Value& request) {
  CAIRN_TRY(const auto connector, optional_text(request, "connector"));
  CAIRN_TRY(const auto effects, optional_limit(request, "effects", k_concurrency_most));
  CAIRN_TRY(const auto concurrency, optional_limit(request, "concurrency", k_concurrency_most));
  CAIRN_TRY(const auto rate, optional_rate(request));
  const bool lifts = request.get("lift").truthy();
  if (connector.empty() && (concurrency || rate || lifts)) {
    return make_error(ErrorCode::invalid_usage, "this changes the limit of a connector, and none is named", {},
                      "Name it with --connector NAME");
  }
  if (!connector.empty()) {
    if (!engine.has_connector(connector)) {
      return make_error(ErrorCode::not_found, "the process that works here has no connector '" + connector + "'", {},
                        "List what there is with: cairn limits");
    }
    if (!concurrency && !rate && !lifts) {
      return make_error(ErrorCode::invalid_usage, "nothing is said of connector " + connector, {},
                        "Say --concurrency N, --rate N --period TIME, or --lift");
    }
    Limit limit;
    if (!lifts) {
      for (const auto& use : engine.limits()) {
        if (use.name.scope == LimitName::Scope::connector && use.name.owner == connector) limit = use.limit;
      }
    }
    if (concurrency) limit.concurrency = concurrency;
    if (rate) limit.rate = rate;
    engine.set_connector_limit(connector, limit);
  }
  if (effects) engine.set_effects_limit(*effects);
  Array all;
  for (const auto& use : engine.limits()) {
    if (all.size() == k_listed) break;
    all.push_back(Value::object({{"name", Value::string(to_string(use.name))},
                                 {"limit", limit_view(use.limit)},
                                 {"text", Value::string(to_string(use.limit))},
                                 {"used", Value::unsigned_integer(use.used)},
                                 {"waiting", Value::unsigned_integer(use.waiting)}}));
  }
  return Value::object(
      {{"limits", Value::array(std::move(all))}, {"changed", Value::boolean(effects || !connector.empty())}});
}

}  // namespace cairn
