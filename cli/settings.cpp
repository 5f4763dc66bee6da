#include "cli/settings.h"

#include "cli/settings_environments.h"
#include "cli/settings_limits.h"
#include "cli/settings_sinks.h"
#include "cli/text_file.h"
#include "connectors/secrets/sources.h"
#include "workflows/core/suggest.h"
#include "workflows/core/time.h"
#include "workflows/definition/load.h"
#include "workflows/source/source.h"
#include "workflows/value/json.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <span>

namespace cairn {
namespace {

constexpr std::string_view k_default_file = "cairn.yaml";
constexpr std::size_t k_config_bytes = 1U << 20;

/// One setting: where it stands in the file, which variable overrides it, how its text is taken in.
struct Setting {
  std::string_view key;       ///< "http.proxy"
  std::string_view variable;  ///< "CAIRN_HTTP_PROXY"
  bool is_path = false;
  Result<void> (*store)(Settings& settings, const std::string& text) = nullptr;
  bool is_number = false;  ///< may be written without quotes
};

Result<void> store_duration(std::int64_t& out, const std::string& text) {
  const auto duration = parse_duration_ms(text);
  if (!duration || duration.value() == 0) {
    return make_error(ErrorCode::invalid_configuration, fmt::format("'{}' is no ISO 8601 duration above zero", text),
                      {}, "Write for example PT30S");
  }
  out = duration.value();
  return success();
}

Result<void> store_age(Settings& settings, const std::string& text) {
  std::int64_t age = 0;
  CAIRN_TRY(store_duration(age, text));
  settings.retention_age_ms = age;
  return success();
}

Result<std::uint64_t> count_of(const std::string& text, std::string_view what) {
  std::uint64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || rest != text.data() + text.size()) {
    return make_error(ErrorCode::invalid_configuration, fmt::format("'{}' is no number of {}", text, what), {},
                      "Write for example 1000");
  }
  return count;
}

Result<void> store_count(Settings& settings, const std::string& text) {
  CAIRN_TRY(settings.retention_count, count_of(text, "runs"));
  return success();
}

Result<void> store_events_count(Settings& settings, const std::string& text) {
  CAIRN_TRY(settings.events_count, count_of(text, "events"));
  return success();
}

constexpr std::array<std::string_view, 6> k_levels{"trace", "debug", "info", "warn", "error", "off"};

Result<void> store_level(Settings& settings, const std::string& text) {
  if (std::ranges::find(k_levels, text) == k_levels.end()) {
    return make_error(ErrorCode::invalid_configuration, fmt::format("there is no log level '{}'", text), {},
                      "Choose trace, debug, info, warn, error or off");
  }
  settings.log_level = text;
  return success();
}

template <std::string Settings::* Member>
Result<void> store_text(Settings& settings, const std::string& text) {
  settings.*Member = text;
  return success();
}

constexpr std::array k_settings{
    Setting{"data", "CAIRN_DATA", true, store_text<&Settings::data>},
    Setting{"catalog", "CAIRN_CATALOG", true, store_text<&Settings::catalog>},
    Setting{"server.listen", "CAIRN_SERVER_LISTEN", false, store_text<&Settings::listen>},
    Setting{"http.proxy", "CAIRN_HTTP_PROXY", false,
            [](Settings& s, const std::string& text) -> Result<void> {
              s.http_proxy = text;
              return success();
            }},
    Setting{"http.caFile", "CAIRN_HTTP_CA_FILE", true, store_text<&Settings::http_ca_file>},
    Setting{"http.clientCertificate", "CAIRN_HTTP_CLIENT_CERTIFICATE", true,
            store_text<&Settings::http_client_certificate>},
    Setting{"http.clientKey", "CAIRN_HTTP_CLIENT_KEY", true, store_text<&Settings::http_client_key>},
    Setting{"http.connectTimeout", "CAIRN_HTTP_CONNECT_TIMEOUT", false,
            [](Settings& s, const std::string& text) { return store_duration(s.http_connect_timeout_ms, text); }},
    Setting{"http.timeout", "CAIRN_HTTP_TIMEOUT", false,
            [](Settings& s, const std::string& text) { return store_duration(s.http_timeout_ms, text); }},
    Setting{"secrets.folder", "CAIRN_SECRETS_FOLDER", true, store_text<&Settings::secrets_folder>},
    Setting{"secrets.store", "CAIRN_SECRETS_STORE", true, store_text<&Settings::secrets_store>},
    Setting{"secrets.keyFile", "CAIRN_SECRETS_KEY_FILE", true, store_text<&Settings::secrets_key_file>},
    Setting{"environment", "CAIRN_ENVIRONMENT", false, store_text<&Settings::environment>},
    Setting{"retention.age", "CAIRN_RETENTION_AGE", false, store_age},
    Setting{"retention.count", "CAIRN_RETENTION_COUNT", false, store_count, true},
    Setting{"events.age", "CAIRN_EVENTS_AGE", false,
            [](Settings& s, const std::string& text) { return store_duration(s.events_age_ms, text); }},
    Setting{"events.count", "CAIRN_EVENTS_COUNT", false, store_events_count, true},
    Setting{"log.level", "CAIRN_LOG_LEVEL", false, store_level},
};
constexpr std::string_view k_config_variable = "CAIRN_CONFIG";
constexpr std::string_view k_key_variable = "CAIRN_SECRETS_KEY";  // of no key of the file: it is no place for it
constexpr std::string_view k_limits = "limits";
constexpr std::string_view k_environments = "environments";
constexpr std::string_view k_sinks = "sinks";
constexpr std::string_view k_sources = "sources";

/// Names that may stand below `prefix` ("" or "http."), each once.
std::vector<std::string_view> names_below(std::string_view prefix) {
  std::vector<std::string_view> names;
  for (const auto& setting : k_settings) {
    if (!setting.key.starts_with(prefix)) continue;
    const std::string_view rest = setting.key.substr(prefix.size());
    const std::string_view name = rest.substr(0, rest.find('.'));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  if (prefix.empty()) names.insert(names.end(), {k_limits, k_environments, k_sinks, k_sources});
  return names;
}

/// Reads one file, gathering everything that is wrong with it.
class ConfigFile {
 public:
  ConfigFile(Settings& settings, std::string path, std::string text)
      : settings_(settings), path_(std::move(path)), text_(std::move(text)) {}

  Result<void> read() {
    if (says_nothing()) return success();
    const ParsedSource parsed = parse_source(text_);
    findings_ = parsed.diagnostics;
    if (parsed.document != nullptr) read_level(parsed.document->root(), "");
    if (findings_.empty()) return success();
    return make_error(ErrorCode::invalid_configuration, "\n" + format_diagnostics(findings_, text_, path_), path_);
  }

 private:
  /// Blank lines and comments alone: a file in which everything is still commented out.
  [[nodiscard]] bool says_nothing() const {
    bool comment = false;
    for (const char c : text_) {
      if (c == '\n') comment = false;
      if (c == '#') comment = true;
      if (!comment && c != ' ' && c != '\t' && c != '\r' && c != '\n') return false;
    }
    return true;
  }

  void find(const SourcePosition& position, const std::string& key, std::string message, std::string hint = {}) {
    std::string pointer;
    for (const char c : key) pointer += c == '.' ? '/' : c;
    findings_.push_back({Severity::error, position, "/" + pointer, std::move(message), std::move(hint)});
  }

  void read_level(const SourceNode& node, const std::string& prefix) {
    if (!node.value.is_object()) {
      find(node.position, prefix.substr(0, prefix.size() - (prefix.empty() ? 0 : 1)), "expected a mapping of settings");
      return;
    }
    const auto names = names_below(prefix);
    for (const auto& member : node.members) {
      const std::string key = prefix + member.key;
      if (std::ranges::find(names, member.key) == names.end()) {
        find(member.key_position, key, fmt::format("there is no setting '{}'", key),
             did_you_mean_or_list(member.key, names));
        continue;
      }
      if (key == k_limits || key == k_environments || key == k_sinks || key == k_sources) {
        const ReportSetting report = [this](const SourcePosition& position, const std::string& at, std::string message,
                                            std::string hint) {
          find(position, at, std::move(message), std::move(hint));
        };
        if (key == k_limits) {
          read_limits(*member.value, settings_.limits, report);
        } else if (key == k_sources) {
          read_sources(*member.value, settings_.sources, report);
        } else if (key == k_sinks) {
          read_sinks(*member.value, settings_.sinks, report);
        } else {
          read_environments(*member.value, settings_.environments, report);
        }
        continue;
      }
      const auto setting = std::ranges::find(k_settings, key, &Setting::key);
      if (setting == k_settings.end()) {
        read_level(*member.value, key + ".");
      } else {
        read_setting(*setting, *member.value);
      }
    }
  }

  void read_setting(const Setting& setting, const SourceNode& node) {
    const bool number = setting.is_number && node.value.is_integer();
    if (!node.value.is_string() && !number) {
      find(node.position, std::string(setting.key), fmt::format("expected text, got {}", node.value.type_name()));
      return;
    }
    std::string text = number ? to_json(node.value) : node.value.as_string();
    if (setting.is_path && !text.empty()) text = (std::filesystem::path(path_).parent_path() / text).string();
    if (auto stored = setting.store(settings_, text); !stored) {
      find(node.position, std::string(setting.key), stored.error().message, stored.error().remedy);
    }
  }

  Settings& settings_;
  std::string path_;
  std::string text_;
  std::vector<Diagnostic> findings_;
};

Result<void> read_environment(Settings& settings, const Environment& environment) {
  for (const auto& entry : environment) {
    if (!entry.starts_with("CAIRN_")) continue;
    const auto split = entry.find('=');
    const std::string name = entry.substr(0, split);
    const std::string value = split == std::string::npos ? std::string() : entry.substr(split + 1);
    if (name == k_config_variable || name.starts_with(k_secret_variable_prefix)) continue;
    if (name == k_key_variable) {
      settings.secrets_key = value;
      continue;
    }
    const auto setting = std::ranges::find(k_settings, name, &Setting::variable);
    if (setting == k_settings.end()) {
      std::vector<std::string_view> known{k_config_variable, k_key_variable};
      for (const auto& candidate : k_settings) known.push_back(candidate.variable);
      const std::string hint = did_you_mean(name, known);
      return make_error(ErrorCode::invalid_configuration,
                        "there is no such setting" + (hint.empty() ? "" : "; " + hint), name,
                        "Correct or unset the variable");
    }
    if (auto stored = setting->store(settings, value); !stored) {
      Error error = stored.error();
      error.where = name;
      return error;
    }
  }
  return success();
}

std::string value_in(const Environment& environment, std::string_view name) {
  for (const auto& entry : environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      return entry.substr(name.size() + 1);
  }
  return {};
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) environment.emplace_back(*entry);
  return environment;
}

Result<Settings> read_settings(const std::string& config_file, const Environment& environment) {
  Settings settings;
  std::string path = config_file.empty() ? value_in(environment, k_config_variable) : config_file;
  std::error_code ignored;  // a file that cannot be looked at is told by reading it
  if (path.empty() && std::filesystem::exists(k_default_file, ignored)) path = k_default_file;
  if (!path.empty()) {
    auto text = read_text_file(path, k_config_bytes);
    if (!text) {
      Error error = text.error();
      error.code = ErrorCode::invalid_configuration;
      return error;
    }
    CAIRN_TRY(ConfigFile(settings, path, std::move(text.value())).read());
  }
  CAIRN_TRY(read_environment(settings, environment));
  settings.secrets_given = secrets_of_environment(environment);
  if (settings.data.empty()) {
    return make_error(ErrorCode::invalid_configuration, "the name of the data directory is empty", "data",
                      "Give it with --data DIR");
  }
  return settings;
}

}  // namespace cairn
