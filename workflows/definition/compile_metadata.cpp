// document.metadata.cairn: what a definition says to cairn alone. Closed: what it does not know is an error.

#include "workflows/definition/compiler.h"
#include "workflows/expressions/evaluation_limits.h"

#include <fmt/format.h>

namespace cairn {

void Compiler::document_metadata(const Place& place) {
  Fields fields(findings_, place, "document.metadata.cairn");
  if (const auto limits = fields.take("expressions")) expression_limits(*limits);
  const View view = View::of(Row::workflow_timeout, {});
  scheduling(fields, view, program_.scheduling);
  if (const auto found = fields.take("singleton")) program_.singleton = singleton(*found, view);
  if (const auto found = fields.take("debounce")) {
    findings_.error_at_key(*found, "debounce is not supported by this version of cairn", "remove it");
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
