#include "engine/log/manifest.h"

#include "engine/log/bytes.h"

#include <fmt/format.h>

namespace cairn {
namespace {

// The tags of a version edit, as RocksDB 7 writes them.
enum Tag : std::uint64_t {
  k_comparator = 1,
  k_log_number = 2,
  k_next_file = 3,
  k_last_sequence = 4,
  k_compact_cursor = 5,
  k_deleted_file = 6,
  k_previous_log = 9,
  k_min_log_to_keep = 10,
  k_new_file = 103,
  k_column_family = 200,
  k_column_family_add = 201,
  k_column_family_drop = 202,
  k_max_column_family = 203,
  k_atomic_group = 300,
  k_ignorable = 1 << 13,  // with this bit: a length and as many bytes, to be skipped by who does not know it
};

enum FileTag : std::uint64_t { k_end_of_file = 1, k_file_checksum = 7, k_file_checksum_name = 8 };

void read_new_file(ByteReader& in, Manifest& out) {
  in.varint();  // level
  const auto number = in.varint();
  TableFile file;
  file.size = in.varint();
  in.prefixed();  // smallest key
  in.prefixed();  // largest key
  in.varint();    // smallest sequence number
  in.varint();    // largest
  while (in.ok()) {
    const auto tag = in.varint();
    if (!in.ok() || tag == k_end_of_file) break;
    const auto field = in.prefixed();
    if (tag == k_file_checksum) file.checksum = field;
    if (tag == k_file_checksum_name) file.checksum_name = field;
  }
  if (in.ok()) out.tables[number] = std::move(file);
}

/// False when the edit is malformed or of a kind this store never has.
bool read_edit(std::string_view record, Manifest& out) {
  ByteReader in(record);
  while (!in.at_end()) {
    const auto tag = in.varint();
    switch (tag) {
      case k_comparator:
      case k_column_family_add: in.prefixed(); break;
      case k_log_number:
      case k_min_log_to_keep: out.log_number = std::max(out.log_number, in.varint()); break;
      case k_next_file:
      case k_previous_log:
      case k_max_column_family:
      case k_atomic_group: in.varint(); break;
      case k_last_sequence: out.last_sequence = std::max(out.last_sequence, in.varint()); break;
      case k_compact_cursor:
        in.varint();
        in.prefixed();
        break;
      case k_deleted_file:
        in.varint();  // level
        out.tables.erase(in.varint());
        break;
      case k_new_file: read_new_file(in, out); break;
      case k_column_family:
        if (in.varint() != 0) return false;
        break;
      default:
        if ((tag & k_ignorable) == 0) return false;
        in.prefixed();
    }
    if (!in.ok()) return false;
  }
  return true;
}

}  // namespace

Manifest read_manifest(std::string_view contents) {
  Manifest out;
  std::optional<std::uint64_t> senseless;
  auto end = scan_log_file(contents, [&](std::uint64_t offset, std::string_view record) {
    if (!senseless && !read_edit(record, out)) senseless = offset;
  });
  if (senseless) end = {LogFileEnd::Kind::damaged, *senseless, "a version edit that cannot be read"};
  out.end = std::move(end);
  return out;
}

}  // namespace cairn
