#include "engine/runtime/sink_state.h"

#include <utility>

namespace cairn {
namespace {

Error unreadable(const std::string& name) {
  return make_error(ErrorCode::corrupt, "what is recorded of it cannot be read", "sink " + name,
                    "Run cairn log verify");
}

std::optional<std::uint64_t> count_in(const Value& state, std::string_view name) {
  const Value* member = state.find(name);
  if (member == nullptr) return 0;
  const bool is_count = member->is_integer() && (member->kind() != Value::Kind::Int || member->as_int() >= 0);
  return is_count ? std::optional(member->as_uint()) : std::nullopt;
}

}  // namespace

Value to_value(const SinkState& state) {
  std::vector<Member> members{{"destination", Value::string(state.destination)}};
  for (const auto& [feed, cursor] : state.feeds) {
    members.push_back(
        {std::string(name_of(feed)), Value::object({{"position", Value::string(cursor.position)},
                                                    {"delivered", Value::unsigned_integer(cursor.delivered)},
                                                    {"skipped", Value::unsigned_integer(cursor.skipped)},
                                                    {"missed", Value::unsigned_integer(cursor.missed)},
                                                    {"lastSkipped", cursor.last_skipped}})});
  }
  if (state.gone_at) members.push_back({"goneAt", Value::integer(state.gone_at->ms)});
  return Value::object(std::move(members));
}

Result<SinkState> sink_state_of(const SinkRow& row) {
  SinkState state;
  const Value destination = row.state.get("destination");
  if (!destination.is_string()) return unreadable(row.name);
  state.destination = destination.as_string();
  for (const auto feed : {SinkFeed::lifecycle, SinkFeed::events}) {
    const Value* kept = row.state.find(name_of(feed));
    if (kept == nullptr) continue;
    const Value position = kept->get("position");
    const auto delivered = count_in(*kept, "delivered");
    const auto skipped = count_in(*kept, "skipped");
    const auto missed = count_in(*kept, "missed");
    if (!position.is_string() || !delivered || !skipped || !missed) return unreadable(row.name);
    state.feeds[feed] = {position.as_string(), *delivered, *skipped, *missed, kept->get("lastSkipped")};
  }
  if (const Value* gone = row.state.find("goneAt")) {
    if (gone->kind() != Value::Kind::Int) return unreadable(row.name);
    state.gone_at = Timestamp{gone->as_int()};
  }
  return state;
}

}  // namespace cairn
