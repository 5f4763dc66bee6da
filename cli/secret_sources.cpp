#include "cli/secret_sources.h"

#include "cli/arguments.h"
#include "cli/text_file.h"
#include "connectors/secrets/sources.h"

#include <utility>

namespace cairn {
namespace {

constexpr std::size_t k_key_file_bytes = 4'096;

Result<SecretKey> key_of(const Settings& settings) {
  if (!settings.secrets_key.empty()) return SecretKey::parse(settings.secrets_key, "CAIRN_SECRETS_KEY");
  if (settings.secrets_key_file.empty()) {
    return make_error(
        ErrorCode::invalid_configuration, "the store of secrets has no key", secret_store_path(settings),
        "Name its file as secrets.keyFile in cairn.yaml, or set CAIRN_SECRETS_KEY; cairn secret key FILE makes "
        "one");
  }
  auto text = read_text_file(settings.secrets_key_file, k_key_file_bytes);
  if (!text) {
    Error error = text.error();
    error.code = ErrorCode::invalid_configuration;
    error.remedy = "It is the key of the store of secrets; cairn secret key FILE makes one";
    return error;
  }
  return SecretKey::parse(text.value(), settings.secrets_key_file);
}

}  // namespace

std::string secret_store_path(const Settings& settings) {
  return settings.secrets_store.empty() ? settings.data + "/secrets" : settings.secrets_store;
}

SecretStore secret_store(const Settings& settings) {
  return {secret_store_path(settings), [settings] { return key_of(settings); }};
}

std::shared_ptr<SecretSource> secret_sources(const Settings& settings) {
  std::vector<std::unique_ptr<SecretSource>> sources;
  sources.push_back(make_environment_secrets(settings.secrets_given));
  if (!settings.secrets_folder.empty()) sources.push_back(make_folder_secrets(settings.secrets_folder));
  sources.push_back(std::make_unique<SecretStore>(secret_store(settings)));
  return chain(std::move(sources));
}

Result<Value> secrets_to_send(const Session& session, const Settings& settings,
                              const std::vector<std::string>& options) {
  CAIRN_TRY(Value secrets, parse_secret_options(options));
  if (session.is_owner()) return secrets;
  for (const auto& [name, secret] : settings.secrets_given.as_object()) {
    if (secrets.find(name) == nullptr) secrets.set(name, secret);
  }
  return secrets;
}

}  // namespace cairn
