#pragma once
// Deployed: the workflows that may be started by name.

#include "engine/runtime/engine.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::server {

/// Any thread. What was found stays as it is, whatever is deployed later.
class Deployed {
 public:
  using Workflow = std::shared_ptr<const DefinitionText>;

  /// Takes the place of all that was deployed before.
  void replace(const std::vector<DefinitionText>& workflows);

  /// `version` "": the highest (semver.org). Nothing: there is none.
  [[nodiscard]] Workflow find(std::string_view workflow_namespace, std::string_view name,
                              std::string_view version = {}) const;
  /// By namespace, name and version, the highest version first.
  [[nodiscard]] std::vector<Workflow> all() const;

 private:
  /// "NAMESPACE/NAME" → versions, the highest first. (A name has no slash.)
  using Table = std::map<std::string, std::vector<Workflow>, std::less<>>;
  [[nodiscard]] std::shared_ptr<const Table> table() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Table> table_ = std::make_shared<const Table>();
};

}  // namespace cairn::server
