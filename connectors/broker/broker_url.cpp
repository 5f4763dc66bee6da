#include "connectors/broker/broker_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace cairn {
namespace {

constexpr std::uint16_t k_redis_port = 6379;
constexpr std::uint16_t k_nats_port = 4222;
constexpr std::string_view k_example = "Write redis://HOST:6379/STREAM or nats://HOST:4222/SUBJECT";

Error refuse(std::string why) {
  return make_error(ErrorCode::invalid_input, std::move(why), {}, std::string(k_example));
}

}  // namespace

std::string BrokerUrl::address() const {
  return fmt::format(fmt::runtime(host.find(':') == std::string::npos ? "{}:{}" : "[{}]:{}"), host, port);
}

bool is_broker_url(std::string_view text) {
  return text.starts_with("redis:") || text.starts_with("rediss:") || text.starts_with("nats:") ||
         text.starts_with("tls:");
}

Result<BrokerUrl> parse_broker_url(std::string_view text) {
  BrokerUrl url;
  const auto colon = text.find("://");
  url.scheme = std::string(text.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (url.scheme == "rediss" || url.scheme == "tls") {
    return refuse(fmt::format("connections to brokers are not encrypted here: '{}' cannot be had", url.scheme));
  }
  if (url.scheme != "redis" && url.scheme != "nats") return refuse("this is no URL of a broker");
  std::string_view rest = text.substr(colon + 3);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash + 1 == rest.size()) {
    return refuse(url.scheme == "redis" ? "the URL names no stream" : "the URL names no subject");
  }
  url.stream = std::string(rest.substr(slash + 1));
  rest = rest.substr(0, slash);
  if (rest.find('@') != std::string_view::npos) {
    return make_error(ErrorCode::invalid_input, "a user or password does not belong into a URL, which is shown", {},
                      "Give `user` and `password: {secret: NAME}` beside it");
  }
  if (std::ranges::any_of(url.stream, [](unsigned char c) { return c <= ' ' || c == 0x7F || c == '?' || c == '#'; })) {
    return refuse("the name of the stream has a blank, '?' or '#'");
  }
  url.port = url.scheme == "redis" ? k_redis_port : k_nats_port;
  const bool bracket = rest.starts_with('[');
  const auto end = bracket ? rest.find(']') : rest.rfind(':');
  if (bracket && end == std::string_view::npos) return refuse("the host's ']' is missing");
  std::string_view port;
  if (bracket) {
    url.host = std::string(rest.substr(1, end - 1));
    port = rest.substr(end + 1);
    if (!port.empty() && port.front() != ':') return refuse("behind the host a port is expected");
    if (!port.empty()) port.remove_prefix(1);
  } else {
    url.host = std::string(rest.substr(0, end));
    if (end != std::string_view::npos) port = rest.substr(end + 1);
  }
  if (url.host.empty()) return refuse("the URL names no host");
  if (!port.empty()) {
    const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc() || stop != port.data() + port.size() || url.port == 0) {
      return refuse(fmt::format("'{}' is no port", port));
    }
  }
  return url;
}

}  // namespace cairn
