#include "cli/settings_sinks.h"

#include "connectors/broker/broker_url.h"
#include "connectors/http/headers.h"
#include "connectors/http/url.h"
#include "workflows/core/suggest.h"
#include "workflows/core/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <span>

namespace cairn {
namespace {

constexpr std::array<std::string_view, 12> k_settings{"user",    "password", "url",       "what",
                                                      "types",   "sources",  "workflows", "mode",
                                                      "headers", "timeout",  "from",      "refused"};
constexpr std::size_t k_name_length = 64;
constexpr std::int64_t k_longest_timeout_ms = 300'000;

class SinkReader {
 public:
  SinkReader(SinkSettings& sink, const ReportSetting& report)
      : sink_(sink), key_("sinks." + sink.name), report_(report) {}

  void read(const SourceNode& node) {
    if (!knows(node, key_, k_settings)) return;
    const auto* url = node.find("url");
    if (url == nullptr) {
      report_(node.position, key_, "a sink needs 'url'", "Write for example url: https://example.com/events");
    } else {
      read_url(*url->value);
    }
    const auto* what = node.find("what");
    if (what == nullptr) {
      report_(node.position, key_, "a sink needs 'what'", "Write what: [lifecycle], what: [events], or both");
    } else {
      for (const auto& one : texts(*what->value, "what")) read_what(*what->value, one);
    }
    const auto list = [&](std::string_view name, std::vector<std::string>& out) {
      if (const auto* found = node.find(name)) out = texts(*found->value, name);
    };
    list("types", sink_.types);
    list("sources", sink_.sources);
    list("workflows", sink_.workflows);
    if (const auto* found = node.find("mode")) {
      sink_.mode = choice(*found->value, "mode", std::array<std::string_view, 3>{"structured", "binary", "batch"});
    }
    if (const auto* found = node.find("from")) {
      sink_.from_beginning =
          choice(*found->value, "from", std::array<std::string_view, 2>{"now", "beginning"}) == "beginning";
    }
    if (const auto* found = node.find("refused")) {
      sink_.holds_refused = choice(*found->value, "refused", std::array<std::string_view, 2>{"skip", "hold"}) == "hold";
    }
    if (const auto* found = node.find("timeout")) read_timeout(*found->value);
    if (const auto* found = node.find("headers")) read_headers(*found->value);
    if (const auto* found = node.find("user")) {
      const auto user = texts(*found->value, "user");
      if (!user.empty()) sink_.user = user.front();
    }
    if (const auto* found = node.find("password")) read_password(*found->value);
    check_kind(node);
  }

 private:
  [[nodiscard]] std::string at(std::string_view name) const { return key_ + "." + std::string(name); }

  /// Whether it is a mapping; what it has that is not among `names` is reported.
  bool knows(const SourceNode& node, const std::string& key, std::span<const std::string_view> names) {
    if (!node.value.is_object()) {
      report_(node.position, key, "expected a mapping of settings", {});
      return false;
    }
    for (const auto& member : node.members) {
      if (std::ranges::find(names, member.key) != names.end()) continue;
      const std::string unknown = key + "." + member.key;
      report_(member.key_position, unknown, fmt::format("there is no setting '{}'", unknown),
              did_you_mean_or_list(member.key, names));
    }
    return true;
  }

  /// What is said of HTTP alone, or of brokers alone.
  void check_kind(const SourceNode& node) {
    const bool broker = is_broker_url(sink_.url);
    for (const std::string_view name : {"mode", "headers", "timeout"}) {
      if (broker && node.find(name) != nullptr) {
        report_(node.position, at(name), "this is for HTTP endpoints, and the URL is a broker's", {});
      }
    }
    for (const std::string_view name : {"user", "password"}) {
      if (!broker && node.find(name) != nullptr) {
        report_(node.position, at(name), "this is for brokers; an HTTP endpoint has 'headers'", {});
      }
    }
  }

  void read_password(const SourceNode& node) {
    const auto* secret = node.value.is_object() && node.members.size() == 1 ? node.find("secret") : nullptr;
    if (secret != nullptr && secret->value->value.is_string() && !secret->value->value.as_string().empty()) {
      sink_.password_secret = secret->value->value.as_string();
    } else {
      report_(node.position, at("password"), "a password is given by the name of a secret",
              "Write password: {secret: NAME}");
    }
  }

  void read_url(const SourceNode& node) {
    if (node.value.is_string() && is_broker_url(node.value.as_string())) {
      const auto url = parse_broker_url(node.value.as_string());
      if (!url) return report_(node.position, at("url"), url.error().message, url.error().remedy);
      sink_.url = node.value.as_string();
      return;
    }
    const auto url = node.value.is_string() ? parse_url(node.value.as_string())
                                            : Result<Url>(make_error(ErrorCode::invalid_input, "no text"));
    if (!url || url.value().scheme == "file") {
      report_(node.position, at("url"), "expected the URL of an HTTP endpoint or of a broker's stream",
              "Write for example https://example.com/events or redis://localhost:6379/STREAM");
      return;
    }
    if (!url.value().userinfo.empty()) {
      report_(node.position, at("url"), "a user or password does not belong into a URL, which is shown",
              "Give them in a header: headers: {Authorization: {prefix: 'Basic ', secret: NAME}}");
      return;
    }
    sink_.url = node.value.as_string();
  }

  void read_what(const SourceNode& node, const std::string& what) {
    if (what == "lifecycle") {
      sink_.lifecycle = true;
    } else if (what == "events") {
      sink_.events = true;
    } else {
      report_(node.position, at("what"), fmt::format("there is no '{}' to be sent", what),
              "There are lifecycle and events");
    }
  }

  /// One text, or several.
  std::vector<std::string> texts(const SourceNode& node, std::string_view name) {
    std::vector<std::string> out;
    if (node.value.is_string() && !node.value.as_string().empty()) return {node.value.as_string()};
    bool all = node.value.is_array() && !node.value.as_array().empty();
    if (all) {
      for (const auto& item : node.value.as_array()) {
        all = all && item.is_string() && !item.as_string().empty();
        if (all) out.push_back(item.as_string());
      }
    }
    if (!all) report_(node.position, at(name), "expected a text, or a list of texts", {});
    return out;
  }

  std::string choice(const SourceNode& node, std::string_view name, std::span<const std::string_view> known) {
    const std::string text = node.value.is_string() ? node.value.as_string() : std::string();
    if (std::ranges::find(known, text) == known.end()) {
      report_(node.position, at(name), fmt::format("expected one of {}", fmt::join(known, ", ")), {});
    }
    return text;
  }

  void read_timeout(const SourceNode& node) {
    const auto parsed = node.value.is_string() ? parse_duration_ms(node.value.as_string())
                                               : Result<std::int64_t>(make_error(ErrorCode::invalid_input, "no text"));
    if (parsed && parsed.value() > 0 && parsed.value() <= k_longest_timeout_ms) {
      sink_.timeout_ms = parsed.value();
      return;
    }
    report_(node.position, at("timeout"), "expected an ISO 8601 duration above zero, of at most five minutes",
            "Write for example PT10S");
  }

  void read_headers(const SourceNode& node) {
    if (!node.value.is_object()) {
      report_(node.position, at("headers"), "expected a mapping of headers", {});
      return;
    }
    for (const auto& member : node.members) {
      const std::string key = at("headers") + "." + member.key;
      if (!is_http_token(member.key)) {
        report_(member.key_position, key, "this cannot be the name of a header", {});
        continue;
      }
      std::string lower = member.key;
      std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (lower == "content-type" || lower == "content-length" || lower.starts_with("ce-")) {
        report_(member.key_position, key, "this header is the event's own", {});
        continue;
      }
      read_header({member.key, {}, {}}, *member.value, key);
    }
  }

  void read_header(SinkHeader header, const SourceNode& node, const std::string& key) {
    if (node.value.is_string()) {
      header.text = node.value.as_string();
    } else {
      if (!knows(node, key, std::array<std::string_view, 2>{"prefix", "secret"})) return;
      const auto text = [&](std::string_view name) {
        const auto* found = node.find(name);
        return found != nullptr && found->value->value.is_string() ? found->value->value.as_string() : std::string();
      };
      header.text = text("prefix");
      header.secret = text("secret");
      if (header.secret.empty()) {
        report_(node.position, key, "expected text, or the name of a secret",
                "Write for example {secret: TOKEN, prefix: 'Bearer '}");
        return;
      }
    }
    if (!is_header_value(header.text)) {
      report_(node.position, key, "a header cannot hold this: it has a control character", {});
      return;
    }
    sink_.headers.push_back(std::move(header));
  }

  SinkSettings& sink_;
  std::string key_;
  const ReportSetting& report_;
};

bool is_sink_name(std::string_view name) {
  return !name.empty() && name.size() <= k_name_length && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

void read_sinks(const SourceNode& node, std::vector<SinkSettings>& sinks, const ReportSetting& report) {
  if (!node.value.is_object()) {
    report(node.position, "sinks", "expected a mapping: the name of each sink, and its settings", {});
    return;
  }
  for (const auto& member : node.members) {
    if (!is_sink_name(member.key)) {
      report(member.key_position, "sinks", fmt::format("'{}' cannot be the name of a sink", member.key),
             "Use letters, digits, '-', '_' and '.', 64 at most");
      continue;
    }
    SinkSettings sink;
    sink.name = member.key;
    SinkReader(sink, report).read(*member.value);
    sinks.push_back(std::move(sink));
  }
}

}  // namespace cairn
