// Rows of schedules: written with a batch or alone, read by name, verified.

#include "engine/log/keys.h"
#include "tests/engine/log/log_fixture.h"

#include <gtest/gtest.h>

namespace cairn::testing {
namespace {

AppendBatch row(const std::string& name, Value state) {
  AppendBatch batch;
  batch.schedules.push_back({"billing", name, std::move(state)});
  return batch;
}

std::vector<std::string> rows_of(const RocksLog& log) {
  std::vector<std::string> found;
  expect_ok(log.each_schedule([&](const ScheduleRow& row) {
    found.push_back(row.workflow_namespace + "/" + row.name + " " + to_json(row.state));
    return true;
  }));
  return found;
}

TEST(ScheduleRows, TakeThePlaceOfTheOneBeforeAndOutliveTheProcess) {
  const TemporaryDirectory directory;
  {
    const auto log = open_log(directory.path());
    ASSERT_TRUE(log->append(row("nightly", json(R"({"handled":1})"))));
    ASSERT_TRUE(log->append(row("hourly", json(R"({"handled":2})"))));
    SampleRun run(run_id(1), "schedule:x");
    AppendBatch batch = row("nightly", json(R"({"handled":3})"));
    batch.definitions.push_back(definition());
    batch.records.push_back(run.start());
    ASSERT_TRUE(log->append(batch));
  }
  const auto log = open_log(directory.path());
  EXPECT_EQ(rows_of(*log),
            (std::vector<std::string>{R"(billing/hourly {"handled":2})", R"(billing/nightly {"handled":3})"}));
  ASSERT_TRUE(log->append(row("hourly", Value::null())));
  EXPECT_EQ(rows_of(*log), (std::vector<std::string>{R"(billing/nightly {"handled":3})"}));
  const auto report = log->verify({});
  ASSERT_TRUE(report);
  EXPECT_EQ(to_string(report.value()), "");
}

TEST(ScheduleRows, OfEventsComeByPositionBehindThoseOfSchedules) {
  const TemporaryDirectory directory;
  const auto log = open_log(directory.path());
  AppendBatch batch = row("nightly", json(R"({"handled":1})"));
  for (const std::uint64_t position : {300U, 7U}) {
    batch.schedules.push_back({"billing", "nightly", json(R"({"set":7})"), BusPosition{position}});
  }
  ASSERT_TRUE(log->append(batch));
  std::vector<std::uint64_t> positions;
  expect_ok(log->each_schedule([&](const ScheduleRow& row) {
    positions.push_back(number_of(row.event));
    return true;
  }));
  EXPECT_EQ(positions, (std::vector<std::uint64_t>{0, 7, 300}));
  const auto report = log->verify({});
  ASSERT_TRUE(report);
  EXPECT_EQ(to_string(report.value()), "");
  AppendBatch gone;
  gone.schedules.push_back({"billing", "nightly", Value::null(), BusPosition{7}});
  ASSERT_TRUE(log->append(gone));
  EXPECT_EQ(rows_of(*log).size(), 2U);
}

TEST(ScheduleRows, AreNamedInMessages) {
  EXPECT_EQ(keys::schedule_name(keys::gathered("billing", "nightly", BusPosition{7})),
            "schedule billing/nightly event 7");
  EXPECT_EQ(keys::schedule_name(keys::schedule("billing", "nightly")), "schedule billing/nightly");
}

}  // namespace
}  // namespace cairn::testing
