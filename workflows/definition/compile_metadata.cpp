// document.metadata.cairn: what a definition says to cairn alone. Closed: what it does not know is an error.

#include "workflows/core/suggest.h"
#include "workflows/core/time.h"
#include "workflows/definition/compiler.h"
#include "workflows/expressions/evaluation_limits.h"

#include <fmt/format.h>

namespace cairn {

void Compiler::document_metadata(const Place& place) {
  Fields fields(findings_, place, "document.metadata.cairn");
  if (const auto limits = fields.take("expressions")) expression_limits(*limits);
  if (const auto handler = fields.take("onFault")) fault_handler(*handler);
  if (const auto policy = fields.take("retention")) retention(*policy);
  if (const auto listen = fields.take("listen")) listen_since_run_ = listen_since_run(*listen);
  lint_exceptions(fields);
  schedule_terms(fields);
  const View view = View::of(Row::workflow_timeout, {});
  scheduling(fields, view, program_.scheduling);
  if (const auto found = fields.take("singleton")) program_.singleton = singleton(*found, view);
  if (const auto found = fields.take("debounce")) {
    const auto spec = debounce(*found, view);
    if (program_.singleton) {
      findings_.error_at_key(*found, "a workflow is a singleton or has 'debounce', not both", "remove one of them");
    } else {
      program_.singleton = spec;
    }
  }
  fields.done();
}

void Compiler::lint_exceptions(Fields& metadata) {
  const auto place = metadata.take("lint");
  if (!place) return;
  Fields fields(findings_, *place, "metadata.cairn.lint");
  if (const auto ignore = fields.require("ignore"); ignore && is_list(findings_, *ignore, "a list of rules")) {
    for (std::size_t i = 0; i < ignore->node->items.size(); ++i) {
      read_string(findings_, ignore->item(i), "the name of a rule (a string)");
    }
  }
  fields.done();
}

/// The workflow that is started when a run of this one faults; in the definition's own namespace unless it says another.
void Compiler::fault_handler(const Place& place) {
  Fields fields(findings_, place, "document.metadata.cairn.onFault");
  if (const auto found = fields.require("workflow")) {
    Fields members(findings_, *found, "'workflow'");
    program_.on_fault = workflow_reference(members, program_.identity.workflow_namespace);
    members.done();
  }
  fields.done();
}

void Compiler::retention(const Place& place) {
  Fields fields(findings_, place, "document.metadata.cairn.retention");
  if (const auto age = fields.take("age")) {
    constexpr std::string_view k_expected = "an ISO 8601 duration above zero, as P30D";
    if (const auto text = read_string(findings_, *age, k_expected)) {
      const auto duration = parse_duration_ms(*text);
      if (duration && duration.value() > 0) {
        program_.retention.age_ms = duration.value();
      } else {
        findings_.error(*age, fmt::format("expected {}, got '{}'", k_expected, shown(*text)));
      }
    }
  }
  if (const auto count = fields.take("count")) {
    constexpr std::string_view k_expected = "an integer, 0 or more";
    const auto value = read_integer(findings_, *count, k_expected);
    if (value && *value < 0) findings_.error(*count, fmt::format("expected {}, got {}", k_expected, *value));
    if (value && *value >= 0) program_.retention.count = static_cast<std::uint64_t>(*value);
  }
  if (fields.is_mapping() && !fields.has("age") && !fields.has("count")) {
    findings_.error(place, "'retention' needs 'age', 'count' or both");
  }
  fields.done();
}

void Compiler::expression_limits(const Place& place) {
  Fields fields(findings_, place, "document.metadata.cairn.expressions");
  for (const EvaluationLimit& limit : evaluation_limits()) {
    const auto found = fields.take(limit.name);
    if (!found) continue;
    const std::string expected = fmt::format("an integer from 1 to {} ({})", limit.ceiling, limit.unit);
    const auto value = read_integer(findings_, *found, expected);
    if (!value) continue;
    if (*value < 1 || static_cast<std::uint64_t>(*value) > limit.ceiling) {
      findings_.error(*found, fmt::format("expected {}, got {}", expected, *value));
    } else {
      set(limit, program_.expression_limits, static_cast<std::uint64_t>(*value));
    }
  }
  fields.done();
}

}  // namespace cairn
