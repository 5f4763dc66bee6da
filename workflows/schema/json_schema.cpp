#include "workflows/schema/json_schema.h"

#include "workflows/schema/schema_node.h"

namespace cairn {

JsonSchema::JsonSchema(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

Result<JsonSchema> JsonSchema::compile(const Value& document) {
  CAIRN_TRY(auto impl, compile_schema(document));
  return JsonSchema(std::move(impl));
}

std::optional<std::string> JsonSchema::violation(const Value& value) const { return check_schema(*impl_, value); }

}  // namespace cairn
