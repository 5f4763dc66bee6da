#include "connectors/secrets/secret_store.h"

#include "connectors/secrets/secret_text.h"
#include "workflows/value/json.h"

#include <openssl/crypto.h>

#include <utility>

namespace cairn {

namespace {

std::string to_text(const std::map<std::string, std::string>& secrets) {
  std::vector<Member> members;
  for (const auto& [name, text] : secrets) members.push_back({name, Value::string(text)});
  return to_json(Value::object(std::move(members)));
}

}  // namespace

Result<void> SecretStore::refresh() {
  const auto stamp = cairn::stamp_of(path_);
  if (stamp && stamp == stamp_) return success();
  secrets_.clear();
  stamp_.reset();
  CAIRN_TRY(auto file, read_small_file(path_, k_secret_store_bytes));
  if (!file) return success();
  CAIRN_TRY(const auto key, key_());
  CAIRN_TRY(auto text, unseal(key, file->text, path_));
  const auto parsed = parse_json(text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!parsed || !parsed.value().is_object()) return make_error(ErrorCode::corrupt, "the store holds no names", path_);
  for (const auto& [name, secret] : parsed.value().as_object()) {
    if (!secret.is_string()) return make_error(ErrorCode::corrupt, "the store holds what is no text", path_);
    secrets_.emplace(name, secret.as_string());
  }
  stamp_ = file->stamp;
  return success();
}

Result<std::optional<Value>> SecretStore::find(const std::string& name) {
  CAIRN_TRY(refresh());
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) return std::optional<Value>();
  return std::optional<Value>(secret_of_text(found->second));
}

std::string SecretStore::how_to_give(const std::string& name) const { return "with: cairn secret set " + name; }

Result<std::vector<std::string>> SecretStore::names() {
  CAIRN_TRY(refresh());
  std::vector<std::string> names;
  for (const auto& [name, text] : secrets_) names.push_back(name);
  return names;
}

Result<void> SecretStore::change(const std::function<Result<void>(Secrets&)>& edit, const SecretKey* key) {
  CAIRN_TRY(const auto lock, FileLock::acquire(path_ + ".lock"));
  stamp_.reset();  // whatever a clock of coarse ticks says, it is read again
  CAIRN_TRY(refresh());
  Secrets changed = secrets_;
  CAIRN_TRY(edit(changed));
  std::string text = to_text(changed);
  if (text.size() > k_secret_store_bytes / 2) {
    return make_error(ErrorCode::limit_exceeded,
                      "a store holds at most " + std::to_string(k_secret_store_bytes / 2) + " bytes", path_);
  }
  std::optional<SecretKey> own;
  if (key == nullptr) {
    CAIRN_TRY(own, key_());
    key = &*own;
  }
  const std::string sealed = seal(*key, text);
  OPENSSL_cleanse(text.data(), text.size());
  stamp_.reset();
  return replace_file(path_, sealed);
}

Result<void> SecretStore::set(const std::string& name, const std::string& text) {
  return change([&](Secrets& secrets) -> Result<void> {
    secrets[name] = text;
    return success();
  });
}

Result<void> SecretStore::remove(const std::string& name) {
  return change([&](Secrets& secrets) -> Result<void> {
    if (secrets.erase(name) == 0) return make_error(ErrorCode::not_found, "there is no secret '" + name + "'", path_);
    return success();
  });
}

Result<void> SecretStore::rekey(const SecretKey& key) {
  return change([](Secrets&) -> Result<void> { return success(); }, &key);
}

}  // namespace cairn
