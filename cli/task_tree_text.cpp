#include "cli/task_tree_text.h"

#include "cli/query.h"
#include "engine/runtime/brief.h"
#include "engine/runtime/environment.h"
#include "workflows/core/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cairn {
namespace {

/// A line of the tree before its columns are known.
struct Row {
  std::string branches;  ///< "│  └─ "
  std::string status;
  std::string name;
  std::string kind;
  std::string duration;
  std::string words;
};

std::string words_of(const Value& task) {
  std::string words;
  if (const auto attempts = count_in(task, "attempts"); attempts > 1) words = fmt::format("{} attempts", attempts);
  if (text_in(task, "status") == "running" || text_in(task, "status") == "waiting") {
    words += (words.empty() ? "" : ", ") + text_in(task, "status");
  }
  if (const Value* error = task.find("error")) {
    words += (words.empty() ? "" : ", ") + brief_problem(Problem::from_value(*error));
  }
  return words;
}

void add_rows(const Value& tasks, const std::string& branches, std::vector<Row>& rows) {
  if (!tasks.is_array()) return;
  const Array& items = tasks.as_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Value& task = items[i];
    const bool last = i + 1 == items.size();
    Row row;
    row.branches = branches + (last ? "└─ " : "├─ ");
    row.status = text_in(task, "status");
    row.name = text_in(task, "name");
    if (task.find("iteration") != nullptr) row.name = fmt::format("[{}] {}", count_in(task, "iteration"), row.name);
    row.kind = text_in(task, "kind");
    const std::string ended = text_in(task, "endedAt");
    if (row.status != "skipped") {
      const auto took =
          ms_between(text_in(task, "startedAt"), ended.empty() ? to_iso8601(system_clock().now()) : ended);
      row.duration = ended.empty() ? brief_duration(took / 1000 * 1000) + " …" : brief_duration(took);
    }
    row.words = words_of(task);
    rows.push_back(std::move(row));
    add_rows(task.get("tasks"), branches + (last ? "   " : "│  "), rows);
  }
}

}  // namespace

Colour colour_of_status(std::string_view status) {
  if (status == "completed") return Colour::green;
  if (status == "faulted") return Colour::red;
  if (status == "cancelled" || status == "suspended") return Colour::yellow;
  if (status == "running" || status == "waiting") return Colour::cyan;
  return Colour::dim;
}

std::string_view mark_of_status(std::string_view status) {
  if (status == "completed") return "✓";
  if (status == "faulted") return "✗";
  if (status == "cancelled") return "∅";
  if (status == "skipped") return "↷";
  if (status == "waiting") return "◷";
  return "▸";
}

std::int64_t ms_between(const std::string& from, const std::string& to) {
  const auto begin = parse_timestamp(from);
  const auto end = parse_timestamp(to);
  return begin && end ? end.value().ms - begin.value().ms : 0;
}

std::string tree_text(const Output& out, const Value& tasks) {
  std::vector<Row> rows;
  add_rows(tasks, "", rows);
  // A long name here and there does not push all others' columns away.
  constexpr std::size_t k_widest_name = 48;
  std::size_t name_width = 0;
  std::size_t kind_width = 0;
  std::size_t duration_width = 0;
  for (const auto& row : rows) {
    name_width = std::max(name_width, std::min(k_widest_name, columns_of(row.branches) + 2 + columns_of(row.name)));
    kind_width = std::max(kind_width, columns_of(row.kind));
    duration_width = std::max(duration_width, columns_of(row.duration));
  }
  std::string text;
  for (const auto& row : rows) {
    const std::string head = out.paint(Colour::dim, row.branches) +
                             out.paint(colour_of_status(row.status), mark_of_status(row.status)) + " " + row.name;
    std::string line = padded(head, name_width) + "  " + out.paint(Colour::dim, padded(row.kind, kind_width)) + "  " +
                       padded(row.duration, duration_width);
    if (!row.words.empty()) line += "  " + row.words;
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

}  // namespace cairn
