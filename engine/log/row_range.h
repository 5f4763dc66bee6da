#pragma once
// Walking over rows that stand together.

#include "engine/log/keys.h"
#include "engine/log/rocks_options.h"
#include "engine/log/store.h"

#include <rocksdb/db.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cairn {

/// Iterator over the keys of [begin, end), kept alive together with the bound it borrows.
class Range {
 public:
  Range(rocksdb::DB& db, const rocksdb::Snapshot* snapshot, std::string begin, std::string end)
      : begin_(std::move(begin)), end_(std::move(end)), begin_slice_(begin_), end_slice_(end_) {
    auto options = read_options(snapshot);
    options.iterate_lower_bound = &begin_slice_;
    options.iterate_upper_bound = &end_slice_;
    at_.reset(db.NewIterator(options));
  }
  rocksdb::Iterator* operator->() const { return at_.get(); }
  [[nodiscard]] std::string_view key() const { return view(at_->key()); }
  [[nodiscard]] std::string_view value() const { return view(at_->value()); }

 private:
  std::string begin_;
  std::string end_;
  rocksdb::Slice begin_slice_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

inline std::string kind_prefix(keys::Kind kind) { return std::string(1, static_cast<char>(kind)); }

/// The smallest and the greatest key of a kind whose id begins with the hex digits of `prefix` (dashes ignored). Nothing
/// when no id can.
struct IdRange {
  std::string lowest;
  std::string highest;
};
std::optional<IdRange> ids_with_prefix(keys::Kind kind, std::string_view prefix);

}  // namespace cairn
