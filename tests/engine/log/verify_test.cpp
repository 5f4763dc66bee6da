// Damage done through the store's own interface, as someone with write access could: verify names run and event.

#include "engine/log/verify.h"

#include "engine/log/bytes.h"
#include "engine/log/crc32c.h"
#include "engine/log/keys.h"
#include "engine/log/rocks_options.h"
#include "engine/log/rows.h"
#include "tests/engine/log/log_fixture.h"

#include <gmock/gmock.h>
#include <rocksdb/db.h>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

auto at(std::string where, std::string_view message) {
  return AllOf(Field(&LogDamage::where, where), Field(&LogDamage::message, HasSubstr(std::string(message))));
}
std::string event_of(const RunId& run, int event) {
  return "run " + run.to_string() + " event " + std::to_string(event);
}
std::string line_of(const RunId& run) { return "run " + run.to_string(); }

class VerifyTest : public ::testing::Test {
 protected:
  /// Three runs in two partitions; `a` has events 1–2, 3–5, 6–8, 9.
  void SetUp() override {
    const auto log = open_log(directory_.path());
    auto start = a_.start();
    start.snapshot = Value::string("state");
    expect_ok(log->append({{definition()}, {start, b_.start()}}));
    expect_ok(log->append({{}, {a_.step(), c_.start()}}));
    expect_ok(log->append({{}, {a_.step(), b_.step()}}));
    expect_ok(log->append({{}, {a_.finish(), b_.step()}}));
    expect_ok(log->append({{}, {c_.step()}}));
  }

  template <class Change>
  void tamper(Change change) {
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocks_options({}, rocksdb::Env::Default()), directory_.log(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    change(*db);
  }
  static std::string get(rocksdb::DB& db, const std::string& key) {
    std::string row;
    EXPECT_TRUE(db.Get({}, key, &row).ok());
    return row;
  }
  static void put(rocksdb::DB& db, const std::string& key, const std::string& row) {
    ASSERT_TRUE(db.Put({}, key, row).ok());
  }
  static void erase(rocksdb::DB& db, const std::string& key) {
    get(db, key);
    ASSERT_TRUE(db.Delete({}, key).ok());
  }
  /// The row with its checksum made right for what it holds: what a careful forger does.
  static std::string sealed(const std::string& key, std::string row) {
    std::string crc;
    put_big_endian(crc, extend_crc32c(crc32c(key), std::string_view(row).substr(4)));
    return row.replace(0, 4, crc);
  }
  std::vector<LogDamage> damage() {
    const auto report = expect_ok(verify_directory(directory_.path()));
    return report.damage;
  }
  /// Reading `run` gives this error; and the log opens, for nothing but that run is in question.
  void expect_reading_fails(const RunId& run, const std::string& where) {
    const auto log = open_log(directory_.path());
    ASSERT_NE(log, nullptr);
    const auto read = log->read(run, EventSeq{1}, [](const Record&) { return true; });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
    EXPECT_EQ(read.error().where, where) << read.error().to_string();
    expect_ok(log->read(c_.id(), EventSeq{1}, [](const Record&) { return true; }));
  }

  TemporaryDirectory directory_;
  SampleRun a_{run_id(1, 0), "key a"};
  SampleRun b_{run_id(2, 0)};
  SampleRun c_{run_id(3, 1), "key c"};
};

TEST_F(VerifyTest, ASoundLogHasNoDamage) {
  const auto report = expect_ok(verify_directory(directory_.path()));
  EXPECT_THAT(report.damage, IsEmpty()) << to_string(report);
  EXPECT_EQ(report.runs, 3u);
  EXPECT_EQ(report.records, 9u);
}

TEST_F(VerifyTest, AChangedRecordIsNamed) {
  const auto key = keys::record(a_.id(), EventSeq{3});
  tamper([&](rocksdb::DB& db) {
    auto row = get(db, key);
    row[row.size() - 10] ^= 1;
    put(db, key, row);
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(a_.id(), 3), "checksum")));
  expect_reading_fails(a_.id(), event_of(a_.id(), 3));
}

TEST_F(VerifyTest, AForgedRecordIsNamed) {
  const auto key = keys::record(a_.id(), EventSeq{3});
  tamper([&](rocksdb::DB& db) {
    auto row = get(db, key);
    const auto pad = row.find("step");
    ASSERT_NE(pad, std::string::npos);
    row[pad] = 'S';
    put(db, key, sealed(key, row));
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(a_.id(), 3), "not the record that was written")));
  expect_reading_fails(a_.id(), event_of(a_.id(), 6));  // a reader sees it at the next record
}

TEST_F(VerifyTest, AForgedLastRecordIsNamed) {
  const auto key = keys::record(b_.id(), EventSeq{6});
  tamper([&](rocksdb::DB& db) {
    auto row = get(db, key);
    row[row.find("step")] = 'S';
    put(db, key, sealed(key, row));
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(b_.id(), 6), "not the record that was written")));
  expect_reading_fails(b_.id(), event_of(b_.id(), 8));
}

TEST_F(VerifyTest, ARemovedRecordIsNamed) {
  for (const auto& [first, last] : std::vector<std::pair<int, int>>{{1, 2}, {3, 5}, {6, 8}, {9, 9}}) {
    SCOPED_TRACE(first);
    const auto key = keys::record(a_.id(), EventSeq{static_cast<std::uint64_t>(first)});
    std::string kept;
    tamper([&](rocksdb::DB& db) {
      kept = get(db, key);
      erase(db, key);
      if (first == 1) erase(db, keys::snapshot(a_.id(), EventSeq{2}));
    });
    EXPECT_THAT(damage(), ElementsAre(at(event_of(a_.id(), first), "is missing")));
    expect_reading_fails(a_.id(), event_of(a_.id(), first));
    tamper([&](rocksdb::DB& db) { put(db, key, kept); });
  }
}

TEST_F(VerifyTest, RemovedNeighboursAreOneFinding) {
  tamper([&](rocksdb::DB& db) {
    erase(db, keys::record(a_.id(), EventSeq{3}));
    erase(db, keys::record(a_.id(), EventSeq{6}));
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(a_.id(), 3), "2 records are missing (events 3 to 8)")));
}

TEST_F(VerifyTest, SwappedRecordsAreBothNamed) {
  const auto one = keys::record(a_.id(), EventSeq{3});
  const auto two = keys::record(a_.id(), EventSeq{6});
  tamper([&](rocksdb::DB& db) {
    const auto row = get(db, one);
    put(db, one, get(db, two));
    put(db, two, row);
  });
  EXPECT_THAT(damage(),
              UnorderedElementsAre(at(event_of(a_.id(), 3), "checksum"), at(event_of(a_.id(), 6), "checksum")));
}

TEST_F(VerifyTest, RecordsOfTwoRunsSwappedAndSealedAgainAreBothNamed) {
  const auto one = keys::record(a_.id(), EventSeq{3});
  const auto two = keys::record(b_.id(), EventSeq{3});
  tamper([&](rocksdb::DB& db) {
    const auto row = get(db, one);
    put(db, one, sealed(one, get(db, two)));
    put(db, two, sealed(two, row));
  });
  EXPECT_THAT(damage(), UnorderedElementsAre(at(event_of(a_.id(), 3), "not the record"),
                                             at(event_of(b_.id(), 3), "not the record")));
}

TEST_F(VerifyTest, AWholeRunRemovedWithItsIndexLinesIsNamed) {
  tamper([&](rocksdb::DB& db) {
    for (const int first : {1, 3, 6}) erase(db, keys::record(b_.id(), EventSeq{static_cast<std::uint64_t>(first)}));
    erase(db, keys::run(b_.id()));
    erase(db, keys::open_run(b_.id()));
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(b_.id(), 1), "3 records are missing (events 1 to 8)")));
}

TEST_F(VerifyTest, ARunThatWasCutWithItsIndexLineRolledBackIsNamed) {
  tamper([&](rocksdb::DB& db) {
    const auto key = keys::run(b_.id());
    auto summary = *rows::parse_summary(b_.id(), *rows::unseal(key, get(db, key)));
    summary.length = 5;
    summary.records = 2;
    const auto record = keys::record(b_.id(), EventSeq{3});
    summary.head = rows::hash_of(record, get(db, record));
    put(db, key, rows::seal(key, rows::encode_summary(summary)));
    erase(db, keys::record(b_.id(), EventSeq{6}));
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(b_.id(), 6), "is missing")));
}

TEST_F(VerifyTest, ARecordNobodyWroteIsNamed) {
  const auto key = keys::record(b_.id(), EventSeq{9});
  tamper([&](rocksdb::DB& db) { put(db, key, sealed(key, get(db, keys::record(a_.id(), EventSeq{9})))); });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(b_.id(), 9), "chain is broken")));
}

TEST_F(VerifyTest, ALineOfTheRunIndexThatIsChangedOrGoneIsNamed) {
  const auto key = keys::run(c_.id());
  std::string kept;
  tamper([&](rocksdb::DB& db) {
    kept = get(db, key);
    auto row = kept;
    row.back() = static_cast<char>(row.back() ^ 1);
    put(db, key, row);
  });
  EXPECT_THAT(damage(), ElementsAre(at(line_of(c_.id()), "checksum")));
  tamper([&](rocksdb::DB& db) { erase(db, key); });
  EXPECT_THAT(damage(), ElementsAre(at(line_of(c_.id()), "missing in the run index")));
  for (const auto& change : std::vector<std::function<void(RunSummary&)>>{
           [](RunSummary& s) { s.length = 4; }, [](RunSummary& s) { s.records = 1; },
           [](RunSummary& s) { s.head = {}; }, [](RunSummary& s) { s.status = RunStatus::completed; },
           [](RunSummary& s) { s.key = "other"; }, [](RunSummary& s) { s.workflow.name = "other"; },
           [](RunSummary& s) { s.priority = 1; }, [](RunSummary& s) { s.parent = run_id(7); }}) {
    tamper([&](rocksdb::DB& db) {
      auto summary = *rows::parse_summary(c_.id(), *rows::unseal(key, kept));
      change(summary);
      put(db, key, rows::seal(key, rows::encode_summary(summary)));
    });
    const auto found = damage();
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].where, line_of(c_.id()));
  }
}

TEST_F(VerifyTest, OtherReadersGoOnBesideADamagedLine) {
  tamper([&](rocksdb::DB& db) { put(db, keys::run(b_.id()), "rotten"); });
  const auto log = open_log(directory_.path());
  std::vector<RunId> seen;
  const auto listed = log->each_run([&](const RunSummary& run) {
    seen.push_back(run.id);
    return true;
  });
  EXPECT_EQ(listed.error().where, line_of(b_.id()));
  EXPECT_THAT(seen, ElementsAre(c_.id(), a_.id()));
  seen.clear();
  const auto open = log->each_open_run([&](const RunSummary& run) {
    seen.push_back(run.id);
    return true;
  });
  EXPECT_EQ(open.error().where, line_of(b_.id()));
  EXPECT_THAT(seen, ElementsAre(c_.id()));
}

TEST_F(VerifyTest, TheIndexOfOpenRunsIsHeldAgainstTheRuns) {
  tamper([&](rocksdb::DB& db) { erase(db, keys::open_run(c_.id())); });
  EXPECT_THAT(damage(), ElementsAre(at(line_of(c_.id()) + " in the index of open runs", "is missing")));
  tamper([&](rocksdb::DB& db) {
    for (const auto& id : {c_.id(), a_.id(), run_id(99)})
      put(db, keys::open_run(id), rows::seal(keys::open_run(id), ""));
  });
  EXPECT_THAT(damage(), UnorderedElementsAre(at(line_of(a_.id()) + " in the index of open runs", "has ended"),
                                             at(line_of(run_id(99)) + " in the index of open runs", "no such run")));
}

TEST_F(VerifyTest, StartKeysAreHeldAgainstTheRuns) {
  const auto key = keys::start_key({"default", "demo", ""}, "key a");
  const auto where = "start key " + rows::parse_hash(key.substr(1))->hex();
  tamper([&](rocksdb::DB& db) { erase(db, key); });
  EXPECT_THAT(damage(), ElementsAre(at(where, "is missing")));
  tamper([&](rocksdb::DB& db) { put(db, key, rows::seal(key, rows::encode_run_id(b_.id()))); });
  EXPECT_THAT(damage(), ElementsAre(at(where, "names run " + b_.id().to_string())));
  const auto foreign = keys::start_key({"default", "demo", ""}, "nobody's");
  tamper([&](rocksdb::DB& db) {
    put(db, key, rows::seal(key, rows::encode_run_id(a_.id())));
    put(db, foreign, rows::seal(foreign, rows::encode_run_id(a_.id())));
  });
  EXPECT_THAT(damage(), ElementsAre(at("start key " + rows::parse_hash(foreign.substr(1))->hex(), "did not start")));
}

TEST_F(VerifyTest, ABadSnapshotIsPassedOverByReadersAndNamed) {
  const auto key = keys::snapshot(a_.id(), EventSeq{2});
  tamper([&](rocksdb::DB& db) {
    auto row = get(db, key);
    row.back() = static_cast<char>(row.back() ^ 1);
    put(db, key, row);
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(a_.id(), 2) + " snapshot", "checksum")));
  EXPECT_FALSE(expect_ok(open_log(directory_.path())->snapshot(a_.id(), EventSeq{9})));
  tamper([&](rocksdb::DB& db) {
    put(db, key, rows::seal(key, rows::encode_snapshot(sha256("other"), Value::integer(1))));
  });
  EXPECT_THAT(damage(), ElementsAre(at(event_of(a_.id(), 2) + " snapshot", "does not stand")));
  EXPECT_FALSE(expect_ok(open_log(directory_.path())->snapshot(a_.id(), EventSeq{9})));
}

TEST_F(VerifyTest, DeletingSnapshotsLosesNothing) {
  tamper([&](rocksdb::DB& db) { erase(db, keys::snapshot(a_.id(), EventSeq{2})); });
  EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(VerifyTest, DefinitionsAreHeldAgainstTheirHashes) {
  const auto key = keys::definition(definition().hash);
  const auto where = "definition " + definition().hash.hex();
  tamper([&](rocksdb::DB& db) {
    auto forged = definition();
    forged.text = "do: [evil]";
    put(db, key, rows::seal(key, rows::encode_definition(forged)));
  });
  EXPECT_THAT(damage(), ElementsAre(at(where, "not the one with this hash")));
  EXPECT_EQ(open_log(directory_.path())->definition(definition().hash).error().code, ErrorCode::corrupt);
  tamper([&](rocksdb::DB& db) { erase(db, key); });
  EXPECT_THAT(damage(), ElementsAre(at(where, "is missing")));
}

TEST_F(VerifyTest, ABatchRowThatIsChangedOrGoneIsNamed) {
  const auto key = keys::batch(PartitionId{0}, Lsn{3});
  std::string kept;
  tamper([&](rocksdb::DB& db) {
    kept = get(db, key);
    auto row = kept;
    row[50] ^= 1;
    put(db, key, row);
  });
  EXPECT_THAT(damage(), ElementsAre(at("partition 0 lsn 3", "checksum")));
  tamper([&](rocksdb::DB& db) { erase(db, key); });
  EXPECT_THAT(damage(), ElementsAre(at("partition 0 lsn 3", "missing")));
  tamper([&](rocksdb::DB& db) {
    auto row = kept;
    row[row.size() - 1] ^= 1;
    put(db, key, sealed(key, row));
  });
  const auto found = damage();
  EXPECT_THAT(found, ::testing::Contains(at("partition 0 lsn 4", "chain is broken")));
}

TEST_F(VerifyTest, ALastBatchThatIsGoneIsNamedAndRefusesToOpen) {
  tamper([&](rocksdb::DB& db) { erase(db, keys::batch(PartitionId{1}, Lsn{2})); });
  EXPECT_THAT(damage(), ElementsAre(at("partition 1 lsn 2", "newest batch")));
  const auto opened = open_rocks_log(directory_.path());
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
  EXPECT_THAT(opened.error().where, HasSubstr("partition 1 lsn 2"));
}

TEST_F(VerifyTest, AnEndRolledBackBelowWhatHeadKnowsIsFound) {
  // The last record of run c goes, with everything that tells of it but the HEAD file.
  tamper([&](rocksdb::DB& db) {
    const auto key = keys::run(c_.id());
    auto summary = *rows::parse_summary(c_.id(), *rows::unseal(key, get(db, key)));
    summary.length = 2;
    summary.records = 1;
    const auto record = keys::record(c_.id(), EventSeq{1});
    summary.head = rows::hash_of(record, get(db, record));
    put(db, key, rows::seal(key, rows::encode_summary(summary)));
    erase(db, keys::record(c_.id(), EventSeq{3}));
    erase(db, keys::batch(PartitionId{1}, Lsn{2}));
    const auto batch = keys::batch(PartitionId{1}, Lsn{1});
    const auto head = keys::partition_head(PartitionId{1});
    put(db, head, rows::seal(head, rows::encode_head({Lsn{1}, rows::hash_of(batch, get(db, batch))})));
  });
  EXPECT_THAT(damage(), ElementsAre(at("partition 1 lsn 2", "cut off")));
  EXPECT_EQ(open_rocks_log(directory_.path()).error().code, ErrorCode::corrupt);
}

TEST_F(VerifyTest, MetaRowsAndUnknownRowsAreNamed) {
  tamper([&](rocksdb::DB& db) {
    put(db, "zebra", "?");
    put(db, keys::meta("created_ms"), "rotten");
  });
  EXPECT_THAT(damage(), UnorderedElementsAre(at("row with key 7a65627261", "unknown kind"),
                                             at("meta row created_ms", "checksum")));
}

TEST_F(VerifyTest, ANewerFormatIsRefusedWithARemedy) {
  const auto key = keys::meta("format");
  tamper([&](rocksdb::DB& db) {
    std::string body;
    put_big_endian(body, static_cast<std::uint16_t>(k_log_format + 1));
    put(db, key, rows::seal(key, body));
  });
  for (const auto& error : {open_rocks_log(directory_.path()).error(), verify_directory(directory_.path()).error()}) {
    EXPECT_EQ(error.code, ErrorCode::format_too_new);
    EXPECT_THAT(error.remedy, HasSubstr("newer"));
  }
}

TEST_F(VerifyTest, ManyDamagesAreCappedAndNotRepeated) {
  {
    const auto log = open_log(directory_.path());
    SampleRun many(run_id(50, 2));
    expect_ok(log->append({{}, {many.start()}}));
    for (int i = 0; i < 150; ++i) expect_ok(log->append({{}, {many.step()}}));
  }
  tamper([&](rocksdb::DB& db) {
    for (std::uint64_t first = 3; first < 450; first += 3)
      put(db, keys::record(run_id(50, 2), EventSeq{first}), "rotten");
  });
  EXPECT_EQ(damage().size(), k_max_damage);
}

}  // namespace
}  // namespace cairn
