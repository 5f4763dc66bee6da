#include "engine/log/approval_key.h"

#include "engine/log/rocks_log.h"
#include "engine/log/status.h"
#include "engine/log/store.h"

#include <openssl/rand.h>

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view k_row = "approval_key";

}  // namespace

Result<void> ensure_approval_key(rocksdb::DB& db) {
  const auto name = keys::meta(k_row);
  CAIRN_TRY(const auto there, get_body(db, nullptr, name));
  if (there) return success();
  Hash256 key;
  if (RAND_bytes(key.bytes.data(), static_cast<int>(key.bytes.size())) != 1) {
    return make_error(ErrorCode::io, "the operating system has no randomness for the key of approvals", db.GetName());
  }
  rocksdb::WriteOptions durable;
  durable.sync = true;
  const auto status = db.Put(durable, name, rows::seal(name, key.view()));
  if (!status.ok()) return to_error(status, db.GetName());
  return success();
}

Result<Hash256> RocksLog::approval_key() const {
  const auto name = keys::meta(k_row);
  CAIRN_TRY(const auto body, get_body(*db_, nullptr, name));
  if (!body) return make_error(ErrorCode::not_found, "the log has no key for approvals yet", path_);
  Hash256 key;
  if (body->size() != key.bytes.size()) return damaged(place_of(name), "cannot be read");
  std::ranges::copy(*body, key.bytes.begin());
  return key;
}

}  // namespace cairn
