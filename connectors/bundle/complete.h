#pragma once
// Taking a definition in: everything that it refers to outside is fetched, once, and kept with it (definition/bundle.h). What
// runs of it do later depends on nothing that may change or be gone.

#include "connectors/http/http_client.h"
#include "engine/effects/secret_source.h"
#include "workflows/definition/load.h"
#include "workflows/value/value.h"

#include <memory>
#include <string>
#include <string_view>

namespace cairn {

struct FetchOptions {
  HttpOptions http;
  std::string folder;           ///< what relative references are relative to; empty: the working directory
  std::string default_catalog;  ///< a folder; empty: there is none
  Value secrets;                ///< an object: those given, for policies
  std::shared_ptr<SecretSource> secret_source;  ///< where others are found; may be null
  bool offline = false;  ///< fetch nothing: what is missing stays a warning, and the program is not whole
};

/// More is refused: of one definition, one text, and all texts together.
inline constexpr std::size_t k_most_resources = 256;
/// What is fetched may name more, which may name more.
inline constexpr int k_most_rounds = 32;
inline constexpr std::size_t k_resource_bytes = limits::k_definition_bytes;
inline constexpr std::size_t k_resources_bytes = 8U << 20;
/// One request with its redirects; HttpOptions::total_timeout_ms when that is shorter.
inline constexpr std::int64_t k_fetch_timeout_ms = 30'000;

struct CompleteDefinition {
  std::string text;  ///< the bundle; the definition's own text when it takes nothing
  LoadedDefinition loaded;
};

/// Blocks while it fetches. What cannot be fetched is an error among the diagnostics, at the place that asks for it.
CompleteDefinition complete_definition(std::string_view text, const FetchOptions& options);

}  // namespace cairn
