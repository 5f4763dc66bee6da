#pragma once
// The body of an operation: which media type it gets, and how data is written as that.

#include "connectors/http/http_client.h"
#include "connectors/http/or_problem.h"
#include "connectors/openapi/document.h"
#include "workflows/value/value.h"

#include <string>
#include <vector>

namespace cairn {

/// The body an operation takes: under which name it is given, and as what it may be sent.
struct BodyDescription {
  std::string name;
  bool required = false;
  std::vector<std::string> media_types;  ///< in the document's order; empty: any
  Value content;                         ///< OpenAPI 3: the media type objects by media type
};

/// `body` as the request's body, with its Content-Type: JSON before forms before text before anything else, of what the
/// operation takes. An author's own Content-Type (a header parameter) decides.
OrProblem<void> write_described_body(const OpenApiDocument& document, const BodyDescription& description,
                                     const Value& body, HttpRequest& request);

/// An object as multipart/form-data: an item or member a part; objects are JSON. `encoding` (OpenAPI 3) gives parts
/// their content types. `files`: names of the parts that are files.
OrProblem<void> write_multipart(const Value& fields, const Value& encoding, const std::vector<std::string>& files,
                                HttpRequest& request);

/// An object as application/x-www-form-urlencoded: a list repeats its name, objects are JSON.
OrProblem<void> write_form(const Value& fields, HttpRequest& request);

}  // namespace cairn
