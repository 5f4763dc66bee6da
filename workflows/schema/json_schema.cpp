#include "workflows/schema/json_schema.h"

#include "workflows/schema/compiled_schema.h"
#include "workflows/schema/judge.h"

namespace cairn {

struct JsonSchema::Impl {
  std::unique_ptr<const schema::CompiledSchema> compiled;
};

Result<JsonSchema> JsonSchema::compile(const Value& document) {
  CAIRN_TRY(auto compiled, schema::compile_schema(document));
  return JsonSchema(std::make_unique<const Impl>(Impl{std::move(compiled)}));
}

std::optional<std::string> JsonSchema::violation(const Value& value) const {
  return schema::judge(*impl_->compiled, value);
}

JsonSchema::JsonSchema(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

}  // namespace cairn
