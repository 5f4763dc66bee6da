#include "engine/machine/limit_keys.h"

#include "workflows/value/json.h"

#include <string>
#include <utility>
#include <vector>

namespace cairn {
namespace {

Fallible<std::string> text_of(TemplateId key, Evaluator& evaluator, const Value& dot, const Variables& variables) {
  CAIRN_TRY(const auto value, evaluator.fill(key, dot, variables));
  std::string text = value.is_string() ? value.as_string() : to_json(value);
  if (text.size() <= k_limit_key_bytes) return text;
  return make_problem(
      StandardError::expression, "Key too long",
      "a limit's key has " + std::to_string(text.size()) + " bytes; it may have " + std::to_string(k_limit_key_bytes));
}

}  // namespace

Fallible<Value> limit_keys(const Scheduling& scheduling, const std::optional<SingletonSpec>& singleton,
                           Evaluator& evaluator, const Value& dot, const Variables& variables, std::string_view place) {
  std::vector<Member> keys;
  const auto add = [&](std::string_view name, const std::optional<TemplateId>& key) -> Fallible<void> {
    if (!key) return success();
    auto text = text_of(*key, evaluator, dot, variables);
    if (!text) {
      if (!place.empty()) text.error().instance = std::string(place) + "/" + std::string(name) + "/key";
      return std::move(text.error());
    }
    keys.push_back({std::string(name), Value::string(std::move(text.value()))});
    return success();
  };
  if (scheduling.concurrency) {
    CAIRN_TRY(add("concurrency", scheduling.concurrency->key));
  }
  if (scheduling.rate) {
    CAIRN_TRY(add("rate", scheduling.rate->key));
  }
  if (singleton && singleton->key) {
    CAIRN_TRY(add("singleton", singleton->key));
  } else if (singleton) {
    keys.push_back({"singleton", Value::string("")});
  }
  return keys.empty() ? Value{} : Value::object(std::move(keys));
}

}  // namespace cairn
