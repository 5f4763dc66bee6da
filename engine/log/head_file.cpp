#include "engine/log/head_file.h"

#include "engine/log/crc32c.h"
#include "engine/log/directories.h"
#include "engine/log/rocks_log.h"
#include "engine/log/status.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

namespace cairn {
namespace {

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const auto blank = line.find(' ');
    out.push_back(line.substr(0, blank));
    if (blank == std::string_view::npos) return out;
    line.remove_prefix(blank + 1);
  }
}

template <class Integer>
bool read(std::string_view text, Integer& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_line(std::string_view line, HeadFile& out) {
  const auto fields = words(line);
  if (fields[0] == "wal" && fields.size() == 2) return read(fields[1], out.wal);
  if (fields[0] == "bus" && fields.size() == 3) {
    std::uint64_t head = 0;
    const auto chain = Hash256::from_hex(fields[2]);
    if (!read(fields[1], head) || !chain || out.bus) return false;
    out.bus = HeadFile::Bus{BusPosition{head}, *chain};
    return true;
  }
  if (fields[0] != "partition" || fields.size() != 4) return false;
  std::uint16_t partition = 0;
  std::uint64_t lsn = 0;
  const auto chain = Hash256::from_hex(fields[3]);
  if (!read(fields[1], partition) || !read(fields[2], lsn) || !chain) return false;
  return out.partitions.emplace(partition, rows::PartitionHead{Lsn{lsn}, *chain}).second;
}

}  // namespace

std::string encode_head_file(const HeadFile& head) {
  std::string text = fmt::format("cairn log {}\nwal {}\n", head.format, head.wal);
  for (const auto& [partition, end] : head.partitions) {
    text += fmt::format("partition {} {} {}\n", partition, number_of(end.lsn), end.chain.hex());
  }
  if (head.bus) text += fmt::format("bus {} {}\n", number_of(head.bus->head), head.bus->chain.hex());
  return text + fmt::format("crc {:08x}\n", crc32c(text));
}

std::optional<HeadFile> parse_head_file(std::string_view text) {
  constexpr std::size_t k_crc_line = 13;
  if (text.size() < k_crc_line) return std::nullopt;
  const auto covered = text.substr(0, text.size() - k_crc_line);
  if (text.substr(covered.size()) != fmt::format("crc {:08x}\n", crc32c(covered))) return std::nullopt;
  HeadFile out;
  bool first = true;
  for (auto rest = covered; !rest.empty();) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (first) {
      constexpr std::string_view k_title = "cairn log ";
      if (!line.starts_with(k_title) || !read(line.substr(k_title.size()), out.format)) return std::nullopt;
      first = false;
      // What a newer version writes below its title is its own business.
      if (out.format > k_log_format) return out;
    } else if (!read_line(line, out)) {
      return std::nullopt;
    }
  }
  if (first) return std::nullopt;
  return out;
}

Result<void> write_head_file(rocksdb::Env& env, const std::string& directory, const HeadFile& head) {
  const std::string name = directory + "/" + std::string(k_head_file);
  const std::string fresh = name + ".new";
  auto status = rocksdb::WriteStringToFile(&env, encode_head_file(head), fresh, /*should_sync=*/true);
  if (status.ok()) status = env.RenameFile(fresh, name);
  if (!status.ok()) return to_error(status, "file " + name);
  return sync_directory(env, directory);
}

}  // namespace cairn
