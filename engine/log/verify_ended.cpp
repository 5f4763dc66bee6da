// Runs that are over: the indexes of faults and of ended runs, tombstones against the chain of their partition, folded batches.

#include "engine/log/keys.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"

#include <fmt/format.h>

namespace cairn {
namespace {

std::string prefix_of(keys::Kind kind) { return std::string(1, static_cast<char>(kind)); }

std::string digest_of(const RunSummary& run) {
  return keys::workflow_digest(run.workflow.workflow_namespace, run.workflow.name);
}

}  // namespace

std::optional<RunSummary> RowVerifier::line_of(const RunId& run) {
  auto summary = get_summary(db_, snapshot_, run);
  return summary ? std::move(summary).value() : std::nullopt;
}

/// Whether there is a tombstone. Records of a run follow each other often: the last answer is kept.
bool RowVerifier::is_removed(const RunId& run) {
  if (removed_.first == run) return removed_.second;
  const auto row = get_row(db_, snapshot_, keys::removal(run));
  removed_ = {run, row && row.value()};
  return removed_.second;
}

void RowVerifier::visit_removal_entry(const rows::BatchEntry& entry) {
  const auto key = keys::removal(entry.run);
  const auto row = get_row(db_, snapshot_, key);
  if (!row) {
    if (!unreadable_) findings_.add(row.error());
    return;
  }
  if (!row.value()) {
    if (!unreadable_) findings_.add(place_of(key), "is missing, and the partition's chain knows it");
    return;
  }
  ++removals_;
  if (rows::hash_of(key, *row.value()) != entry.record) {
    findings_.add(place_of(key), "it is not what was written: the partition's chain knows another hash of it");
  }
}

void RowVerifier::verify_removals() {
  each(prefix_of(keys::k_removal), [&](std::string_view key, std::string_view row) {
    ++report_.removed;
    const auto run = keys::parse_run(key);
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto removal = run ? rows::parse_removal(*run, *body) : std::nullopt;
    if (!removal) return findings_.add(place_of(key), "cannot be read");
    const auto line = get_row(db_, snapshot_, keys::run(*run));
    if (line && line.value()) findings_.add(place_of(key), "the run is still there");
  });
  if (report_.removed == removals_ || unreadable_) return;
  // More tombstones than the chains know: which?
  each(prefix_of(keys::k_removal), [&](std::string_view key, std::string_view row) {
    const auto run = keys::parse_run(key);
    const auto body = rows::unseal(key, row);
    const auto removal = run && body ? rows::parse_removal(*run, *body) : std::nullopt;
    if (!removal) return;
    const auto batch = find_batch(db_, snapshot_, run->partition(), removal->lsn);
    if (!batch) return;
    const bool known = batch.value() && [&](const rows::BatchEntry& entry) {
      return entry.run == *run && entry.is_removal();
    }(batch.value()->row.entries[number_of(removal->lsn) - number_of(batch.value()->first)]);
    if (!known) findings_.add(place_of(key), "the partition's chain does not know of it");
  });
}

void RowVerifier::verify_folds() {
  std::uint64_t folds = 0;
  each(prefix_of(keys::k_fold), [&](std::string_view key, std::string_view row) {
    ++folds;
    const auto place = keys::parse_fold(key);
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto fold = rows::parse_fold(*body);
    if (!place || !fold || fold->last < place->first) return findings_.add(place_of(key), "cannot be read");
    const auto batch = find_batch(db_, snapshot_, place->partition, fold->last);
    if (batch && batch.value()) findings_.add(place_of(key), "the batches that it stands for are still there");
  });
  // A chain that is broken elsewhere cannot pass over its folds: that has been told.
  if (folds != folds_ && findings_.empty() && !unreadable_) {
    findings_.add("store", fmt::format("{} rows stand for folded batches, and the partitions' chains have {} such gaps",
                                       folds, folds_));
  }
}

void RowVerifier::verify_ended_index() {
  if (!ended_index_) return;
  std::uint64_t runs = 0;
  std::string digest;
  const auto finish = [&] {
    if (digest.empty() || unreadable_) return;
    const auto key = keys::ended_count(digest);
    const auto body = body_of(key);
    const auto counted = body ? rows::parse_ended(*body) : std::nullopt;
    if (!counted || counted->runs != runs) {
      findings_.add(place_of(key), fmt::format("the index of ended runs holds {} of a workflow, and its count says {}",
                                               runs, counted ? counted->runs : 0));
    }
  };
  const bool whole = each(prefix_of(keys::k_ended_run), [&](std::string_view key, std::string_view row) {
    const auto place = keys::parse_ended(key);
    if (!place) return findings_.add(place_of(key), "cannot be read");
    if (place->workflow != digest) {
      finish();
      digest = std::string(place->workflow);
      runs = 0;
    }
    ++runs;
    if (!rows::unseal(key, row)) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto line = line_of(place->run);
    if (already_told(place->run) || unreadable_) return;
    if (!line || line->open || digest_of(*line) != digest) findings_.add(place_of(key), "there is no such ended run");
  });
  if (whole) finish();
  each(prefix_of(keys::k_ended_count), [&](std::string_view key, std::string_view row) {
    const auto body = rows::unseal(key, row);
    const auto counted = body ? rows::parse_ended(*body) : std::nullopt;
    if (!counted) return findings_.add(place_of(key), std::string(body ? "cannot be read" : k_bad_seal));
    if (keys::ended_count(keys::workflow_digest(counted->workflow_namespace, counted->name)) != key) {
      findings_.add(place_of(key), "it belongs to another workflow");
    }
  });
}

void RowVerifier::verify_faults() {
  if (!ended_index_) return;
  each(prefix_of(keys::k_fault), [&](std::string_view key, std::string_view row) {
    const auto place = keys::parse_fault(key);
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto by = rows::parse_run_id(*body);
    if (!place || !by) return findings_.add(place_of(key), "cannot be read");
    const auto line = line_of(place->run);
    if (already_told(place->run) || unreadable_) return;
    if (!line || line->fault_cause != place->cause || line->retried_by != *by) {
      findings_.add(place_of(key), "there is no such faulted run");
    }
  });
}

void RowVerifier::check_ended_rows(const RunSummary& summary) {
  if (!ended_index_) return;
  const auto at = summary.ended_at.value_or(summary.updated_at);
  const auto check = [&](const std::string& key, bool belongs) {
    const auto row = get_row(db_, snapshot_, key);
    if (!row || unreadable_) return;
    if (row.value().has_value() != belongs) {
      findings_.add(place_of(key), belongs ? "is missing" : "is there, and the run has not ended");
    }
  };
  check(keys::ended_run(digest_of(summary), at, summary.id), !summary.open);
  if (summary.fault_cause != 0) check(keys::fault(summary.fault_cause, at, summary.id), true);
}

/// Both ends of a retry name each other, as long as both are there.
void RowVerifier::check_retries(const RunSummary& summary) {
  if (unreadable_) return;
  if (!summary.retry_of.is_nil()) {
    const auto retried = line_of(summary.retry_of);
    if (retried && retried->retried_by != summary.id) {
      findings_.add(
          run_place(summary.retry_of),
          fmt::format("its line in the run index does not know that run {} repeats it", summary.id.to_string()));
    }
  }
  if (summary.retried_by.is_nil()) return;
  const auto retry = line_of(summary.retried_by);
  if (retry && retry->retry_of != summary.id) {
    findings_.add(run_place(summary.id),
                  fmt::format("its line in the run index names run {} as its retry", summary.retried_by.to_string()));
  }
}

}  // namespace cairn
