#include "engine/runtime/redact.h"

#include "engine/machine/evaluate.h"

#include <algorithm>
#include <string>
#include <vector>

namespace cairn {
namespace {

void collect(const Value& value, std::vector<std::string>& found) {
  if (value.is_string()) {
    if (value.as_string().size() >= k_min_secret_length) found.push_back(value.as_string());
  } else if (value.is_array()) {
    for (const auto& item : value.as_array()) collect(item, found);
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.as_object()) collect(member, found);
  }
}

std::string without(std::string text, const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets) {
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + k_confidential_mark.size())) {
      text.replace(at, secret.size(), k_confidential_mark);
    }
  }
  return text;
}

Value without(const Value& value, const std::vector<std::string>& secrets) {
  if (value.is_string()) {
    std::string text = without(value.as_string(), secrets);
    return text == value.as_string() ? value : Value::string(std::move(text));
  }
  if (value.is_array()) {
    Array items;
    for (const auto& item : value.as_array()) items.push_back(without(item, secrets));
    return Value::array(std::move(items));
  }
  if (value.is_object()) {
    std::vector<Member> members;
    for (const auto& [name, member] : value.as_object())
      members.push_back({without(name, secrets), without(member, secrets)});
    return Value::object(std::move(members));
  }
  return value;
}

}  // namespace

EffectOutcome redact_secrets(EffectOutcome outcome, const Value& secrets) {
  std::vector<std::string> found;
  collect(secrets, found);
  if (found.empty()) return outcome;
  // Longest first, so that a secret that contains another goes whole.
  std::ranges::sort(found, [](const auto& a, const auto& b) { return a.size() > b.size(); });
  if (auto* result = std::get_if<Value>(&outcome)) return without(*result, found);
  auto problem = std::get<Problem>(std::move(outcome));
  problem.title = without(std::move(problem.title), found);
  problem.detail = without(std::move(problem.detail), found);
  return problem;
}

}  // namespace cairn
