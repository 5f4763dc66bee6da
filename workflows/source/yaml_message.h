#pragma once
// The YAML parser's messages in words for people, at the place where the mistake is rather than where it was noticed.

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

struct YamlMessage {
  std::size_t offset = 0;
  std::string text;
  std::string hint;
};

/// `message` as yaml-cpp gives it for byte `offset` of `text`.
YamlMessage explain_yaml_error(std::string_view message, std::string_view text, std::size_t offset);

}  // namespace cairn
