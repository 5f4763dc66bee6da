#pragma once
// Where this process finds secrets, by its settings.

#include "cli/session.h"
#include "cli/settings.h"
#include "connectors/secrets/secret_store.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn {

/// The environment, the folder, the store, in this order.
std::shared_ptr<SecretSource> secret_sources(const Settings& settings);

/// The encrypted store. Its key is looked for when it is needed.
SecretStore secret_store(const Settings& settings);
std::string secret_store_path(const Settings& settings);

/// What a request to `session` brings along: `--secret`s, and, when another process works there, the secrets in the
/// environment of this one.
Result<Value> secrets_to_send(const Session& session, const Settings& settings,
                              const std::vector<std::string>& options);

}  // namespace cairn
