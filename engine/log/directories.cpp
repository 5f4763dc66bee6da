#include "engine/log/directories.h"

#include "engine/log/status.h"

#include <memory>
#include <vector>

namespace cairn {

Result<void> sync_directory(rocksdb::Env& env, const std::string& path) {
  std::unique_ptr<rocksdb::Directory> handle;
  auto status = env.NewDirectory(path, &handle);
  if (status.ok()) status = handle->Fsync();
  if (!status.ok()) return to_error(status, "directory " + path);
  return success();
}

Result<void> remove_directory(rocksdb::Env& env, const std::string& path) {
  std::vector<std::string> names;
  auto status = env.GetChildren(path, &names);
  if (status.IsNotFound() || status.IsPathNotFound()) return success();
  for (const auto& name : names) {
    if (status.ok() && name != "." && name != "..") status = env.DeleteFile(path + "/" + name);
  }
  if (status.ok()) status = env.DeleteDir(path);
  if (!status.ok()) return to_error(status, "directory " + path);
  return success();
}

}  // namespace cairn
