// Records in the order of runs: seals, chains, payloads, and each run's rows in the indexes.

#include "engine/log/keys.h"
#include "engine/log/record_codec.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"
#include "engine/machine/fault.h"
#include "engine/machine/state.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t k_progress_every = 1'024;

std::optional<RunStatus> final_status(const Event& event) {
  if (std::holds_alternative<RunCompleted>(event)) return RunStatus::completed;
  if (std::holds_alternative<RunFaulted>(event)) return RunStatus::faulted;
  if (std::holds_alternative<RunCancelled>(event)) return RunStatus::cancelled;
  return std::nullopt;
}

}  // namespace

void RowVerifier::Digest::add(const Hash256& record, Lsn lsn) {
  // Odd factors lose nothing, and tie a record to its place.
  const std::uint64_t factor = 2 * number_of(lsn) + 1;
  for (std::size_t i = 0; i < record.bytes.size(); i += 8) {
    std::uint64_t lane = 0;
    for (std::size_t j = 0; j < 8; ++j) lane = (lane << 8) | record.bytes[i + j];
    lanes[i / 8] += lane * factor;
  }
}

void RowVerifier::suspect(const RunId& run, EventSeq event, bool consequence, std::string message, std::string where) {
  if (where.empty()) where = event_place(run, event);
  suspicions_[run].push_back({event, consequence, std::move(where), std::move(message)});
  if (passing_ && passing_->id == run) passing_->broken = true;
}

void RowVerifier::verify_records() {
  const bool whole = each(std::string(1, static_cast<char>(keys::k_record)),
                          [&](std::string_view key, std::string_view row) { visit_record(key, row); });
  // Of a run that was cut short by a bad block nothing can be said.
  if (whole) finish_run();
  passing_.reset();
}

void RowVerifier::visit_record(std::string_view key, std::string_view row) {
  const auto place = keys::parse_record(key);
  if (!place || place->partition != place->run.partition())
    return findings_.add(place_of(key), "a record where none belongs");
  if (!passing_ || passing_->id != place->run) {
    finish_run();
    passing_ = Passing{place->run, 0, 0, {}, false, {}, {}, {}};
    ++report_.runs;
  }
  ++report_.records;
  if (progress_ && report_.records % k_progress_every == 0) progress_(report_.records);

  Passing& run = *passing_;
  const auto hash = rows::hash_of(key, row);
  const auto body = rows::unseal(key, row);
  const auto parsed = body ? rows::parse_record(*body) : std::nullopt;
  of_records_.add(hash, parsed ? parsed->lsn : Lsn{});
  if (run.length && number_of(place->first) != *run.length + 1) {
    suspect(run.id, EventSeq{*run.length + 1}, true, "its record is missing");
  } else if (parsed && run.length && parsed->previous != run.head) {
    suspect(run.id, place->first, true, "the chain is broken: the record before is not the one this was written after");
  }
  ++run.records;
  run.head = hash;
  run.last_first = place->first;
  if (!parsed) {
    suspect(run.id, place->first, false, std::string(k_bad_seal));
    run.length.reset();
    return;
  }
  const auto record = decode_record(parsed->payload);
  if (!record || record.value().first != place->first || record.value().events.empty()) {
    suspect(run.id, place->first, false, record ? "its record belongs to another place" : record.error().message);
    run.length.reset();
    return;
  }
  run.length = number_of(place->first) + record.value().events.size() - 1;
  report_.events += record.value().events.size();
  note_events(record.value());
}

void RowVerifier::note_events(const Record& record) {
  for (const auto& event : record.events) {
    if (const auto* started = std::get_if<RunStarted>(&event)) passing_->started = *started;
    if (const auto* changed = std::get_if<PriorityChanged>(&event); changed != nullptr && passing_->started) {
      passing_->started->priority = changed->priority;
    }
    if (const auto ended = final_status(event)) passing_->ended = ended;
    if (const auto* faulted = std::get_if<RunFaulted>(&event)) passing_->problem = faulted->problem;
  }
}

void RowVerifier::finish_run() {
  if (!passing_) return;
  const RunId id = passing_->id;
  const auto body = get_body(db_, snapshot_, keys::run(id));
  if (!body || !body.value()) unlisted_.insert(id);
  if (!body) {
    if (!unreadable_) findings_.add(run_place(id), body.error().message);
    return;
  }
  if (!body.value()) {
    if (!unreadable_) suspect(id, EventSeq{1}, true, "it is missing in the run index", run_place(id));
    return;
  }
  const auto summary = rows::parse_summary(id, *body.value());
  if (!summary) return findings_.add(run_place(id), "its line in the run index cannot be read");
  compare_with_index(*summary);
  compare_with_events(*summary);
  check_run_rows(*summary);
}

void RowVerifier::compare_with_index(const RunSummary& summary) {
  const Passing& run = *passing_;
  if (run.broken || !run.length) return;
  if (*run.length == summary.length && run.records == summary.records && run.head == summary.head) return;
  suspect(run.id, EventSeq{std::min(*run.length, summary.length)}, true,
          fmt::format("the run index has {} events in {} records, and there are {} in {}, or the last is another one",
                      summary.length, summary.records, *run.length, run.records),
          run_place(run.id));
}

void RowVerifier::compare_with_events(const RunSummary& summary) {
  const Passing& run = *passing_;
  if (run.broken) return;
  const auto differs = [&](std::string_view what) {
    findings_.add(run_place(run.id), fmt::format("{} in the run index is not that of its events", what));
  };
  if (run.started) {
    if (run.started->workflow != summary.workflow) return differs("the workflow");
    if (run.started->definition != summary.definition) return differs("the definition");
    if (run.started->key != summary.key) return differs("the start key");
    if (run.started->priority != summary.priority) return differs("the priority");
    if (singleton_key_of(run.started->limit_keys) != summary.singleton_key) return differs("the singleton's key");
    if ((run.started->parent ? run.started->parent->run : RunId{}) != summary.parent) return differs("the parent");
    if (run.started->retry_of != summary.retry_of) return differs("the run that it repeats");
    const bool awaited = run.started->parent && run.started->parent->awaited;
    const auto cause = run.problem && !awaited ? fault_cause(run.started->workflow, *run.problem) : 0;
    if (ended_index_ && cause != summary.fault_cause) return differs("the cause of its fault");
  }
  const bool says_ended = summary.status == RunStatus::completed || summary.status == RunStatus::faulted ||
                          summary.status == RunStatus::cancelled;
  if (run.ended ? *run.ended != summary.status : says_ended) differs("the status");
}

void RowVerifier::check_run_rows(const RunSummary& summary) {
  if (!definitions_.contains(summary.definition) && !unreadable_) {
    findings_.add("definition " + summary.definition.hex(),
                  fmt::format("is missing, and run {} was started with it", summary.id.to_string()));
  }
  const auto check_listed = [&](const std::string& key, bool wanted, std::string_view otherwise) {
    const auto listed = get_body(db_, snapshot_, key);
    if (!listed) {
      if (!unreadable_) findings_.add(listed.error());
    } else if (listed.value().has_value() != wanted && !unreadable_) {
      findings_.add(place_of(key), wanted ? "is missing" : fmt::format("is there, and {}", otherwise));
    }
  };
  check_listed(keys::open_run(summary.id), summary.open, "the run has ended");
  check_listed(keys::active_run(summary.id), summary.active, "there is nothing to do for the run");
  check_ended_rows(summary);
  check_retries(summary);
  if (summary.key.empty()) return;
  const auto start_key = keys::start_key(summary.workflow, summary.key);
  const auto body = body_of(start_key);
  if (unreadable_) return;
  const auto started = body ? rows::parse_run_id(*body) : std::nullopt;
  if (!started) {
    findings_.add(place_of(start_key), fmt::format("is missing, and it started run {}", summary.id.to_string()));
  } else if (*started != summary.id) {
    findings_.add(place_of(start_key),
                  fmt::format("names run {}, and it started run {}", started->to_string(), summary.id.to_string()));
  }
}

}  // namespace cairn
