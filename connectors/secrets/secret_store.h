#pragma once
// SecretStore: secrets in one encrypted file. Names are encrypted with the values, so that neither can be read, swapped
// or added without the key. An older copy of the whole file put in its place is not noticed.

#include "connectors/secrets/files.h"
#include "connectors/secrets/sealed.h"
#include "engine/effects/secret_source.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cairn {

/// The most bytes of a store.
inline constexpr std::size_t k_secret_store_bytes = std::size_t{16} << 20;

class SecretStore final : public SecretSource {
 public:
  /// Gives the key when it is needed; an error when there is none.
  using KeyGiver = std::function<Result<SecretKey>()>;

  /// Nothing is read before it is needed. A file that is not there is an empty store.
  SecretStore(std::string path, KeyGiver key) : path_(std::move(path)), key_(std::move(key)) {}

  [[nodiscard]] Result<std::optional<Value>> find(const std::string& name) override;
  [[nodiscard]] std::string how_to_give(const std::string& name) const override;

  [[nodiscard]] Result<std::vector<std::string>> names();
  /// Several processes may change a store at once: one after the other. Each is durable when it returns.
  Result<void> set(const std::string& name, const std::string& text);
  /// not_found: there is none of that name.
  Result<void> remove(const std::string& name);
  /// Encrypts everything anew, under another key.
  Result<void> rekey(const SecretKey& key);

 private:
  using Secrets = std::map<std::string, std::string>;
  Result<void> refresh();
  Result<void> change(const std::function<Result<void>(Secrets&)>& edit, const SecretKey* key = nullptr);

  std::string path_;
  KeyGiver key_;
  std::optional<FileStamp> stamp_;  ///< of what `secrets_` was read from
  Secrets secrets_;
};

}  // namespace cairn
