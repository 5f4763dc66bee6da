// Rows that are derived from records or stand beside them: definitions, indexes, snapshots, meta rows.

#include "engine/log/keys.h"
#include "engine/log/rocks_options.h"
#include "engine/log/store.h"
#include "engine/log/verifier.h"
#include "workflows/value/codec.h"

#include <fmt/format.h>

#include <string_view>

namespace cairn {
namespace {

std::string prefix_of(keys::Kind kind) { return std::string(1, static_cast<char>(kind)); }

}  // namespace

void RowVerifier::verify_definitions() {
  each(prefix_of(keys::k_definition), [&](std::string_view key, std::string_view row) {
    ++report_.definitions;
    const auto hash = rows::parse_hash(key.substr(1));
    if (hash) definitions_.insert(*hash);
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto definition = hash ? rows::parse_definition(*hash, *body) : std::nullopt;
    if (!definition || sha256(definition->text) != *hash) {
      return findings_.add(place_of(key), "its text is not the one with this hash");
    }
    const auto name = keys::definition_name(definition->workflow);
    const auto named = get_row(db_, snapshot_, name);
    if (named && !named.value() && !unreadable_) findings_.add(place_of(name), "is missing in the index of names");
  });
  each(prefix_of(keys::k_definition_name), [&](std::string_view key, std::string_view row) {
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto hash = rows::parse_hash(*body);
    if (!hash || !keys::parse_definition_name(key)) return findings_.add(place_of(key), "cannot be read");
    if (!definitions_.contains(*hash) && !unreadable_) {
      findings_.add("definition " + hash->hex(), fmt::format("is missing, and {} names it", place_of(key)));
    }
  });
}

void RowVerifier::verify_run_index() {
  const std::unique_ptr<rocksdb::Iterator> records(db_.NewIterator(read_options(snapshot_)));
  each(prefix_of(keys::k_run), [&](std::string_view key, std::string_view) {
    const auto id = keys::parse_run(key);
    if (!id) return findings_.add(place_of(key), "cannot be read");
    const auto prefix = keys::records_of(*id);
    records->Seek(prefix);
    const bool found = records->Valid() && view(records->key()).starts_with(prefix);
    if (!records->status().ok()) return cannot_read(records->status(), run_place(*id));
    if (!found && !unreadable_) suspect(*id, EventSeq{1}, true, "its records are missing");
  });
}

void RowVerifier::verify_open_runs() {
  const auto verify_row = [&](std::string_view key, std::string_view row, const std::optional<RunId>& id) {
    if (!id) return findings_.add(place_of(key), "cannot be read");
    if (!rows::unseal(key, row)) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto line = get_row(db_, snapshot_, keys::run(*id));
    if (line && !line.value() && !unreadable_ && !already_told(*id))
      findings_.add(place_of(key), "there is no such run");
  };
  for (const auto kind : {keys::k_open_run, keys::k_active_run}) {
    each(prefix_of(kind),
         [&](std::string_view key, std::string_view row) { verify_row(key, row, keys::parse_run(key)); });
  }
  each(prefix_of(keys::k_timer), [&](std::string_view key, std::string_view row) {
    const auto timer = keys::parse_timer(key);
    verify_row(key, row, timer ? std::optional(timer->run) : std::nullopt);
  });
}

void RowVerifier::verify_start_keys() {
  each(prefix_of(keys::k_start_key), [&](std::string_view key, std::string_view row) {
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto id = rows::parse_run_id(*body);
    if (!id) return findings_.add(place_of(key), "cannot be read");
    const auto summary = get_summary(db_, snapshot_, *id);
    // Of a run that is damaged itself enough has been said.
    if (!summary || unreadable_ || already_told(*id)) return;
    if (!summary.value() || keys::start_key(summary.value()->workflow, summary.value()->key) != key) {
      findings_.add(place_of(key), fmt::format("names run {}, which it did not start", id->to_string()));
    }
  });
}

void RowVerifier::verify_snapshots() {
  const std::unique_ptr<rocksdb::Iterator> records(db_.NewIterator(read_options(snapshot_)));
  each(prefix_of(keys::k_snapshot), [&](std::string_view key, std::string_view row) {
    const auto id = keys::parse_run(key);
    const auto at = keys::parse_snapshot_event(key);
    if (!id || !at) return findings_.add(place_of(key), "cannot be read");
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const auto parsed = rows::parse_snapshot(*body);
    if (!parsed || !decode_value(parsed->state)) return findings_.add(place_of(key), "cannot be read");
    records->SeekForPrev(keys::record(*id, *at));
    const bool stands =
        records->Valid() && rows::hash_of(view(records->key()), view(records->value())) == parsed->record;
    if (!stands && !unreadable_ && !already_told(*id)) {
      findings_.add(place_of(key), "it does not stand on the record it was made after");
    }
  });
}

void RowVerifier::verify_meta() {
  each(prefix_of(keys::k_meta), [&](std::string_view key, std::string_view row) {
    if (!rows::unseal(key, row)) findings_.add(place_of(key), std::string(k_bad_seal));
  });
  each(prefix_of(keys::k_partition_head), [&](std::string_view key, std::string_view row) {
    const auto body = rows::unseal(key, row);
    if (!body) return findings_.add(place_of(key), std::string(k_bad_seal));
    const bool known = key.size() == 3 &&
                       ((static_cast<unsigned char>(key[1]) << 8) | static_cast<unsigned char>(key[2])) < partitions_;
    if (!known || !rows::parse_head(*body)) findings_.add(place_of(key), "a partition's head where none belongs");
  });
}

/// Rows of a kind that no version up to this one writes.
void RowVerifier::verify_kinds() {
  constexpr std::string_view k_kinds = "abcdefghijklmnopqrstuvwxy";
  const std::unique_ptr<rocksdb::Iterator> at(db_.NewIterator(scan_options(snapshot_)));
  at->SeekToFirst();
  while (at->Valid()) {
    const auto key = view(at->key());
    if (!key.empty() && k_kinds.find(key[0]) != std::string_view::npos) {
      at->Seek(keys::after(key.substr(0, 1)));
    } else {
      findings_.add(place_of(key), "a row of unknown kind");
      at->Next();
    }
  }
  if (!at->status().ok()) cannot_read(at->status(), "store");
}

}  // namespace cairn
