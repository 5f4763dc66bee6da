// Damage to files: any byte changed, any file cut or gone. Opening never crashes, and opening or verify says where.

#include "engine/log/verify.h"
#include "tests/engine/log/log_fixture.h"

#include <gmock/gmock.h>

#include <random>
#include <thread>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace fs = std::filesystem;

/// Files that hold nothing of ours: RocksDB's diary, a copy of its options, its lock and an id nobody asks for.
bool irrelevant(const std::string& name) {
  return name == "LOG" || name == "LOCK" || name == "IDENTITY" || name.starts_with("OPTIONS-") ||
         name.starts_with("LOG.old");
}

class DamageTest : public ::testing::Test {
 protected:
  /// A log with a table file and a live write-ahead log, as a kill leaves it.
  void SetUp() override {
    {
      const auto log = open_log(directory_.path());
      expect_ok(log->append({{definition()}, {a_.start(), b_.start()}}));
      for (int i = 0; i < 8; ++i) expect_ok(log->append({{}, {a_.step(), b_.step(40)}}));
    }
    log_ = open_log(directory_.path());
    for (int i = 0; i < 4; ++i) expect_ok(log_->append({{}, {a_.step(), b_.step()}}));
    // The store removes the log that it has replayed behind our back.
    while (files_with(directory_.log(), ".log").size() > 1) std::this_thread::yield();
    fs::copy(directory_.log(), killed_.log());
    log_.reset();
  }

  /// Opens a copy for writing, as the next start would.
  static Result<std::unique_ptr<RocksLog>> open_copy(const TemporaryDirectory& original, TemporaryDirectory& copy) {
    fs::copy(original.log(), copy.log());
    return open_rocks_log(copy.path());
  }
  static std::vector<LogDamage> damage_of(const TemporaryDirectory& directory) {
    const auto report = verify_directory(directory.path());
    if (!report) return {{report.error().where, report.error().to_string()}};
    return report.value().damage;
  }
  static std::string wal_of(const TemporaryDirectory& directory) { return files_with(directory.log(), ".log").back(); }

  TemporaryDirectory directory_;  ///< closed in order
  TemporaryDirectory killed_;     ///< the same, killed before it was closed
  std::unique_ptr<RocksLog> log_;
  SampleRun a_{run_id(1, 0)};
  SampleRun b_{run_id(2, 1)};
};

TEST_F(DamageTest, TheSampleHasFilesOfEveryKindAndIsSound) {
  for (const auto* part : {".sst", ".log", "MANIFEST", "CURRENT", "HEAD"})
    EXPECT_FALSE(files_with(killed_.log(), part).empty()) << part;
  EXPECT_THAT(damage_of(killed_), IsEmpty());
  EXPECT_THAT(damage_of(directory_), IsEmpty());
  TemporaryDirectory copy;
  const auto log = expect_ok(open_copy(killed_, copy));
  EXPECT_EQ(records_of(*log, a_.id()).size(), 13u);
  EXPECT_THAT(log->notes(), IsEmpty());
}

TEST_F(DamageTest, AnyFlippedByteOfAnyFileIsReportedOnce) {
  std::mt19937 random(20'240'501);
  std::size_t flipped = 0;
  for (const auto& file : files_with(killed_.log(), "")) {
    const auto name = fs::path(file).filename().string();
    if (irrelevant(name)) continue;
    const auto bytes = read_file(file);
    const std::size_t stride = exhaustive() ? 1 : 1 + bytes.size() / 600;
    for (std::size_t at = 0; at < bytes.size(); at += 1 + (stride > 1 ? random() % (2 * stride - 1) : 0)) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (random() % 8)));
      write_file(file, changed);
      const auto damage = damage_of(killed_);
      ASSERT_THAT(damage, SizeIs(1)) << name << " byte " << at << " of " << bytes.size();
      if (name != "CURRENT") ASSERT_THAT(damage[0].where, HasSubstr(name.substr(0, 6))) << at;
      // Opening refuses as well, but for table files, which are read piece by piece later.
      RocksLogOptions options;
      options.read_only = true;
      const auto opened = open_rocks_log(killed_.path(), options);
      if (!name.ends_with(".sst")) {
        ASSERT_FALSE(opened) << name << " byte " << at;
        ASSERT_EQ(opened.error().code, ErrorCode::corrupt) << opened.error().to_string();
        ASSERT_THAT(opened.error().where, HasSubstr(damage[0].where));
      }
      ++flipped;
    }
    write_file(file, bytes);
  }
  EXPECT_GT(flipped, 2'000u);
  EXPECT_THAT(damage_of(killed_), IsEmpty());
}

TEST_F(DamageTest, OpeningForWritingNeverCrashesWhateverByteIsFlipped) {
  std::mt19937 random(7);
  for (const auto& file : files_with(killed_.log(), "")) {
    const auto bytes = read_file(file);
    if (bytes.empty()) continue;
    for (int i = 0; i < 12; ++i) {
      auto changed = bytes;
      const auto at = random() % bytes.size();
      changed[at] = static_cast<char>(changed[at] ^ (1 + random() % 255));
      write_file(file, changed);
      TemporaryDirectory copy;
      const auto opened = open_copy(killed_, copy);
      if (irrelevant(fs::path(file).filename().string())) {
        ASSERT_TRUE(opened) << file << " byte " << at << ": " << opened.error().to_string();
      }
      if (opened) {
        for (const auto& run : {a_.id(), b_.id()}) {
          const auto read = opened.value()->read(run, EventSeq{1}, [](const Record&) { return true; });
          if (!read) ASSERT_EQ(read.error().code, ErrorCode::corrupt) << read.error().to_string();
        }
      }
    }
    write_file(file, bytes);
  }
}

TEST_F(DamageTest, ABadBlockOfATableFileIsNamedByItsRange) {
  const auto file = files_with(killed_.log(), ".sst").front();
  auto bytes = read_file(file);
  bytes[40] ^= 1;
  write_file(file, bytes);
  const auto damage = damage_of(killed_);
  ASSERT_THAT(damage, SizeIs(1));
  EXPECT_THAT(damage[0].where, HasSubstr(fs::path(file).filename().string() + " bytes 0–"));
}

TEST_F(DamageTest, ARefusedLogIsLeftAsItWas) {
  const auto file = wal_of(killed_);
  auto bytes = read_file(file);
  bytes[bytes.size() / 2] ^= 1;
  write_file(file, bytes);
  const auto contents = [&] {
    std::map<std::string, std::string> out;
    for (const auto& name : files_with(killed_.log(), "")) out[name] = read_file(name);
    return out;
  };
  const auto before = contents();
  const auto opened = open_rocks_log(killed_.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_THAT(opened.error().where, HasSubstr(fs::path(file).filename().string() + " byte "));
  EXPECT_THAT(opened.error().remedy, HasSubstr("cairn log verify"));
  EXPECT_EQ(contents(), before);
}

TEST_F(DamageTest, ATornTailIsDroppedWithANoteAndNothingElseIsLost) {
  const auto file = wal_of(killed_);
  const auto bytes = read_file(file);
  std::size_t torn = 0;
  for (std::size_t size = 0; size < bytes.size(); size += 37) {
    write_file(file, std::string_view(bytes).substr(0, size));
    TemporaryDirectory copy;
    const auto log = expect_ok(open_copy(killed_, copy));
    const auto kept = records_of(*log, a_.id()).size();
    // Nine records were in table files before; each of the four batches is there whole or not at all.
    EXPECT_EQ(kept, 9 + size * 4 / bytes.size()) << size;
    EXPECT_EQ(records_of(*log, b_.id()).size(), kept);
    torn += log->notes().size();
    const auto report = expect_ok(log->verify({}));
    ASSERT_THAT(report.damage, IsEmpty()) << size << "\n" << to_string(report);
    for (const auto& note : log->notes()) EXPECT_THAT(note, HasSubstr(fs::path(file).filename().string() + " byte "));
  }
  EXPECT_GT(torn, bytes.size() / 37 - 10);
}

TEST_F(DamageTest, ZerosAfterTheLastRecordAreATornTail) {
  write_file(wal_of(killed_), read_file(wal_of(killed_)) + std::string(3'000, '\0'));
  TemporaryDirectory copy;
  const auto log = expect_ok(open_copy(killed_, copy));
  EXPECT_EQ(records_of(*log, a_.id()).size(), 13u);
  EXPECT_THAT(log->notes(), SizeIs(1));
}

TEST_F(DamageTest, ACutOfALogThatWasClosedIsFoundWhereverItIs) {
  const auto file = wal_of(directory_);
  const auto bytes = read_file(file);
  for (std::size_t size = 0; size < bytes.size(); size += 41) {
    write_file(file, std::string_view(bytes).substr(0, size));
    RocksLogOptions options;
    options.read_only = true;
    const auto opened = open_rocks_log(directory_.path(), options);
    ASSERT_FALSE(opened) << size;
    ASSERT_EQ(opened.error().code, ErrorCode::corrupt);
    ASSERT_THAT(damage_of(directory_), Contains(::testing::Field(&LogDamage::message, HasSubstr("cut off")))) << size;
  }
}

TEST_F(DamageTest, AMissingFileRefusesToOpenAndIsNamed) {
  for (const auto* part : {"CURRENT", "MANIFEST", ".log", ".sst"}) {
    const auto file = files_with(killed_.log(), part).back();
    const auto bytes = read_file(file);
    fs::remove(file);
    const auto opened = open_rocks_log(killed_.path());
    ASSERT_FALSE(opened) << part;
    EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
    EXPECT_THAT(opened.error().where, HasSubstr(fs::path(file).filename().string()));
    EXPECT_THAT(damage_of(killed_),
                ElementsAre(::testing::Field(&LogDamage::where, "file " + fs::path(file).filename().string())));
    write_file(file, bytes);
  }
  EXPECT_THAT(damage_of(killed_), IsEmpty());
}

TEST_F(DamageTest, AMissingHeadFileIsANote) {
  fs::remove(killed_.log() + "/HEAD");
  const auto log = open_log(killed_.path());
  EXPECT_THAT(log->notes(), ElementsAre(HasSubstr("HEAD")));
  EXPECT_TRUE(fs::exists(killed_.log() + "/HEAD"));
}

TEST_F(DamageTest, AnEmptiedDirectoryIsNotTakenForANewLog) {
  for (const auto& file : files_with(killed_.log(), "")) fs::remove(file);
  EXPECT_EQ(open_rocks_log(killed_.path()).error().code, ErrorCode::corrupt);
  EXPECT_FALSE(damage_of(killed_).empty());
}

TEST_F(DamageTest, CutFilesNeverCrashAndAreReported) {
  for (const auto& file : files_with(killed_.log(), "")) {
    const auto name = fs::path(file).filename().string();
    if (irrelevant(name) || name.ends_with(".log")) continue;
    const auto bytes = read_file(file);
    for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 60) {
      write_file(file, std::string_view(bytes).substr(0, size));
      const auto damage = damage_of(killed_);
      TemporaryDirectory copy;
      const auto opened = open_copy(killed_, copy);
      ASSERT_EQ(opened.has_value(), damage.empty()) << name << " cut to " << size;
      if (!opened) continue;
      // The last edits of a MANIFEST may say nothing that matters; then everything is still there.
      ASSERT_THAT(name, HasSubstr("MANIFEST")) << size;
      ASSERT_EQ(records_of(*opened.value(), a_.id()).size(), 13u) << size;
      ASSERT_EQ(records_of(*opened.value(), b_.id()).size(), 13u) << size;
    }
    write_file(file, bytes);
  }
}

TEST_F(DamageTest, GarbageInPlaceOfAFileNeverCrashes) {
  std::mt19937 random(11);
  for (const auto& file : files_with(killed_.log(), "")) {
    const auto name = fs::path(file).filename().string();
    if (irrelevant(name)) continue;
    const auto bytes = read_file(file);
    for (int i = 0; i < 20; ++i) {
      auto changed = bytes;
      const auto from = random() % changed.size();
      const auto size = std::min<std::size_t>(changed.size() - from, 1 + random() % 64);
      for (std::size_t at = from; at < from + size; ++at) changed[at] = static_cast<char>(random());
      if (changed == bytes) continue;
      write_file(file, changed);
      ASSERT_FALSE(damage_of(killed_).empty()) << name << " " << from << " " << size;
      TemporaryDirectory copy;
      static_cast<void>(open_copy(killed_, copy));
    }
    write_file(file, bytes);
  }
}

}  // namespace
}  // namespace cairn
