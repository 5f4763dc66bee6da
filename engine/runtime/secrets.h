#pragma once
// The secrets of a run: those that were given with it, and else those of the process.

#include "engine/effects/secret_source.h"
#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

/// One secret: `given` under its name or its variable_form(), else what `source` (may be null) has.
Result<std::optional<Value>> find_secret(const std::string& name, const Value& given, SecretSource* source);

/// Whether all of `names` are to be had. invalid_usage names the first that is not and the ways to give it; `whose` begins
/// the message ("the definition").
Result<void> check_secrets(const std::vector<std::string>& names, const Value& given, SecretSource* source,
                           std::string_view whose, const std::string& where);

/// Those of `names` that are to be had, as an object.
Result<Value> gather_secrets(const std::vector<std::string>& names, const Value& given, SecretSource* source);

}  // namespace cairn
