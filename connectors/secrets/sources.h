#pragma once
// connectors/secrets/: where secrets come from. The environment and a folder here, the encrypted file in secret_store.h;
// chain() asks one after the other. Called by cli/ and server/.

#include "engine/effects/secret_source.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// CAIRN_SECRET_NAME, NAME as it is or in capitals with _ for everything that is no letter or digit.
inline constexpr std::string_view k_secret_variable_prefix = "CAIRN_SECRET_";

/// The variables ("NAME=VALUE") whose name begins so, as an object: what follows the prefix → secret.
Value secrets_of_environment(const std::vector<std::string>& variables);

/// `secrets` as secrets_of_environment() gives them.
std::unique_ptr<SecretSource> make_environment_secrets(Value secrets);

/// A file a secret, named like it, as orchestrators mount them; a folder in it is an object of its files. Files may change
/// at any time; names that begin with a dot or hold a slash are not looked for.
std::unique_ptr<SecretSource> make_folder_secrets(std::string folder);

/// The first that has one.
std::unique_ptr<SecretSource> chain(std::vector<std::unique_ptr<SecretSource>> sources);

}  // namespace cairn
