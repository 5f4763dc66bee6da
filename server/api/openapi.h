#pragma once
// schemas/openapi.yaml, as it was when this was built.

#include "workflows/value/value.h"

namespace cairn::server {

/// As JSON; made at the first call.
const Value& openapi_document();

}  // namespace cairn::server
