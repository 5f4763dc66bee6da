#include "server/api/deployed.h"

#include "engine/log/semver.h"

#include <algorithm>
#include <utility>

namespace cairn::server {
namespace {

std::string full_name(std::string_view workflow_namespace, std::string_view name) {
  return std::string(workflow_namespace) + "/" + std::string(name);
}

}  // namespace

void Deployed::replace(const std::vector<DefinitionText>& workflows) {
  Table table;
  for (const auto& workflow : workflows) {
    const auto& identity = workflow.program->identity;
    table[full_name(identity.workflow_namespace, identity.name)].push_back(
        std::make_shared<const DefinitionText>(workflow));
  }
  for (auto& [name, versions] : table) {
    std::ranges::sort(versions, [](const Workflow& a, const Workflow& b) {
      return compare_versions(a->program->identity.version, b->program->identity.version) > 0;
    });
  }
  const std::lock_guard lock(mutex_);
  table_ = std::make_shared<const Table>(std::move(table));
}

std::shared_ptr<const Deployed::Table> Deployed::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

Deployed::Workflow Deployed::find(std::string_view workflow_namespace, std::string_view name,
                                  std::string_view version) const {
  const auto all = table();
  const auto versions = all->find(full_name(workflow_namespace, name));
  if (versions == all->end()) return nullptr;
  if (version.empty()) return versions->second.front();
  const auto it = std::ranges::find(versions->second, version, [](const Workflow& workflow) -> std::string_view {
    return workflow->program->identity.version;
  });
  return it == versions->second.end() ? nullptr : *it;
}

std::vector<Deployed::Workflow> Deployed::all() const {
  std::vector<Workflow> list;
  for (const auto& [name, versions] : *table()) list.insert(list.end(), versions.begin(), versions.end());
  return list;
}

}  // namespace cairn::server
