// metadata.cairn.priority, concurrency, rate, singleton and debounce: when effects and runs may go.

#include "workflows/core/suggest.h"
#include "workflows/core/time.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

namespace cairn {

std::optional<std::int64_t> Compiler::bounded(const Place& place, std::int64_t least, std::int64_t most) {
  const std::string expected = fmt::format("an integer from {} to {}", least, most);
  const auto value = read_integer(findings_, place, expected);
  if (!value || (*value >= least && *value <= most)) return value;
  findings_.error(place, fmt::format("expected {}, got {}", expected, *value));
  return std::nullopt;
}

void Compiler::scheduling(Fields& fields, const View& view, Scheduling& into) {
  if (const auto found = fields.take("priority")) {
    if (const auto value = bounded(*found, 0, k_priority_most)) into.priority = static_cast<std::uint8_t>(*value);
  }
  if (const auto found = fields.take("concurrency")) into.concurrency = concurrency(*found, view);
  if (const auto found = fields.take("rate")) into.rate = rate(*found, view);
}

std::optional<ConcurrencySpec> Compiler::concurrency(const Place& place, const View& view) {
  Fields fields(findings_, place, "a concurrency limit");
  const auto limit = fields.require("limit");
  const auto count = limit ? bounded(*limit, 1, k_concurrency_most) : std::nullopt;
  const auto key = limit_key(fields, view);
  fields.done();
  if (!count) return std::nullopt;
  return ConcurrencySpec{*count, key};
}

std::optional<RateSpec> Compiler::rate(const Place& place, const View& view) {
  Fields fields(findings_, place, "a rate limit");
  const auto limit = fields.require("limit");
  const auto every = fields.require("period");
  const auto most = fields.take("burst");
  const auto count = limit ? bounded(*limit, 1, k_rate_most) : std::nullopt;
  const auto time = every ? period(*every) : std::nullopt;
  const auto burst = most ? bounded(*most, 1, k_rate_most) : count;
  const auto key = limit_key(fields, view);
  fields.done();
  if (!count || !time || !burst) return std::nullopt;
  return RateSpec{{*count, *time, *burst}, key};
}

std::optional<std::int64_t> Compiler::period(const Place& place) {
  std::optional<std::int64_t> time;
  if (place.value().is_object()) {
    time = inline_duration(place);
  } else if (const auto text = read_string(findings_, place, "a duration (an ISO 8601 string or an object)")) {
    if (auto parsed = parse_duration_ms(*text)) {
      time = parsed.value();
    } else {
      findings_.error(place, fmt::format("'{}' is not a duration", shown(*text)),
                      "write ISO 8601 (PT1M) or an object (minutes: 1); an expression cannot stand here");
    }
  }
  if (time != 0) return time;
  findings_.error(place, "a period is longer than nothing");
  return std::nullopt;
}

std::optional<SingletonSpec> Compiler::singleton(const Place& place, const View& view) {
  Fields fields(findings_, place, "a singleton");
  SingletonSpec spec;
  if (const auto found = fields.take("mode")) {
    const auto mode = read_choice(findings_, *found, {"refuse", "existing", "cancel"});
    if (mode == "existing") spec.mode = SingletonSpec::Mode::existing;
    if (mode == "cancel") spec.mode = SingletonSpec::Mode::cancel;
  }
  spec.key = limit_key(fields, view);
  fields.done();
  return spec;
}

std::optional<SingletonSpec> Compiler::debounce(const Place& place, const View& view) {
  Fields fields(findings_, place, "a debounce");
  SingletonSpec spec;
  spec.mode = SingletonSpec::Mode::debounce;
  const auto time = fields.require("period");
  const auto length = time ? period(*time) : std::nullopt;
  spec.key = limit_key(fields, view);
  fields.done();
  if (!length) return std::nullopt;
  spec.period_ms = *length;
  return spec;
}

std::optional<TemplateId> Compiler::limit_key(Fields& fields, const View& view) {
  const auto found = fields.take("key");
  if (!found || !read_string(findings_, *found, "a key (a string, as a rule ${ an expression })")) return std::nullopt;
  return keep(free_string(*found, view));
}

}  // namespace cairn
