#include "workflows/program/problem.h"

#include "workflows/core/assert.h"

#include <array>
#include <utility>
#include <vector>

namespace cairn {

namespace {

constexpr std::string_view k_type_prefix = "https://open-workflow-specification.org/spec/1.0.0/errors/";

struct StandardType {
  std::string_view name;
  std::int64_t status;
};

// In the order of StandardError.
constexpr std::array<StandardType, 8> k_standard_types = {{{"configuration", 400},
                                                           {"validation", 400},
                                                           {"expression", 400},
                                                           {"authentication", 401},
                                                           {"authorization", 403},
                                                           {"timeout", 408},
                                                           {"communication", 500},
                                                           {"runtime", 500}}};

const StandardType& standard_type(StandardError error) {
  const auto index = static_cast<std::size_t>(error);
  CAIRN_ASSERT(index < k_standard_types.size(), "no such standard error");
  return k_standard_types[index];
}

std::string text_member(const Value& value, std::string_view name) {
  const Value* member = value.find(name);
  return member != nullptr && member->is_string() ? member->as_string() : std::string();
}

/// The last path segment of a type on one of the standard hosts, or nothing.
std::string_view standard_segment(std::string_view type) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!type.starts_with(scheme)) continue;
    std::string_view rest = type.substr(scheme.size());
    for (const std::string_view host : {"open-workflow-specification.org/", "serverlessworkflow.io/"}) {
      if (!rest.starts_with(host)) continue;
      while (rest.ends_with('/')) rest.remove_suffix(1);
      const auto slash = rest.rfind('/');
      return slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
  }
  return {};
}

}  // namespace

Value Problem::to_value() const {
  std::vector<Member> members;
  members.push_back({"type", Value::string(type)});
  members.push_back({"status", Value::integer(status)});
  if (!title.empty()) members.push_back({"title", Value::string(title)});
  if (!detail.empty()) members.push_back({"detail", Value::string(detail)});
  if (!instance.empty()) members.push_back({"instance", Value::string(instance)});
  return Value::object(std::move(members));
}

Problem Problem::from_value(const Value& value) {
  Problem problem;
  problem.type = text_member(value, "type");
  if (const Value* status = value.find("status"); status != nullptr && status->kind() == Value::Kind::Int) {
    problem.status = status->as_int();
  }
  problem.title = text_member(value, "title");
  problem.detail = text_member(value, "detail");
  problem.instance = text_member(value, "instance");
  return problem;
}

std::string problem_type(StandardError error) {
  return std::string(k_type_prefix) + std::string(standard_type(error).name);
}

std::int64_t default_status(StandardError error) { return standard_type(error).status; }

Problem make_problem(StandardError error, std::string title, std::string detail) {
  Problem problem;
  problem.type = problem_type(error);
  problem.status = default_status(error);
  problem.title = std::move(title);
  problem.detail = std::move(detail);
  return problem;
}

bool same_problem_type(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const std::string_view segment = standard_segment(a);
  return !segment.empty() && segment == standard_segment(b);
}

}  // namespace cairn
