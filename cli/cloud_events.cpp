#include "cli/cloud_events.h"

#include "cli/cli.h"
#include "cli/query.h"
#include "cli/terminal.h"
#include "cli/text_file.h"
#include "engine/machine/ids.h"
#include "engine/runtime/environment.h"
#include "workflows/cloudevents/formats.h"

#include <fmt/format.h>

namespace cairn {

Value completed_cloud_event(const Value& event) {
  if (!event.is_object()) return event;  // that is said when it is checked
  Value complete = event;
  const auto fill = [&](std::string_view name, const auto& made) {
    if (complete.get(name).is_null()) complete = complete.with(name, Value::string(made()));
  };
  fill("specversion", [] { return std::string("1.0"); });
  fill("source", [] { return std::string("urn:cairn:cli"); });
  fill("id", [] { return RunId::make(system_clock().now().ms, PartitionId{}, system_random().next()).to_string(); });
  return complete;
}

Result<std::vector<Value>> read_cloud_events(const std::string& text, const std::string& option) {
  std::string json = text;
  std::string where = option;
  if (text == "-" || text.starts_with('@')) {
    const std::string path = text == "-" ? text : text.substr(1);
    CAIRN_TRY(json, read_text_file(path, k_cloud_event_batch_bytes));
    where = text == "-" ? "standard input" : path;
  }
  CAIRN_TRY(auto events, parse_cloud_events(json, where));
  const bool is_batch = events.size() != 1;
  for (std::size_t i = 0; i < events.size(); ++i) {
    CAIRN_TRY(events[i], checked_cloud_event(completed_cloud_event(events[i]),
                                             is_batch ? fmt::format("{}: event {}", where, i + 1) : where));
  }
  return events;
}

void print_repeated(const Value& places) {
  if (!places.is_array()) return;
  for (const auto& place : places.as_array()) {
    if (!place.get("existing").truthy()) continue;
    print_note(fmt::format("the event with source {} and id {} was published before, at {}: not again",
                           text_in(place, "source"), text_in(place, "id"), count_in(place, "position")));
  }
}

}  // namespace cairn
