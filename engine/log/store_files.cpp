#include "engine/log/store_files.h"

#include "engine/log/bytes.h"
#include "engine/log/rocks_log.h"
#include "engine/log/status.h"

#include <fmt/format.h>

#include <charconv>

namespace cairn {
namespace {

/// The number of "000012.log", when that is what `name` is.
std::optional<std::uint64_t> numbered(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

class Inspector {
 public:
  Inspector(rocksdb::Env& env, const std::string& path) : env_(env), path_(path) {}

  Result<StoreFiles> run() {
    // HEAD first: on a log that is in use, the write-ahead log it names exists before the listing is made.
    CAIRN_TRY(read_head());
    CAIRN_TRY(list());
    CAIRN_TRY(read_manifest_file());
    CAIRN_TRY(find_tables());
    CAIRN_TRY(scan_wals());
    return std::move(out_);
  }

 private:
  void damaged(std::string where, std::string message) {
    out_.damage.push_back({std::move(where), std::move(message)});
  }

  Result<void> list() {
    std::vector<std::string> names;
    const auto status = env_.GetChildren(path_, &names);
    if (!status.ok()) return to_error(status, "directory " + path_);
    for (auto& name : names) {
      if (const auto number = numbered(name, ".log")) wals_[*number] = name;
    }
    return success();
  }

  /// Nothing when the file is not there.
  Result<std::optional<std::string>> read(const std::string& name) {
    std::string contents;
    const auto status = rocksdb::ReadFileToString(&env_, path_ + "/" + name, &contents);
    if (status.IsNotFound() || status.IsPathNotFound()) return std::optional<std::string>();
    if (!status.ok()) return to_error(status, file_place(name));
    return std::optional<std::string>(std::move(contents));
  }

  Result<void> read_head() {
    const std::string name(k_head_file);
    CAIRN_TRY(const auto contents, read(name));
    if (!contents) {
      out_.notes.push_back("file HEAD is missing: that the end of the log was cut off cannot be ruled out");
      return success();
    }
    out_.head = parse_head_file(*contents);
    if (!out_.head) {
      damaged(file_place(name), "its checksum is wrong, so a log that was cut off would go unseen");
      return success();
    }
    if (out_.head->format > k_log_format) {
      return make_error(
          ErrorCode::format_too_new,
          fmt::format("the log has format {}, this version reads up to {}", out_.head->format, k_log_format), path_,
          "use the version of cairn that wrote it, or a newer one");
    }
    return success();
  }

  Result<void> read_manifest_file() {
    CAIRN_TRY(const auto current, read("CURRENT"));
    out_.openable = false;  // until its MANIFEST is found sound
    if (!current) {
      damaged(file_place("CURRENT"), "is missing");
      return success();
    }
    if (!current->starts_with("MANIFEST-") || !current->ends_with('\n') || current->find('/') != std::string::npos) {
      damaged(file_place("CURRENT"), "does not name a MANIFEST");
      return success();
    }
    const std::string name = current->substr(0, current->size() - 1);
    CAIRN_TRY(const auto contents, read(name));
    if (!contents) {
      damaged(file_place(name), "is missing, and CURRENT names it");
      return success();
    }
    out_.manifest = read_manifest(*contents);
    const auto& end = out_.manifest.end;
    if (end.kind == LogFileEnd::Kind::damaged) {
      damaged(file_place(name, end.offset), end.message);
      return success();
    }
    out_.openable = true;
    manifest_sound_ = true;
    out_.last_sequence = out_.manifest.last_sequence;
    return success();
  }

  Result<void> find_tables() {
    for (const auto& [number, table] : out_.manifest.tables) {
      const std::string name = fmt::format("{:06}.sst", number);
      std::uint64_t size = 0;
      const auto status = env_.GetFileSize(path_ + "/" + name, &size);
      if (status.IsNotFound() || status.IsPathNotFound()) {
        // A MANIFEST that ends too early may name what it would have let go further down.
        if (manifest_sound_) damaged(file_place(name), "is missing");
      } else if (!status.ok()) {
        return to_error(status, file_place(name));
      } else if (size != table.size) {
        damaged(file_place(name), fmt::format("has {} bytes instead of {}", size, table.size));
      } else {
        CAIRN_TRY(const auto trouble, check_table_tail(env_, path_ + "/" + name, size));
        if (!trouble) continue;
        damaged(file_place(name), *trouble);
      }
      out_.openable = false;
    }
    return success();
  }

  /// Without a MANIFEST nobody knows which are live: all are looked at, and what should be there is not asked.
  Result<void> scan_wals() {
    const std::uint64_t first_live = manifest_sound_ ? out_.manifest.log_number : 0;
    if (manifest_sound_ && out_.head && out_.head->wal > 0 && out_.head->wal >= first_live &&
        !wals_.contains(out_.head->wal)) {
      damaged(file_place(fmt::format("{:06}.log", out_.head->wal)), "is missing, and HEAD names it");
    }
    for (auto at = wals_.lower_bound(first_live); at != wals_.end(); ++at) {
      CAIRN_TRY(const auto contents, read(at->second));
      if (contents) scan_wal(at->second, *contents);
    }
    return success();
  }

  /// Every record holds a batch: the sequence number of its first write, and how many there are.
  void scan_wal(const std::string& name, std::string_view contents) {
    bool followed = true;
    const auto end = scan_log_file(contents, [&](std::uint64_t offset, std::string_view record) {
      if (!followed) return;
      ByteReader in(record);
      const auto sequence = in.little_endian<std::uint64_t>();
      const auto count = in.little_endian<std::uint32_t>();
      if (!in.ok()) {
        followed = false;
        return damaged(file_place(name, offset), "a record that is no batch of writes");
      }
      // The first live record may repeat what table files already have; from there on there are no gaps.
      const bool follows = next_ ? sequence == *next_ : !manifest_sound_ || sequence <= out_.manifest.last_sequence + 1;
      if (!follows) {
        followed = false;
        return damaged(file_place(name, offset),
                       fmt::format("writes {} to {} are missing before this record",
                                   next_ ? *next_ : out_.manifest.last_sequence + 1, sequence - 1));
      }
      next_ = sequence + count;
      if (count > 0) out_.last_sequence = std::max(out_.last_sequence, sequence + count - 1);
    });
    if (end.kind == LogFileEnd::Kind::damaged && followed) damaged(file_place(name, end.offset), end.message);
    if (end.kind == LogFileEnd::Kind::torn) {
      out_.notes.push_back(
          fmt::format("{}: {}; the write that a crash cut off there was never acknowledged and is dropped",
                      file_place(name, end.offset), end.message));
    }
  }

  rocksdb::Env& env_;
  const std::string& path_;
  StoreFiles out_;
  std::map<std::uint64_t, std::string> wals_;
  bool manifest_sound_ = false;
  std::optional<std::uint64_t> next_;  ///< sequence number that the next live record must have
};

}  // namespace

std::string file_place(std::string_view name) { return fmt::format("file {}", name); }
std::string file_place(std::string_view name, std::uint64_t offset) {
  return fmt::format("file {} byte {}", name, offset);
}

Result<StoreFiles> inspect_store(rocksdb::Env& env, const std::string& path) { return Inspector(env, path).run(); }

}  // namespace cairn
