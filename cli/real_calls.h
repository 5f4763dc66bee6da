#pragma once
// Calls of tests that are made for real, one at a time.

#include "cli/settings.h"

#include "authoring/testing/world.h"

namespace cairn {

/// Blocks as long as a call takes. Connectors are made with the first one.
authoring::RealCalls real_calls(const Settings& settings);

}  // namespace cairn
