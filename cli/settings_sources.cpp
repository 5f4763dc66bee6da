#include "cli/settings_sources.h"

#include "connectors/broker/broker_url.h"
#include "workflows/core/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace cairn {
namespace {

constexpr std::array<std::string_view, 9> k_settings{"url",  "group",  "consumer", "from",    "field",
                                                     "type", "source", "user",     "password"};
constexpr std::size_t k_name_length = 64;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= k_name_length &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

class SourceReader {
 public:
  SourceReader(SourceSettings& source, const ReportSetting& report)
      : source_(source), key_("sources." + source.name), report_(report) {}

  void read(const SourceNode& node) {
    if (!node.value.is_object()) return report_(node.position, key_, "expected a mapping of settings", {});
    for (const auto& member : node.members) read_member(member);
    if (node.find("url") == nullptr) {
      report_(node.position, key_, "a source needs 'url'", "Write for example url: redis://localhost:6379/orders");
    }
    if (!source_.source.empty() && source_.type.empty()) {
      report_(node.position, key_, "'source' is of events that messages are wrapped into: it needs 'type'", {});
    }
  }

 private:
  void read_member(const SourceMember& member) {
    const std::string key = key_ + "." + member.key;
    if (std::ranges::find(k_settings, member.key) == k_settings.end()) {
      report_(member.key_position, key, fmt::format("there is no setting '{}'", key),
              did_you_mean_or_list(member.key, k_settings));
      return;
    }
    const SourceNode& node = *member.value;
    if (member.key == "password") return read_password(node, key);
    if (!node.value.is_string() || node.value.as_string().empty()) {
      report_(node.position, key, "expected a text", {});
      return;
    }
    const std::string& text = node.value.as_string();
    if (member.key == "url") {
      if (const auto url = parse_broker_url(text); !url) {
        report_(node.position, key, url.error().message, url.error().remedy);
      } else {
        source_.url = text;
      }
    } else if (member.key == "from") {
      if (text != "now" && text != "beginning") report_(node.position, key, "expected one of beginning, now", {});
      source_.from_now = text == "now";
    } else if (member.key == "group" || member.key == "consumer") {
      if (!is_name(text)) {
        report_(node.position, key, fmt::format("'{}' cannot be the name of a {}", text, member.key),
                "Use letters, digits, '-' and '_', 64 at most");
      }
      (member.key == "group" ? source_.group : source_.consumer) = text;
    } else {
      (member.key == "field"    ? source_.field
       : member.key == "type"   ? source_.type
       : member.key == "source" ? source_.source
                                : source_.user) = text;
    }
  }

  void read_password(const SourceNode& node, const std::string& key) {
    const auto* secret = node.value.is_object() && node.members.size() == 1 ? node.find("secret") : nullptr;
    if (secret != nullptr && secret->value->value.is_string() && !secret->value->value.as_string().empty()) {
      source_.password_secret = secret->value->value.as_string();
    } else {
      report_(node.position, key, "a password is given by the name of a secret", "Write password: {secret: NAME}");
    }
  }

  SourceSettings& source_;
  std::string key_;
  const ReportSetting& report_;
};

}  // namespace

void read_sources(const SourceNode& node, std::vector<SourceSettings>& sources, const ReportSetting& report) {
  if (!node.value.is_object()) {
    report(node.position, "sources", "expected a mapping: the name of each source, and its settings", {});
    return;
  }
  for (const auto& member : node.members) {
    if (!is_name(member.key)) {
      report(member.key_position, "sources", fmt::format("'{}' cannot be the name of a source", member.key),
             "Use letters, digits, '-' and '_', 64 at most");
      continue;
    }
    SourceSettings source;
    source.name = member.key;
    SourceReader(source, report).read(*member.value);
    sources.push_back(std::move(source));
  }
}

}  // namespace cairn
