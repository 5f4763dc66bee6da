#pragma once
// Settings: what cairn.yaml, the environment and the command line say together. The later in that order wins.

#include "cli/settings_sinks.h"
#include "cli/settings_sources.h"
#include "engine/runtime/admission.h"
#include "engine/runtime/engine.h"
#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct Settings {
  std::string data = ".cairn";            ///< the data directory
  std::string listen = "127.0.0.1:8420";  ///< where `serve` answers HTTP; "off": nowhere
  std::string catalog;                    ///< the folder of the default catalog; empty: there is none
  std::optional<std::string> http_proxy;  ///< "" for none; absent: the usual variables of the environment
  std::string http_ca_file;
  std::string http_client_certificate;
  std::string http_client_key;
  std::int64_t http_connect_timeout_ms = 10'000;
  std::int64_t http_timeout_ms = 300'000;
  EffectLimits limits;                                         ///< in the file only
  std::optional<std::int64_t> retention_age_ms;                ///< how long ended runs are kept; absent: for ever
  std::optional<std::uint64_t> retention_count;                ///< how many of a workflow; absent: all
  std::string secrets_folder;                                  ///< a file a secret; empty: none
  std::string secrets_store;                                   ///< empty: `secrets` in the data directory
  std::string secrets_key_file;                                ///< of the store; empty: none
  std::string secrets_key;                                     ///< the key itself, from the environment only
  Value secrets_given = Value::object(std::vector<Member>{});  ///< CAIRN_SECRET_*: what follows → secret
  std::string environment;                                     ///< the chosen one; empty: none
  std::map<std::string, Value, std::less<>> environments;      ///< name → object, in the file only
  std::int64_t events_age_ms = EventRetention{}.age_ms;        ///< how long published events are kept
  std::uint64_t events_count = EventRetention{}.count;         ///< and how many
  std::vector<SinkSettings> sinks;                             ///< in the file only
  std::vector<SourceSettings> sources;                         ///< brokers, in the file only
  std::string log_level = "warn";                              ///< trace, debug, info, warn, error, off
};

/// The variables of the environment, as "NAME=VALUE".
using Environment = std::vector<std::string>;
Environment process_environment();

/// `config_file`: what --config named; empty: CAIRN_CONFIG, else cairn.yaml here if there is one. Paths in the file are
/// relative to it. Everything unknown is an error (invalid_configuration) with its place and the nearest known name.
Result<Settings> read_settings(const std::string& config_file, const Environment& environment);

}  // namespace cairn
