#include "workflows/schedule/schedule.h"

namespace cairn {

std::string to_string(const Schedule& schedule) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (schedule.every_ms) add("every " + to_iso8601_duration(*schedule.every_ms));
  if (!schedule.cron.empty()) {
    add("cron " + schedule.cron);
    if (schedule.timezone != k_schedule_timezone) text += " " + schedule.timezone;
  }
  if (schedule.after_ms) add("after " + to_iso8601_duration(*schedule.after_ms));
  return text;
}

std::string_view name_of(Catchup catchup) {
  switch (catchup) {
    case Catchup::none: return "none";
    case Catchup::last: return "last";
    case Catchup::all: return "all";
  }
  return "last";
}

std::optional<Catchup> catchup_of(std::string_view name) {
  for (const auto catchup : {Catchup::none, Catchup::last, Catchup::all}) {
    if (name == name_of(catchup)) return catchup;
  }
  return std::nullopt;
}

}  // namespace cairn
