#pragma once
// From an operation and the parameters of a task to one HTTP call.

#include "connectors/http/auth/credentials.h"
#include "connectors/http/http_arguments.h"
#include "connectors/openapi/document.h"

#include <string>

namespace cairn {

/// The call of `operationId` with `parameters`, `authentication`, `output` and `redirect` of a task's arguments.
/// Parameters go by their name; the request body of OpenAPI 3 is the parameter `body`, Swagger's has its own name. A
/// required parameter that is missing (or null) and one that the operation does not have are validation problems.
OrProblem<HttpCall> plan_operation(const OpenApiDocument& document, const Value& arguments,
                                   const Credentials& credentials, const std::string& idempotency_key,
                                   const HttpOptions& options);

}  // namespace cairn
