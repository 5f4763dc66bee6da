#pragma once
// What the tests of the log share: a directory that goes away, records that look like a run's, and a log of some runs.

#include "engine/log/rocks_log.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {
/// For GoogleTest's messages.
inline void PrintTo(const LogDamage& damage, std::ostream* out) { *out << damage.where << ": " << damage.message; }
}  // namespace cairn

namespace cairn::testing {

/// Usually tests that try every byte or operation take a dense sample; with CAIRN_EXHAUSTIVE set, they take all.
inline bool exhaustive() { return std::getenv("CAIRN_EXHAUSTIVE") != nullptr; }

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    // In memory where there is such a place: these tests are about bytes, not about disks.
    const std::filesystem::path memory = "/dev/shm";
    std::error_code none;
    constexpr std::uintmax_t k_room = std::uintmax_t{1} << 30;  // an open log sets some 40 MiB aside
    const bool fast =
        access(memory.c_str(), W_OK) == 0 && std::filesystem::space(memory, none).available >= k_room && !none;
    std::string pattern = ((fast ? memory : std::filesystem::temp_directory_path()) / "cairn-log-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string log() const { return path_ + "/log"; }

 private:
  std::string path_;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Files of DIR/log with this suffix, sorted.
inline std::vector<std::string> files_with(const std::string& directory, std::string_view part) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().find(part) != std::string::npos) out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

inline Value json(std::string_view text) { return parse_json(text).value(); }

inline RunId run_id(std::uint64_t number, std::uint16_t partition = 0) {
  return RunId::make(static_cast<std::int64_t>(1'700'000'000'000 + number), PartitionId{partition},
                     number * 0x9E3779B97F4A7C15u);
}

inline StoredDefinition definition(std::string text = "do: []",
                                   WorkflowIdentity workflow = {"default", "demo", "1.0.0"}) {
  const auto hash = sha256(text);
  return {hash, std::move(workflow), std::move(text), Timestamp{1'700'000'000'000}};
}

/// A run as its owner would write it: start, then steps, then the end.
class SampleRun {
 public:
  explicit SampleRun(RunId id, std::string key = {}) {
    summary_.id = id;
    summary_.workflow = {"default", "demo", "1.0.0"};
    summary_.definition = definition().hash;
    summary_.status = RunStatus::running;
    summary_.started_at = Timestamp{1'700'000'000'000};
    summary_.key = std::move(key);
  }

  AppendRecord start(Value input = json(R"({"lead":"ada"})")) {
    StartRun what{summary_.id, input, summary_.key, summary_.priority, std::nullopt};
    return record(
        what, {RunStarted{summary_.workflow, summary_.definition, input, input, summary_.key, summary_.priority, {}},
               TaskStarted{"/do/0/first", "set", k_no_event, input, input, std::nullopt}});
  }
  AppendRecord step(std::size_t bytes = 0) {
    const Value result = Value::object({{"step", Value::integer(static_cast<std::int64_t>(length_))},
                                        {"pad", Value::string(std::string(bytes, 'x'))}});
    return record(EffectFinished{EventSeq{length_}, result},
                  {EffectCompleted{EventSeq{length_}, result}, TaskCompleted{EventSeq{2}, result, std::nullopt},
                   TaskStarted{"/do/1/next", "call", k_no_event, result, result, std::nullopt}});
  }
  AppendRecord finish() {
    summary_.status = RunStatus::completed;
    summary_.open = false;
    summary_.active = false;
    summary_.ended_at = Timestamp{now_};
    return record(GoOn{}, {RunCompleted{json(R"({"done":true})")}});
  }
  [[nodiscard]] const RunId& id() const { return summary_.id; }
  RunSummary& summary() { return summary_; }
  [[nodiscard]] std::uint64_t length() const { return length_; }

 private:
  AppendRecord record(decltype(Stimulus::what) what, std::vector<Event> events) {
    auto& kept = records_.emplace_back(std::make_unique<Record>());
    kept->first = EventSeq{length_ + 1};
    kept->stimulus = {std::move(what), Timestamp{++now_}, 42 + length_};
    kept->events = std::move(events);
    length_ += kept->events.size();
    summary_.updated_at = Timestamp{now_};
    return {summary_.id, kept.get(), summary_, std::nullopt, {}, {}};
  }

  RunSummary summary_;
  std::uint64_t length_ = 0;
  std::int64_t now_ = 1'700'000'000'000;
  std::vector<std::unique_ptr<Record>> records_;
};

/// The value; a failure ends the test.
template <class T>
T expect_ok(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return std::move(result).value();
}
inline void expect_ok(Result<void> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
}

inline std::unique_ptr<RocksLog> open_log(const std::string& directory, const RocksLogOptions& options = {}) {
  return expect_ok(open_rocks_log(directory, options));
}

inline std::vector<Record> records_of(const EventLog& log, const RunId& run, EventSeq from = EventSeq{1}) {
  std::vector<Record> out;
  expect_ok(log.read(run, from, [&](const Record& record) {
    out.push_back(record);
    return true;
  }));
  return out;
}

inline std::string to_string(const VerifyReport& report) {
  std::string text;
  for (const auto& damage : report.damage) text += damage.where + ": " + damage.message + "\n";
  return text;
}

}  // namespace cairn::testing
