#include "connectors/openapi/security.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

OrProblem<void> add_api_keys(const OpenApiDocument& document, const OpenApiOperation& operation,
                             std::vector<OpenApiParameter>& parameters) {
  const bool swagger = document.version == OpenApiDocument::Version::swagger_2;
  const Value schemes =
      swagger ? document.root.get("securityDefinitions") : document.root.get("components").get("securitySchemes");
  const Value own = operation.definition.get("security");
  const Value required = own.is_array() ? own : document.root.get("security");
  if (!required.is_array()) return boost::outcome_v2::success();
  for (const Value& alternative : required.as_array()) {
    if (!alternative.is_object()) continue;
    for (const auto& [name, scopes] : alternative.as_object()) {
      const Value* found = schemes.find(name);
      if (found == nullptr) {
        return document_problem(document,
                                fmt::format("asks for the security scheme '{}', which it does not have", name));
      }
      CONNECTOR_TRY(const auto scheme, document.resolve(*found));
      if (scheme.get("type") != Value::string("apiKey")) continue;
      CONNECTOR_TRY(auto key, OpenApiParameter::read(
                                  document, Value::object({{"name", scheme.get("name")}, {"in", scheme.get("in")}})));
      const auto same = [&](const OpenApiParameter& known) { return known.name == key.name; };
      if (std::ranges::none_of(parameters, same)) parameters.push_back(std::move(key));
    }
  }
  return boost::outcome_v2::success();
}

}  // namespace cairn
