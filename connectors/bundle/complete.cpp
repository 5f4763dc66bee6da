#include "connectors/bundle/complete.h"

#include "connectors/bundle/credentials.h"
#include "connectors/http/resource.h"
#include "workflows/definition/bundle.h"
#include "workflows/definition/location.h"
#include "workflows/value/utf8.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

namespace cairn {

namespace {

/// "file:///…" of a path, its parts percent-encoded.
std::string file_uri(const std::filesystem::path& path) {
  std::error_code error;
  std::string uri = "file://";
  for (const auto& part : std::filesystem::absolute(path, error).lexically_normal().relative_path()) {
    uri += "/" + percent_encode(part.string());
  }
  return uri;
}

class Completion {
 public:
  Completion(std::string_view text, const FetchOptions& options) : options_(options) {
    bundle_.text = text;
    HttpOptions http = options.http;
    http.total_timeout_ms = std::min(http.total_timeout_ms, k_fetch_timeout_ms);
    client_ = std::make_unique<HttpClient>(io_.get_executor(), http);
  }

  CompleteDefinition run() {
    CompleteDefinition complete;
    for (int round = 0;; ++round) {
      complete.text = write_bundle(bundle_);
      complete.loaded = load_definition(complete.text);
      if (complete.loaded.needed.empty() || options_.offline) break;
      if (round == k_most_rounds) {
        refuse(complete.loaded.needed.front(),
               fmt::format("functions from outside call one another more than {} deep", k_most_rounds));
        break;
      }
      fetch_all(complete.loaded.needed);
      if (!failures_.empty()) break;
    }
    if (!failures_.empty()) fail(complete.loaded);
    return complete;
  }

 private:
  /// In parallel; ends when all have come or failed.
  void fetch_all(const std::vector<NeededResource>& needed) {
    std::vector<std::shared_ptr<void>> under_way;
    for (const NeededResource& one : needed) {
      if (bundle_.resources.size() + under_way.size() >= k_most_resources) {
        refuse(one, fmt::format("the definition takes more than {} resources from outside", k_most_resources));
        break;
      }
      if (auto token = fetch(one)) under_way.push_back(std::move(token));
    }
    while (pending_ > 0) {
      io_.restart();
      io_.run_one();
    }
  }

  std::shared_ptr<void> fetch(const NeededResource& needed) {
    auto endpoint = endpoint_of(needed);
    if (!endpoint) {
      refuse(needed, endpoint.error().detail);
      return nullptr;
    }
    ++pending_;
    return fetch_resource(*client_, endpoint.value(), needed.what, [this, needed](OrProblem<Resource> resource) {
      --pending_;
      if (!resource) {
        const Problem& problem = resource.error();
        return refuse(needed, problem.detail.empty() ? problem.title : problem.detail);
      }
      take(needed, std::move(resource.value().text));
    });
  }

  void take(const NeededResource& needed, std::string text) {
    if (text.size() > k_resource_bytes) {
      return refuse(needed, fmt::format("{}: {} has more than {} bytes", needed.what, needed.uri, k_resource_bytes));
    }
    if (!is_valid_utf8(text)) return refuse(needed, fmt::format("{}: {} is not UTF-8 text", needed.what, needed.uri));
    bytes_ += text.size();
    if (bytes_ > k_resources_bytes) {
      return refuse(needed, fmt::format("the definition takes more than {} bytes from outside", k_resources_bytes));
    }
    bundle_.resources.insert_or_assign(needed.uri, std::move(text));
  }

  /// Where to ask, with what authorizes to.
  OrProblem<Value> endpoint_of(const NeededResource& needed) const {
    std::string uri = needed.uri;
    const std::string scheme = scheme_of(uri);
    if (scheme == k_default_catalog_scheme) {
      if (options_.default_catalog.empty()) {
        return make_problem(StandardError::configuration, "No default catalog",
                            fmt::format("{} is in the default catalog, and there is none; name its folder with "
                                        "--catalog DIR, or `catalog:` in cairn.yaml",
                                        needed.what));
      }
      uri = file_uri(std::filesystem::path(options_.default_catalog) / uri.substr(scheme.size() + 1));
    } else if (scheme.empty()) {
      uri = file_uri(std::filesystem::path(options_.folder) / percent_decode(uri));
    }
    Value endpoint = Value::object({{"uri", Value::string(std::move(uri))}});
    if (needed.authentication.is_null()) return endpoint;
    CONNECTOR_TRY(auto policy,
                  with_secrets(needed.authentication, [this](const std::string& name) { return secret(name); }));
    return endpoint.with("authentication", std::move(policy));
  }

  OrProblem<Value> secret(const std::string& name) const {
    if (const Value* given = options_.secrets.is_object() ? options_.secrets.find(name) : nullptr) return *given;
    std::string how = "give it with --secret " + name + "=VALUE";
    if (options_.secret_source != nullptr) {
      auto found = options_.secret_source->find(name);
      if (!found) return make_problem(StandardError::authorization, "Secret not available", found.error().to_string());
      if (found.value()) return *std::move(found.value());
      how = options_.secret_source->how_to_give(name);
    }
    return make_problem(StandardError::authorization, "Secret not available",
                        fmt::format("the secret '{}' was not given: {}", name, how));
  }

  void refuse(const NeededResource& needed, std::string why) {
    failures_.push_back({Severity::error, needed.position, needed.pointer, std::move(why), {}, needed.source});
  }

  void fail(LoadedDefinition& loaded) {
    // What could not be fetched is an error; that it is missing needs not be told twice.
    std::erase_if(loaded.diagnostics, [&](const Diagnostic& one) {
      return one.severity == Severity::warning && one.message.find(k_not_fetched) != std::string::npos;
    });
    std::ranges::move(failures_, std::back_inserter(loaded.diagnostics));
    loaded.program = nullptr;
  }

  const FetchOptions& options_;
  DefinitionBundle bundle_;
  std::size_t bytes_ = 0;
  std::size_t pending_ = 0;  // fetches under way
  std::vector<Diagnostic> failures_;
  boost::asio::io_context io_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace

CompleteDefinition complete_definition(std::string_view text, const FetchOptions& options) {
  return Completion(text, options).run();
}

}  // namespace cairn
