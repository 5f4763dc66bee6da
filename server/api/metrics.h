#pragma once
// Figures for Prometheus (text format 0.0.4).

#include "engine/runtime/engine.h"

#include <cstddef>
#include <string>

namespace cairn::server {

/// On the engine's thread. `http`: Api::status. Names and meanings: docs/server.md.
std::string metrics_text(const Engine& engine, const Value& http, std::size_t workflows);

}  // namespace cairn::server
