#include "engine/machine/fault.h"

#include "workflows/core/limits.h"
#include "workflows/core/sha256.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace cairn {
namespace {

/// Levels of the handler's input above the values in it: {run: {input}}.
constexpr std::size_t k_levels_above = 2;

Value text(std::string_view words) { return Value::string(std::string(words)); }

Value as_part(const Value& value) { return value.depth() + k_levels_above > limits::k_data_depth ? Value{} : value; }

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         byte >= 0x80;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Value fault_input(const RunState& state, const Problem& problem) {
  std::vector<Member> run{{"id", text(state.id.to_string())},
                          {"workflow", Value::object({{"namespace", text(state.workflow.workflow_namespace)},
                                                      {"name", text(state.workflow.name)},
                                                      {"version", text(state.workflow.version)}})},
                          {"key", text(state.key)},
                          {"priority", Value::unsigned_integer(state.priority)},
                          {"startedAt", text(to_iso8601(state.started_at))},
                          {"faultedAt", text(to_iso8601(state.updated_at))},
                          {"input", as_part(state.input)}};
  if (state.parent) run.push_back({"parent", text(state.parent->run.to_string())});
  if (!state.retry_of.is_nil()) run.push_back({"retryOf", text(state.retry_of.to_string())});
  return Value::object({{"run", Value::object(std::move(run))},
                        {"problem", problem.to_value()},
                        {"data", as_part(state.data)},
                        {"context", as_part(state.context)}});
}

std::string constant_part(std::string_view title) {
  std::string out;
  for (std::size_t at = 0; at < title.size();) {
    const char c = title[at];
    const auto close = c == '\'' || c == '"' ? title.find(c, at + 1) : std::string_view::npos;
    if (close != std::string_view::npos) {
      out += '#';
      at = close + 1;
      continue;
    }
    const auto end = static_cast<std::size_t>(
        std::find_if_not(title.begin() + static_cast<std::ptrdiff_t>(at), title.end(), is_word) - title.begin());
    if (end == at) {
      out += c;
      ++at;
      continue;
    }
    const auto word = title.substr(at, end - at);
    out += std::ranges::any_of(word, is_digit) ? std::string_view("#") : word;
    at = end;
  }
  return out;
}

std::uint64_t fault_cause(const WorkflowIdentity& workflow, const Problem& problem) {
  std::string fields;
  for (const std::string_view field : {std::string_view(workflow.workflow_namespace), std::string_view(workflow.name),
                                       std::string_view(problem.instance), std::string_view(problem.type)}) {
    fields += fmt::format("{}:{}", field.size(), field);
  }
  const Hash256 hash = sha256(fmt::format("{}{} {}", fields, problem.status, constant_part(problem.title)));
  std::uint64_t cause = 0;
  for (std::size_t i = 0; i < sizeof(cause); ++i) cause = (cause << 8U) | hash.bytes[i];
  return std::max<std::uint64_t>(cause, 1);
}

std::string cause_name(std::uint64_t cause) { return fmt::format("{:012x}", cause >> 16U); }

}  // namespace cairn
