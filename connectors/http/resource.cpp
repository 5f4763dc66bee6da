#include "connectors/http/resource.h"

#include "connectors/http/auth/authorized.h"
#include "connectors/http/http_arguments.h"
#include "connectors/http/http_client.h"
#include "connectors/http/http_outcome.h"
#include "workflows/core/limits.h"
#include "workflows/value/utf8.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace cairn {

namespace {

using Callback = std::function<void(OrProblem<Resource>)>;

OrProblem<Resource> read_file(Url url, std::string_view what) {
  const auto refuse = [&](std::string_view why) {
    return make_problem(StandardError::configuration, "Unreadable resource",
                        fmt::format("{}: {} {}", what, utf8_lossy(percent_decode(url.path)), why));
  };
  std::error_code error;
  const std::filesystem::path path(percent_decode(url.path));
  if (!std::filesystem::is_regular_file(path, error)) return refuse("is no file");
  const auto size = std::filesystem::file_size(path, error);
  if (error) return refuse("cannot be read");
  if (size > limits::k_effect_result_bytes) {
    return refuse(fmt::format("is larger than {} bytes", limits::k_effect_result_bytes));
  }
  std::ifstream file(path, std::ios::binary);
  Resource resource;
  resource.text.resize(size);
  if (!file.read(resource.text.data(), static_cast<std::streamsize>(size))) return refuse("cannot be read");
  resource.url = std::move(url);
  return resource;
}

OrProblem<Resource> resource_of(Url url, const HttpResult& result, const std::string& what) {
  if (const auto* failure = std::get_if<HttpFailure>(&result)) return problem_of(*failure, what);
  const auto& response = std::get<HttpResponse>(result);
  if (response.status < 200 || response.status > 299) return problem_of_status(response, what);
  return Resource{std::move(url), response.body};
}

/// Calls back from the executor unless the returned token has been destroyed.
std::shared_ptr<void> report_later(HttpClient& client, Callback callback, OrProblem<Resource> result) {
  auto token = std::make_shared<Callback>(std::move(callback));
  boost::asio::post(client.executor(), [weak = std::weak_ptr(token), result = std::move(result)]() mutable {
    const auto wanted = weak.lock();
    if (!wanted) return;
    const Callback call = std::move(*wanted);
    call(std::move(result));
  });
  return token;
}

OrProblem<HttpRequest> request_for(const Url& url, const Credentials& credentials, const HttpOptions& options) {
  HttpRequest request;
  request.method = "GET";
  request.url = url.to_string();
  request.follow_redirects = true;
  request.headers.emplace_back("Accept", "*/*");
  CONNECTOR_TRY(add_standard_headers(request, credentials, {}, options));
  return request;
}

}  // namespace

OrProblem<Url> read_resource_url(const Value& endpoint, std::string_view what) {
  const Value uri = endpoint.is_object() ? endpoint.get("uri") : endpoint;
  const bool relative = uri.is_string() && !uri.as_string().empty() && uri.as_string().find(':') == std::string::npos;
  if (!relative) return read_endpoint_url(endpoint, what);
  std::error_code error;
  const auto path = std::filesystem::absolute(percent_decode(uri.as_string()), error).lexically_normal();
  Url url;
  url.scheme = "file";
  for (const auto& part : path.relative_path()) url.path += "/" + percent_encode(part.string());
  return url;
}

std::shared_ptr<void> fetch_resource(HttpClient& client, const Value& endpoint, std::string_view what,
                                     Callback callback) {
  auto url = read_resource_url(endpoint, what);
  if (!url) return report_later(client, std::move(callback), url.error());
  if (url.value().scheme == "file") {
    return report_later(client, std::move(callback), read_file(std::move(url).value(), what));
  }
  const std::string described = fmt::format("{}: GET {}", what, url.value().for_message());
  auto make = [&client, source = url.value()](const Credentials& credentials) {
    return request_for(source, credentials, client.options());
  };
  auto report = [callback = std::move(callback), described, source = url.value()](const OrProblem<HttpResult>& result,
                                                                                  const Credentials&) {
    if (!result) return callback(result.error());
    callback(resource_of(source, result.value(), described));
  };
  return exchange_authorized(client, endpoint.find("authentication"), std::move(make), std::move(report));
}

}  // namespace cairn
