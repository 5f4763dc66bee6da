#pragma once
// An OpenAPI document as data: Swagger 2.0 or OpenAPI 3.0/3.1, and its operations.

#include "connectors/http/or_problem.h"
#include "connectors/http/url.h"
#include "workflows/value/value.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// Immutable and cheap to copy.
struct OpenApiDocument {
  enum class Version { swagger_2, openapi_3 };

  Url url;  ///< where it came from: servers may be relative to it
  Value root;
  Version version = Version::openapi_3;

  /// JSON or YAML text. A configuration problem when it is neither, or no OpenAPI document of these versions.
  static OrProblem<OpenApiDocument> parse(Url url, std::string_view text);

  /// `node`, or what its `$ref` names in this document (through further references). References to other documents and
  /// to nothing are configuration problems.
  [[nodiscard]] OrProblem<Value> resolve(const Value& node) const;
};

/// One operation, its references resolved.
struct OpenApiOperation {
  std::string id;
  std::string method;  ///< upper case
  std::string path;    ///< template below the server, "/pet/{petId}"
  Value path_item;
  Value definition;
  std::vector<Value> parameters;  ///< of the operation and, where it does not replace them, of its path
};

/// The operation of that id; a configuration problem with the nearest ids when there is none.
OrProblem<OpenApiOperation> find_operation(const OpenApiDocument& document, const std::string& id);

/// Where the operation is served: scheme, host, port and base path, without a final slash.
OrProblem<Url> server_of(const OpenApiDocument& document, const OpenApiOperation& operation);

/// A configuration problem about the document.
Problem document_problem(const OpenApiDocument& document, std::string_view what);

}  // namespace cairn
