#pragma once
// The `limits` of cairn.yaml: how many effects are under way at once, and what each connector may do.

#include "engine/runtime/admission.h"
#include "workflows/source/source.h"

#include <functional>
#include <string>

namespace cairn {

/// Says that something is wrong at a place; `key` is "limits.effects".
using ReportSetting =
    std::function<void(const SourcePosition& position, const std::string& key, std::string message, std::string hint)>;

/// `node` is what stands behind `limits:`. Everything wrong is reported; what is not wrong is taken in.
void read_limits(const SourceNode& node, EffectLimits& limits, const ReportSetting& report);

}  // namespace cairn
