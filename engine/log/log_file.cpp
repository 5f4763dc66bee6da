#include "engine/log/log_file.h"

#include "engine/log/bytes.h"
#include "engine/log/crc32c.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t k_block = 32'768;
constexpr std::size_t k_header = 7;
/// A record that ends the file in at least this many zeros was never written to its end. Ours end in a hash.
constexpr std::size_t k_zero_tail = 16;

enum Type : std::uint8_t { k_zero = 0, k_whole = 1, k_first = 2, k_middle = 3, k_last = 4 };

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

class Scan {
 public:
  Scan(std::string_view contents, const std::function<void(std::uint64_t, std::string_view)>& visit)
      : contents_(contents), visit_(visit) {}

  LogFileEnd run() {
    while (!end_) step();
    return *end_;
  }

 private:
  void stop(LogFileEnd::Kind kind, std::size_t offset, std::string message) {
    end_ = LogFileEnd{kind, offset, std::move(message)};
  }
  void torn(std::string message) { stop(LogFileEnd::Kind::torn, in_parts_ ? begin_ : at_, std::move(message)); }
  void damaged(std::string message) { stop(LogFileEnd::Kind::damaged, at_, std::move(message)); }

  void step() {
    const std::size_t in_block = k_block - at_ % k_block;
    const auto rest = contents_.substr(at_);
    if (in_block < k_header) {
      const auto trailer = rest.substr(0, std::min(in_block, rest.size()));
      if (!all_zero(trailer)) return damaged("the end of the block is not zero");
      if (trailer.size() < in_block) return finish();
      at_ += in_block;
      return;
    }
    if (rest.empty()) return finish();
    if (rest.size() < k_header) return torn("the file ends inside a record's header");
    ByteReader header(rest);
    const auto crc = header.little_endian<std::uint32_t>();
    const auto length = header.little_endian<std::uint16_t>();
    const auto type = header.little_endian<std::uint8_t>();
    if (crc == 0 && length == 0 && type == k_zero) {
      if (all_zero(rest)) return torn("only zeros follow");
      return damaged("zeros where a record belongs, and data after them");
    }
    if (type == k_zero || type > k_last) return damaged(fmt::format("a record of unknown type {}", type));
    if (k_header + length > in_block) return damaged("a record that is longer than its block");
    const auto covered = rest.substr(k_header - 1);  // by the checksum: type and payload
    if (covered.size() < 1u + length) return cut(crc, covered);
    if (mask_crc32c(crc32c(covered.substr(0, 1u + length))) != crc) return mismatch(rest, k_header + length);
    part(type, covered.substr(1, length));
    if (!end_) at_ += k_header + length;
  }

  void finish() {
    if (in_parts_) return torn("the file ends between the parts of a record");
    stop(LogFileEnd::Kind::whole, contents_.size(), {});
  }

  /// The file ends before the record does. When some shorter payload has the right checksum, the record was complete and its
  /// length has been changed: nothing a crash does.
  void cut(std::uint32_t crc, std::string_view covered) {
    std::uint32_t running = 0;
    for (std::size_t size = 1; size <= covered.size(); ++size) {
      running = extend_crc32c(running, covered.substr(size - 1, 1));
      if (mask_crc32c(running) == crc) return damaged("a record whose length is wrong");
    }
    torn("the file ends inside a record");
  }

  void mismatch(std::string_view rest, std::size_t size) {
    const auto last = rest.find_last_not_of('\0');
    const std::size_t written = last == std::string_view::npos ? 0 : last + 1;
    if (written + k_zero_tail <= size) return torn("only zeros follow");
    damaged("a record whose checksum is wrong");
  }

  void part(std::uint8_t type, std::string_view payload) {
    const bool begins = type == k_whole || type == k_first;
    if (begins == in_parts_) {
      return damaged(begins ? "a record inside another that has no end" : "a part of a record that has no beginning");
    }
    if (type == k_whole) return visit_(at_, payload);
    if (type == k_first) {
      begin_ = at_;
      in_parts_ = true;
      assembled_.clear();
    }
    assembled_ += payload;
    if (type == k_last) {
      in_parts_ = false;
      visit_(begin_, assembled_);
    }
  }

  std::string_view contents_;
  const std::function<void(std::uint64_t, std::string_view)>& visit_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  // of the logical record that is being put together
  bool in_parts_ = false;
  std::string assembled_;
  std::optional<LogFileEnd> end_;
};

}  // namespace

LogFileEnd scan_log_file(std::string_view contents,
                         const std::function<void(std::uint64_t offset, std::string_view record)>& visit) {
  return Scan(contents, visit).run();
}

}  // namespace cairn
