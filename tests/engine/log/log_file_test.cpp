#include "engine/log/log_file.h"

#include "engine/log/crc32c.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cairn {
namespace {

constexpr std::size_t k_block = 32'768;

/// Writes the format as RocksDB does, so that the reader is tested against something that is not itself.
class Writer {
 public:
  void add(std::string_view record) {
    bool first = true;
    do {
      const std::size_t left = k_block - bytes_.size() % k_block;
      if (left < 7) bytes_.append(left, '\0');
      const std::size_t room = k_block - bytes_.size() % k_block - 7;
      const auto part = record.substr(0, room);
      record.remove_prefix(part.size());
      physical(first ? (record.empty() ? 1 : 2) : (record.empty() ? 4 : 3), part);
      first = false;
    } while (!record.empty());
  }
  void physical(int type, std::string_view payload) {
    const std::string covered = static_cast<char>(type) + std::string(payload);
    const std::uint32_t crc = crc32c(covered);
    const std::uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
    for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(masked >> shift);
    bytes_ += static_cast<char>(payload.size());
    bytes_ += static_cast<char>(payload.size() >> 8);
    bytes_ += covered;
  }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

struct Seen {
  LogFileEnd end;
  std::vector<std::string> records;
  std::vector<std::uint64_t> offsets;
};

Seen scan(std::string_view bytes) {
  Seen out;
  out.end = scan_log_file(bytes, [&](std::uint64_t offset, std::string_view record) {
    out.records.emplace_back(record);
    out.offsets.push_back(offset);
  });
  return out;
}

/// Records of random-looking bytes that end in something else than zeros, as ours do.
std::string record(std::size_t size, int seed) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<char>((i * 131 + static_cast<std::size_t>(seed) * 17) % 251 + 1);
  return out;
}

TEST(ScanLogFile, AnEmptyFileIsWhole) { EXPECT_EQ(scan("").end.kind, LogFileEnd::Kind::whole); }

TEST(ScanLogFile, GivesBackRecordsOfAnySize) {
  Writer writer;
  std::vector<std::string> written;
  for (const std::size_t size : {0u, 1u, 100u, 32'000u, 761u - 7u, 1u, 70'000u, 32'768u - 7u, 5u}) {
    written.push_back(record(size, static_cast<int>(written.size())));
    writer.add(written.back());
  }
  const auto seen = scan(writer.bytes());
  EXPECT_EQ(seen.end.kind, LogFileEnd::Kind::whole) << seen.end.message;
  EXPECT_EQ(seen.end.offset, writer.bytes().size());
  EXPECT_EQ(seen.records, written);
}

TEST(ScanLogFile, AFileThatEndsInsideARecordIsTornAtItsBeginning) {
  Writer writer;
  writer.add(record(50, 1));
  const auto first = writer.bytes().size();
  writer.add(record(40'000, 2));
  for (std::size_t size = first + 1; size < writer.bytes().size(); size += size < first + 200 ? 1 : 997) {
    const auto seen = scan(std::string_view(writer.bytes()).substr(0, size));
    ASSERT_EQ(seen.end.kind, LogFileEnd::Kind::torn) << size << ": " << seen.end.message;
    ASSERT_EQ(seen.end.offset, first);
    ASSERT_EQ(seen.records.size(), 1u);
  }
}

TEST(ScanLogFile, ZerosAfterTheLastRecordAreTorn) {
  Writer writer;
  writer.add(record(50, 1));
  const auto first = writer.bytes().size();
  auto bytes = writer.bytes() + std::string(500, '\0');
  EXPECT_EQ(scan(bytes).end.kind, LogFileEnd::Kind::torn);
  EXPECT_EQ(scan(bytes).end.offset, first);
  bytes.back() = 'x';
  EXPECT_EQ(scan(bytes).end.kind, LogFileEnd::Kind::damaged);
}

TEST(ScanLogFile, ARecordThatEndsInZerosWasNotWrittenToItsEnd) {
  Writer writer;
  writer.add(record(50, 1));
  const auto first = writer.bytes().size();
  writer.add(record(400, 2));
  auto bytes = writer.bytes();
  std::fill(bytes.end() - 100, bytes.end(), '\0');
  EXPECT_EQ(scan(bytes).end.kind, LogFileEnd::Kind::torn);
  EXPECT_EQ(scan(bytes).end.offset, first);
}

TEST(ScanLogFile, ABadRecordThatGoodOnesFollowIsDamage) {
  Writer writer;
  writer.add(record(50, 1));
  const auto second = writer.bytes().size();
  writer.add(record(50, 2));
  writer.add(record(50, 3));
  auto bytes = writer.bytes();
  bytes[second + 20] ^= 1;
  EXPECT_EQ(scan(bytes).end.kind, LogFileEnd::Kind::damaged);
  EXPECT_EQ(scan(bytes).end.offset, second);
}

TEST(ScanLogFile, AnyFlippedByteIsDamageNeverATornTail) {
  Writer writer;
  for (int i = 0; i < 3; ++i) writer.add(record(60, i));
  writer.add(record(32'768 - 3 * 67 - 7 - 4, 4));  // leaves a trailer of four bytes
  writer.add(record(100, 5));
  writer.add(record(40, 6));
  const auto& bytes = writer.bytes();
  for (std::size_t at = 0; at < bytes.size(); at += at < 300 || at > 32'700 ? 1 : 501) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      ASSERT_EQ(scan(changed).end.kind, LogFileEnd::Kind::damaged) << "byte " << at << " by " << change;
    }
  }
}

TEST(ScanLogFile, PartsOutOfOrderAreDamage) {
  for (const auto& types : std::vector<std::vector<int>>{{3}, {4}, {2, 1}, {2, 2}, {1, 4}, {9}, {0}, {200}}) {
    Writer writer;
    for (const int type : types) writer.physical(type, "part");
    EXPECT_EQ(scan(writer.bytes()).end.kind, LogFileEnd::Kind::damaged) << types.front();
  }
}

TEST(ScanLogFile, AFirstPartWithoutTheRestIsTorn) {
  Writer writer;
  writer.physical(2, "part");
  EXPECT_EQ(scan(writer.bytes()).end.kind, LogFileEnd::Kind::torn);
}

}  // namespace
}  // namespace cairn
