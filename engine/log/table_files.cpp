// check_tables: table files against the checksums that the MANIFEST keeps of them.

#include "engine/log/status.h"
#include "engine/log/store_files.h"

#include <fmt/format.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <charconv>
#include <exception>

namespace cairn {
namespace {

constexpr std::size_t k_chunk = std::size_t{1} << 20;

/// The checksum of a whole file as RocksDB computes it, or why it cannot be read.
rocksdb::Status checksum_of(rocksdb::Env& env, const std::string& file, rocksdb::FileChecksumGenerator& generator) {
  std::unique_ptr<rocksdb::SequentialFile> handle;
  auto status = env.NewSequentialFile(file, &handle, rocksdb::EnvOptions());
  std::string buffer(k_chunk, '\0');
  rocksdb::Slice chunk("x");
  while (status.ok() && !chunk.empty()) {
    status = handle->Read(buffer.size(), &chunk, buffer.data());
    if (status.ok()) generator.Update(chunk.data(), chunk.size());
  }
  generator.Finalize();
  return status;
}

/// The number after `word` in RocksDB's message.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view word) {
  const auto at = text.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + word.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

/// Reads the file block by block: RocksDB's message names the first bad one by offset and size.
std::string range_in(rocksdb::Env& env, const std::string& file) {
  std::string text;
  try {
    rocksdb::Options options;
    options.env = &env;
    rocksdb::SstFileReader reader(options);
    auto status = reader.Open(file);
    if (status.ok()) status = reader.VerifyChecksum();
    if (status.ok()) return {};
    text = status.ToString();
  } catch (const std::exception&) {
    return {};  // the range is a courtesy; the file is named either way
  }
  const auto offset = number_after(text, " offset ");
  const auto size = number_after(text, " size ");
  if (!offset || !size || *size == 0) return {};
  return fmt::format(" bytes {}–{}", *offset, *offset + *size - 1);
}

}  // namespace

TableFindings check_tables(rocksdb::Env& env, const std::string& path, const Manifest& manifest) {
  TableFindings out;
  const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  for (const auto& [number, table] : manifest.tables) {
    const std::string name = fmt::format("{:06}.sst", number);
    const std::string file = path + "/" + name;
    std::uint64_t size = 0;
    const bool there = env.GetFileSize(file, &size).ok() && size == table.size;
    const auto tail = there ? check_table_tail(env, file, size) : std::optional<std::string>();
    if (!there || !tail || tail.value()) {
      out.unreadable = true;  // inspect_store has said so
      continue;
    }
    rocksdb::FileChecksumGenContext context;
    context.file_name = file;
    context.requested_checksum_func_name = table.checksum_name;
    const auto generator = factory->CreateFileChecksumGenerator(context);
    if (generator == nullptr || table.checksum.empty()) {
      out.damage.push_back(
          {file_place(name), "the MANIFEST has no checksum of it: something else than cairn wrote it"});
      continue;
    }
    if (const auto status = checksum_of(env, file, *generator); !status.ok()) {
      out.damage.push_back({file_place(name), "cannot be read: " + status.ToString()});
      out.unreadable = true;
    } else if (generator->GetChecksum() != table.checksum) {
      out.damage.push_back({file_place(name) + range_in(env, file), "its bytes are not what was written (checksum)"});
      out.unreadable = true;
    }
  }
  return out;
}

}  // namespace cairn
