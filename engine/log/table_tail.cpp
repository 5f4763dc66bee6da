// check_table_tail: the end of a table file, which RocksDB parses before it checks it.
//
//   file   := block* properties metaindex footer
//   block  := bytes compression:u8 crc:u32                  the crc is masked, over bytes and compression
//   footer := checksum:u8 metaindex index padding version:u32 magic:u64       53 bytes; a place is offset and size, varints
//   metaindex holds entries (shared, unshared, size of value: varints, then key and value) and a list of restarts.

#include "engine/log/bytes.h"
#include "engine/log/crc32c.h"
#include "engine/log/status.h"
#include "engine/log/store_files.h"

#include <memory>

namespace cairn {
namespace {

constexpr std::size_t k_footer = 53;
constexpr std::size_t k_trailer = 5;
constexpr std::uint8_t k_crc32c = 1;  // the only checksum the log's tables have
constexpr std::uint32_t k_table_version = 5;
constexpr std::uint64_t k_magic = 0x88E241B785F4CFF7u;
constexpr std::uint64_t k_most_bytes = std::uint64_t{16} << 20;  // of one meta block
constexpr std::string_view k_properties = "rocksdb.properties";

struct Place {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Place take_place(ByteReader& in) {
  const auto offset = in.varint();
  return {offset, in.varint()};
}

Result<std::string> read_at(rocksdb::RandomAccessFile& handle, const std::string& file, std::uint64_t offset,
                            std::size_t size) {
  std::string buffer(size, '\0');
  rocksdb::Slice got;
  if (const auto status = handle.Read(offset, size, &got, buffer.data()); !status.ok())
    return to_error(status, "file " + file);
  return got.ToString();
}

/// The block's bytes, or nothing when they are not what was written.
Result<std::optional<std::string>> read_block(rocksdb::RandomAccessFile& handle, const std::string& file, Place place,
                                              std::uint64_t file_size) {
  if (place.size > k_most_bytes || place.offset > file_size || place.size + k_trailer > file_size - place.offset) {
    return std::optional<std::string>();
  }
  CAIRN_TRY(auto bytes, read_at(handle, file, place.offset, place.size + k_trailer));
  if (bytes.size() != place.size + k_trailer) return std::optional<std::string>();
  const std::string_view covered(bytes.data(), place.size + 1);
  ByteReader trailer(std::string_view(bytes).substr(place.size + 1));
  const bool compressed = bytes[place.size] != 0;
  if (compressed || trailer.little_endian<std::uint32_t>() != mask_crc32c(crc32c(covered)))
    return std::optional<std::string>();
  bytes.resize(place.size);
  return std::optional<std::string>(std::move(bytes));
}

/// The place of the properties block, by the entries of the metaindex block.
std::optional<Place> find_properties(std::string_view block) {
  constexpr std::size_t k_number = 4;
  if (block.size() < k_number) return std::nullopt;
  const auto restarts = ByteReader(block.substr(block.size() - k_number)).little_endian<std::uint32_t>();
  if (restarts > block.size() / k_number - 1) return std::nullopt;
  ByteReader in(block.substr(0, block.size() - k_number * (restarts + 1)));
  std::string key;
  while (in.ok() && !in.at_end()) {
    const auto shared = in.varint();
    const auto unshared = in.varint();
    const auto size = in.varint();
    const auto rest = in.take(unshared);
    const auto value = in.take(size);
    if (!in.ok() || shared > key.size()) return std::nullopt;
    key.resize(shared);
    key += rest;
    if (key != k_properties) continue;
    ByteReader place(value);
    const auto found = take_place(place);
    if (!place.at_end()) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> check_table_tail(rocksdb::Env& env, const std::string& file, std::uint64_t size) {
  const auto wrong = [](const char* what) { return std::optional<std::string>(what); };
  if (size < k_footer) return wrong("is too short for a table");
  std::unique_ptr<rocksdb::RandomAccessFile> handle;
  if (const auto status = env.NewRandomAccessFile(file, &handle, rocksdb::EnvOptions()); !status.ok()) {
    return to_error(status, "file " + file);
  }
  CAIRN_TRY(const auto footer, read_at(*handle, file, size - k_footer, k_footer));
  ByteReader in(footer);
  const auto checksum = in.little_endian<std::uint8_t>();
  const auto metaindex = take_place(in);
  take_place(in);  // of the index, which RocksDB checks before use
  const auto padding = in.take(in.rest().size() < 12 ? 0 : in.rest().size() - 12);
  const auto version = in.little_endian<std::uint32_t>();
  const auto magic = in.little_endian<std::uint64_t>();
  const bool padded = padding.find_first_not_of('\0') == std::string_view::npos;
  if (!in.at_end() || checksum != k_crc32c || version != k_table_version || magic != k_magic || !padded) {
    return wrong("its footer is not what was written");
  }
  CAIRN_TRY(const auto block, read_block(*handle, file, metaindex, size));
  if (!block) return wrong("its list of meta blocks is not what was written (checksum)");
  const auto properties = find_properties(*block);
  if (!properties) return wrong("its list of meta blocks names no properties");
  CAIRN_TRY(const auto found, read_block(*handle, file, *properties, size));
  if (!found) return wrong("its properties are not what was written (checksum)");
  return std::optional<std::string>();
}

}  // namespace cairn
