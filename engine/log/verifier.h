#pragma once
// The parts of verification, in the order they run. Each damage is reported once, at the place nearest to its cause: a
// record that was changed breaks the chain at the next one and the run's head, but it is the record that is named.

#include "engine/log/event_log.h"
#include "engine/log/head_file.h"
#include "engine/log/rows.h"

#include <rocksdb/db.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

/// Collects damage into a report: one finding a place, at most k_max_damage.
class DamageList {
 public:
  explicit DamageList(VerifyReport& report) : report_(report) {}
  void add(std::string where, std::string message);
  void add(const Error& error) { add(error.where, error.message); }
  [[nodiscard]] bool empty() const { return report_.damage.empty(); }

 private:
  VerifyReport& report_;
  std::set<std::string> places_;
};

/// Verifies the rows of an open store under one read snapshot.
class RowVerifier {
 public:
  /// `unreadable`: table files are damaged and have been reported; rows that cannot be read are then no findings of
  /// their own.
  RowVerifier(rocksdb::DB& db, std::uint16_t partitions, bool unreadable, VerifyReport& report, DamageList& findings,
              const std::function<void(std::uint64_t)>& progress);
  ~RowVerifier();
  RowVerifier(const RowVerifier&) = delete;
  RowVerifier& operator=(const RowVerifier&) = delete;

  /// `head`: what the HEAD file says, when the log's end is to be held against it.
  void run(const std::optional<HeadFile>& head);

 private:
  /// Order-free digest of (record hash, lsn): equal for records and batch rows exactly when both tell of the same
  /// records.
  struct Digest {
    std::array<std::uint64_t, 4> lanes{};
    void add(const Hash256& record, Lsn lsn);
    friend bool operator==(const Digest&, const Digest&) = default;
  };
  /// Something about a run that does not fit. Batch rows, which know every record's hash, decide what is to blame.
  struct Suspicion {
    EventSeq event{};
    bool consequence = false;  ///< may follow from damage to another record of the run
    std::string where;
    std::string message;
  };
  /// The run whose records are passing by.
  struct Passing {
    RunId id;
    std::uint64_t records = 0;
    std::optional<std::uint64_t> length;  ///< events so far; unknown after a record that cannot be read
    Hash256 head;
    bool broken = false;  ///< its records are suspect already
    EventSeq last_first{};
    // From the events, to be held against the run index:
    std::optional<RunStarted> started;
    std::optional<RunStatus> ended;
    std::optional<Problem> problem;
  };

  // verify_records.cpp
  void verify_records();
  void visit_record(std::string_view key, std::string_view row);
  void note_events(const Record& record);
  void finish_run();
  void compare_with_index(const RunSummary& summary);
  void compare_with_events(const RunSummary& summary);
  void check_run_rows(const RunSummary& summary);
  void suspect(const RunId& run, EventSeq event, bool consequence, std::string message, std::string where = {});
  // verify_batches.cpp
  void verify_batches();
  void blame();
  void blame_batch(const rows::BatchRow& row);
  void report_missing();
  // verify_indexes.cpp
  void verify_definitions();
  void verify_run_index();
  void verify_open_runs();
  void verify_start_keys();
  void verify_snapshots();
  void verify_meta();
  void verify_schedules();  // schedule_rows.cpp
  void verify_feed();       // feed_rows.cpp
  void verify_sinks();      // sink_rows.cpp
  // verify_ended.cpp
  void verify_removals();
  void visit_removal_entry(const rows::BatchEntry& entry);
  void verify_ended_index();
  void verify_faults();
  void check_ended_rows(const RunSummary& summary);
  void check_retries(const RunSummary& summary);
  void verify_folds();
  // verify_bus.cpp
  void verify_bus();
  void report_missing_events(BusPosition expected, BusPosition found, std::optional<Hash256>& chain);
  void verify_listeners();
  bool is_removed(const RunId& run);
  std::optional<RunSummary> line_of(const RunId& run);
  void verify_kinds();
  /// Damage to the run itself has been reported: what follows from it is no finding.
  [[nodiscard]] bool already_told(const RunId& run) const { return blamed_.contains(run) || unlisted_.contains(run); }

  /// Visits the rows of a kind. A store that cannot be read is reported and ends the visit: false.
  bool each(std::string prefix, const std::function<void(std::string_view key, std::string_view row)>& visit);
  void cannot_read(const rocksdb::Status& status, std::string where);
  /// A row's body. Reported when its seal is broken or it cannot be read: then nothing.
  std::optional<std::string> body_of(std::string_view key);

  rocksdb::DB& db_;
  const rocksdb::Snapshot* snapshot_;
  std::uint16_t partitions_;
  bool unreadable_;
  VerifyReport& report_;
  DamageList& findings_;
  const std::function<void(std::uint64_t)>& progress_;

  std::optional<Passing> passing_;
  Digest of_records_;
  Digest of_batches_;
  std::map<RunId, std::vector<Suspicion>> suspicions_;
  std::map<RunId, std::set<EventSeq>> blamed_;
  std::map<RunId, std::map<std::uint64_t, std::uint64_t>> missing_;  ///< first event → events, by run
  std::set<RunId> unlisted_;  ///< runs whose line in the run index is missing or damaged, and reported
  std::set<Hash256> definitions_;
  bool ended_index_ = false;          ///< the store has the indexes of faults and ended runs
  std::uint64_t removals_ = 0;        ///< that the partitions' chains know, with their tombstones
  std::uint64_t folds_ = 0;           ///< that the partitions' chains passed over
  std::pair<RunId, bool> removed_{};  ///< the last answer of is_removed()
};

}  // namespace cairn
