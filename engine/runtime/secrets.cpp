#include "engine/runtime/secrets.h"

#include <utility>

namespace cairn {

Result<std::optional<Value>> find_secret(const std::string& name, const Value& given, SecretSource* source) {
  if (const Value* known = given.find(name)) return std::optional<Value>(*known);
  if (const Value* known = given.find(variable_form(name))) return std::optional<Value>(*known);
  if (source == nullptr) return std::optional<Value>();
  return source->find(name);
}

Result<void> check_secrets(const std::vector<std::string>& names, const Value& given, SecretSource* source,
                           std::string_view whose, const std::string& where) {
  for (const auto& name : names) {
    CAIRN_TRY(const auto found, find_secret(name, given, source));
    if (found) continue;
    std::string remedy = "Give it with --secret " + name + "=VALUE";
    if (source != nullptr) remedy += ", " + source->how_to_give(name);
    return make_error(ErrorCode::invalid_usage, std::string(whose) + " uses secret '" + name + "', which was not given",
                      where, remedy);
  }
  return success();
}

Result<Value> gather_secrets(const std::vector<std::string>& names, const Value& given, SecretSource* source) {
  std::vector<Member> found;
  for (const auto& name : names) {
    CAIRN_TRY(auto secret, find_secret(name, given, source));
    if (secret) found.push_back({name, *std::move(secret)});
  }
  return Value::object(std::move(found));
}

}  // namespace cairn
