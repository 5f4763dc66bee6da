#pragma once
// Security schemes of a document, as far as a call gives them as parameters.

#include "connectors/openapi/document.h"
#include "connectors/openapi/parameter.h"

#include <vector>

namespace cairn {

/// The API keys that the operation's security asks for (its own, else the document's), as parameters by their names. They
/// are optional: which of the alternatives a caller has is the service's to judge. Other schemes come with the call's
/// `authentication`. A requirement of a scheme that the document has not is a configuration problem.
OrProblem<void> add_api_keys(const OpenApiDocument& document, const OpenApiOperation& operation,
                             std::vector<OpenApiParameter>& parameters);

}  // namespace cairn
