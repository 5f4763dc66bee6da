#include "server/api/openapi.h"

#include "schemas/openapi_text.h"
#include "workflows/core/assert.h"
#include "workflows/source/source.h"

namespace cairn::server {

const Value& openapi_document() {
  static const Value document = [] {
    const auto parsed = parse_source(k_openapi_text);
    CAIRN_ASSERT(parsed.document != nullptr, "schemas/openapi.yaml is YAML");
    return parsed.document->root().value;
  }();
  return document;
}

}  // namespace cairn::server
