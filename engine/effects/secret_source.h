#pragma once
// Where a process finds secrets. connectors/secrets implements it: the environment, a folder of files, the store.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// The name a secret has as part of a variable of the environment: capitals and digits, _ for everything else.
std::string variable_form(std::string_view name);

/// One thread at a time. What it gives is for effects and nothing else: it is never recorded, printed or sent on.
class SecretSource {
 public:
  virtual ~SecretSource() = default;
  /// The secret as it is now; nothing when there is none of that name here. An error when that cannot be told: a file that
  /// cannot be read, a store whose key is missing. Messages hold no value.
  [[nodiscard]] virtual Result<std::optional<Value>> find(const std::string& name) = 0;
  /// How somebody would give it here: "in the variable CAIRN_SECRET_TOKEN".
  [[nodiscard]] virtual std::string how_to_give(const std::string& name) const = 0;
};

}  // namespace cairn
