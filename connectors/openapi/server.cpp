// Where an operation is served.
#include "connectors/openapi/document.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {

namespace {

OrProblem<Url> finished(const OpenApiDocument& document, Result<Url> url) {
  if (!url) return document_problem(document, "names a server that is no URL: " + url.error().to_string());
  Url server = std::move(url).value();
  if (server.scheme == "file") {
    return document_problem(document,
                            "is a file and names no server; give it an absolute one (servers, or host and schemes)");
  }
  while (server.path.ends_with('/')) server.path.pop_back();
  server.query.clear();
  return server;
}

/// schemes, host and basePath; what is missing is as for the document itself.
OrProblem<Url> swagger_server(const OpenApiDocument& document, const OpenApiOperation& operation) {
  Url server = document.url;
  server.userinfo.clear();
  server.query.clear();
  server.path.clear();
  std::vector<std::string> schemes;
  for (const Value& source : {document.root.get("schemes"), operation.definition.get("schemes")}) {
    if (!source.is_array()) continue;
    schemes.clear();
    for (const Value& scheme : source.as_array()) {
      if (scheme.is_string() && scheme.as_string().starts_with("http")) schemes.push_back(scheme.as_string());
    }
  }
  const Value host = document.root.get("host");
  if (!schemes.empty()) {
    const bool secure = std::find(schemes.begin(), schemes.end(), "https") != schemes.end();
    server.scheme = secure ? "https" : schemes.front();
  } else if (server.scheme == "file" && host.is_string()) {
    server.scheme = "https";
  }
  const Value base_path = document.root.get("basePath");
  std::string text = host.is_string() ? server.scheme + "://" + host.as_string() : server.origin();
  if (base_path.is_string()) text += (base_path.as_string().starts_with('/') ? "" : "/") + base_path.as_string();
  if (server.scheme == "file") return finished(document, server);
  return finished(document, parse_url(text));
}

/// The first server of the operation, its path or the document, variables at their defaults.
OrProblem<Url> openapi_server(const OpenApiDocument& document, const OpenApiOperation& operation) {
  Value server;
  for (const Value& holder : {operation.definition, operation.path_item, document.root}) {
    const Value servers = holder.get("servers");
    if (!servers.is_array() || servers.as_array().empty()) continue;
    server = servers.as_array().front();
    break;
  }
  std::string text = server.get("url").is_string() ? server.get("url").as_string() : "/";
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open)) {
    const auto close = text.find('}', open);
    if (close == std::string::npos) break;
    const std::string name = text.substr(open + 1, close - open - 1);
    const Value standard = server.get("variables").get(name).get("default");
    if (!standard.is_string()) {
      return document_problem(document, fmt::format("gives the server variable '{}' no default", name));
    }
    text.replace(open, close - open + 1, standard.as_string());
    open += standard.as_string().size();
  }
  return finished(document, resolve_url(document.url, text));
}

}  // namespace

OrProblem<Url> server_of(const OpenApiDocument& document, const OpenApiOperation& operation) {
  return document.version == OpenApiDocument::Version::swagger_2 ? swagger_server(document, operation)
                                                                 : openapi_server(document, operation);
}

}  // namespace cairn
