// The bus in the store: what is published stays in order, who listens is found, and what was changed is named.

#include "engine/log/bytes.h"
#include "engine/log/head_file.h"
#include "engine/log/keys.h"
#include "engine/log/rocks_options.h"
#include "engine/log/rows.h"
#include "engine/log/verify.h"
#include "tests/engine/log/log_fixture.h"

#include <gmock/gmock.h>
#include <rocksdb/db.h>

namespace cairn {
namespace {

using namespace cairn::testing;  // NOLINT
using ::testing::ElementsAre;
using ::testing::IsEmpty;

BusEvent event(std::uint64_t position, const std::string& id) {
  return {BusPosition{position}, Timestamp{1'700'000'000'000}, RunId{},
          Value::object({{"specversion", Value::string("1.0")},
                         {"id", Value::string(id)},
                         {"source", Value::string("/test")},
                         {"type", Value::string("t")},
                         {"data", Value::integer(static_cast<std::int64_t>(position))}})};
}

AppendBatch publishing(std::uint64_t first, std::uint64_t count) {
  AppendBatch batch;
  for (std::uint64_t i = first; i < first + count; ++i) batch.published.push_back(event(i, "id" + std::to_string(i)));
  return batch;
}

AppendBatch removing(std::uint64_t through, std::optional<BusPosition> matched = {}) {
  AppendBatch batch;
  batch.unpublish = BusPosition{through};
  batch.matched = matched;
  return batch;
}

std::vector<std::uint64_t> positions(const EventLog& log, std::uint64_t after = 0) {
  std::vector<std::uint64_t> out;
  expect_ok(log.each_bus_event(BusPosition{after}, [&](const BusEvent& one) {
    EXPECT_EQ(one.event.get("data").as_uint(), number_of(one.position));
    out.push_back(number_of(one.position));
    return true;
  }));
  return out;
}

BusEnds ends(std::uint64_t first, std::uint64_t head, std::uint64_t matched) {
  return {BusPosition{first}, BusPosition{head}, BusPosition{matched}};
}

std::vector<std::string> places_of_damage(const std::string& directory) {
  std::vector<std::string> places;
  for (const auto& damage : expect_ok(verify_directory(directory)).damage) places.push_back(damage.where);
  return places;
}

template <class Change>
void tamper(const std::string& log, Change change) {
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocks_options({}, rocksdb::Env::Default()), log, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  change(*db);
}

TEST(Bus, KeepsWhatIsPublishedInOrderAndAcrossOpenings) {
  const TemporaryDirectory directory;
  {
    const auto log = open_log(directory.path());
    EXPECT_EQ(expect_ok(log->bus()), ends(1, 0, 0));
    expect_ok(log->append(publishing(1, 2)));
    expect_ok(log->append(publishing(3, 1)));
  }
  const auto log = open_log(directory.path());
  expect_ok(log->append(publishing(4, 1)));
  EXPECT_THAT(positions(*log), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(positions(*log, 2), ElementsAre(3, 4));
  EXPECT_EQ(expect_ok(log->bus()), ends(1, 4, 0));
  EXPECT_EQ(expect_ok(log->bus_position("/test", "id3")), BusPosition{3});
  EXPECT_EQ(expect_ok(log->bus_position("/test", "id9")), std::nullopt);
  EXPECT_EQ(expect_ok(log->bus_position("/other", "id3")), std::nullopt);
  const auto report = expect_ok(log->verify({}));
  EXPECT_TRUE(report.damage.empty()) << to_string(report);
  EXPECT_EQ(report.published, 4U);
}

TEST(Bus, RefusesAPositionThatDoesNotFollow) {
  const TemporaryDirectory directory;
  const auto log = open_log(directory.path());
  EXPECT_EQ(log->append(publishing(2, 1)).error().code, ErrorCode::invalid_usage);
  expect_ok(log->append(publishing(1, 1)));
  EXPECT_THAT(positions(*log), ElementsAre(1));
}

TEST(Bus, LetsGoOnlyOfWhatWasMatched) {
  const TemporaryDirectory directory;
  {
    const auto log = open_log(directory.path());
    expect_ok(log->append(publishing(1, 5)));
    expect_ok(log->append(removing(3, BusPosition{2})));
    EXPECT_EQ(expect_ok(log->bus()), ends(1, 5, 2));
    expect_ok(log->append(removing(3)));
    EXPECT_EQ(expect_ok(log->bus()), ends(3, 5, 2));
    EXPECT_THAT(positions(*log), ElementsAre(3, 4, 5));
    EXPECT_EQ(expect_ok(log->bus_position("/test", "id2")), std::nullopt);
    expect_ok(log->append(removing(9, BusPosition{5})));
    expect_ok(log->append(removing(9)));
    EXPECT_EQ(expect_ok(log->bus()), ends(6, 5, 5));
    expect_ok(log->append(publishing(6, 1)));
  }
  EXPECT_THAT(places_of_damage(directory.path()), IsEmpty());
  EXPECT_THAT(positions(*open_log(directory.path())), ElementsAre(6));
}

TEST(Bus, ListenersAreFoundByShapeAndKeyUntilTheyEnd) {
  const TemporaryDirectory directory;
  const ListenShape shape{definition().hash, "/do/0/l/listen/to/one", "t", true};
  const auto listener = [&](std::uint64_t run, std::string_view key) {
    return Listener{shape.id(), hash_of_key(key), run_id(run), EventSeq{2}};
  };
  const auto found = [&](const EventLog& log, std::string_view key) {
    std::vector<RunId> runs;
    expect_ok(log.each_listener({shape.id(), hash_of_key(key), {}, {}}, [&](const Listener& one, BusPosition from) {
      EXPECT_EQ(from, BusPosition{7});
      runs.push_back(one.run);
      return true;
    }));
    return runs;
  };
  std::vector<SampleRun> samples;
  for (std::uint64_t i = 1; i <= 3; ++i) samples.emplace_back(run_id(i));
  {
    const auto log = open_log(directory.path());
    for (std::uint64_t i = 1; i <= 3; ++i) {
      auto start = samples[i - 1].start();
      start.listens.push_back({listener(i, i == 3 ? "[2]" : "[1]"), shape, BusPosition{7}});
      expect_ok(log->append({{definition()}, {start}}));
    }
  }
  const auto log = open_log(directory.path());
  std::vector<ListenShape> shapes;
  expect_ok(log->each_listen_shape([&](const ListenShape& one) {
    shapes.push_back(one);
    return true;
  }));
  EXPECT_EQ(shapes, std::vector{shape});
  EXPECT_THAT(found(*log, "[1]"), ElementsAre(run_id(1), run_id(2)));
  EXPECT_THAT(found(*log, "[2]"), ElementsAre(run_id(3)));
  auto step = samples[0].step();
  step.unlistens.push_back(listener(1, "[1]"));
  expect_ok(log->append({{}, {step}}));
  EXPECT_THAT(found(*log, "[1]"), ElementsAre(run_id(2)));
  const auto report = expect_ok(log->verify({}));
  EXPECT_TRUE(report.damage.empty()) << to_string(report);
}

class BusDamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto log = open_log(directory_.path());
    expect_ok(log->append(publishing(1, 4)));
    expect_ok(log->append(removing(1, BusPosition{4})));
    expect_ok(log->append(removing(1)));
    SampleRun run(run_id(1));
    auto start = run.start();
    start.listens.push_back({listener_, shape_, BusPosition{4}});
    expect_ok(log->append({{definition()}, {start}}));
  }
  TemporaryDirectory directory_;
  ListenShape shape_{definition().hash, "/do/0", "t", false};
  Listener listener_{shape_.id(), 0, run_id(1), EventSeq{2}};
};

TEST_F(BusDamageTest, AChangedEventIsNamedAlsoWithItsChecksumMadeRight) {
  tamper(directory_.log(), [](rocksdb::DB& db) {
    const auto key = keys::bus_event(BusPosition{3});
    std::string row;
    ASSERT_TRUE(db.Get({}, key, &row).ok());
    auto body = std::string(*rows::unseal(key, row));
    body.back() = static_cast<char>(body.back() ^ 1);
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, body)).ok());
  });
  EXPECT_THAT(places_of_damage(directory_.path()), ElementsAre("bus event 4"));
}

TEST_F(BusDamageTest, AMissingEventIsNamed) {
  tamper(directory_.log(), [](rocksdb::DB& db) { ASSERT_TRUE(db.Delete({}, keys::bus_event(BusPosition{2})).ok()); });
  EXPECT_THAT(places_of_damage(directory_.path()), ElementsAre("bus event 2"));
}

TEST_F(BusDamageTest, ABusThatWasTakenBackIsMissedByHead) {
  tamper(directory_.log(), [](rocksdb::DB& db) {
    ASSERT_TRUE(db.Delete({}, keys::bus_event(BusPosition{4})).ok());
    ASSERT_TRUE(db.Delete({}, keys::bus_id("/test", "id4")).ok());
    const auto last = keys::bus_event(BusPosition{3});
    std::string row;
    ASSERT_TRUE(db.Get({}, last, &row).ok());
    const auto key = keys::meta("bus");
    std::string bus_row;
    ASSERT_TRUE(db.Get({}, key, &bus_row).ok());
    auto bus = *rows::parse_bus(*rows::unseal(key, bus_row));
    bus.ends.head = bus.ends.matched = BusPosition{3};
    bus.chain = rows::hash_of(last, row);
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, rows::encode_bus(bus))).ok());
  });
  EXPECT_THAT(places_of_damage(directory_.path()), ElementsAre("bus event 4"));
  EXPECT_EQ(open_rocks_log(directory_.path()).error().code, ErrorCode::corrupt);
}

TEST_F(BusDamageTest, AnIdThatIsMissingOrLeadsNowhereIsFound) {
  tamper(directory_.log(), [](rocksdb::DB& db) {
    ASSERT_TRUE(db.Delete({}, keys::bus_id("/test", "id2")).ok());
    const auto stray = keys::bus_id("/test", "stray");
    ASSERT_TRUE(db.Put({}, stray, rows::seal(stray, rows::encode_position(BusPosition{1}))).ok());
  });
  EXPECT_THAT(places_of_damage(directory_.path()),
              ElementsAre("bus event 2", ::testing::StartsWith("row with key 75")));
}

TEST_F(BusDamageTest, AListenerWithoutARunOrAFilterIsFound) {
  const Listener stray{shape_.id(), 0, run_id(2), EventSeq{2}};
  tamper(directory_.log(), [&](rocksdb::DB& db) {
    const auto key = keys::listener(stray);
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, rows::encode_position(BusPosition{1}))).ok());
    ASSERT_TRUE(db.Delete({}, keys::listen_shape(shape_.id())).ok());
  });
  EXPECT_THAT(places_of_damage(directory_.path()),
              ElementsAre("run " + run_id(1).to_string() + " event 2 in the index of listeners",
                          "run " + run_id(2).to_string() + " event 2 in the index of listeners"));
}

TEST(Bus, ALogOfFormat3GetsOne) {
  const TemporaryDirectory directory;
  SampleRun run(run_id(1));
  expect_ok(open_log(directory.path())->append({{definition()}, {run.start()}}));
  tamper(directory.log(), [](rocksdb::DB& db) {
    std::string version;
    put_big_endian(version, std::uint16_t{3});
    const auto key = keys::meta("format");
    ASSERT_TRUE(db.Put({}, key, rows::seal(key, version)).ok());
  });
  const auto log = open_log(directory.path());
  EXPECT_EQ(records_of(*log, run.id()).size(), 1U);
  expect_ok(log->append(publishing(1, 1)));
  const auto report = expect_ok(log->verify({}));
  EXPECT_TRUE(report.damage.empty()) << to_string(report);
}

TEST(HeadFile, KnowsHowFarTheBusReached) {
  HeadFile head;
  head.format = k_log_format;
  head.bus = HeadFile::Bus{BusPosition{12}, sha256("x")};
  EXPECT_EQ(parse_head_file(encode_head_file(head))->bus, head.bus);
}

}  // namespace
}  // namespace cairn
