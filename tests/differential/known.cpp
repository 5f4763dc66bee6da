#include "tests/differential/known.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace cairn::differential {

/// Each expression that is given must match all of its text.
struct KnownDifferences::Entry {
  std::string name;
  std::unique_ptr<re2::RE2> program;
  std::unique_ptr<re2::RE2> input;
  std::unique_ptr<re2::RE2> ours;
  std::unique_ptr<re2::RE2> theirs;
  std::unique_ptr<re2::RE2> our_message;
  std::unique_ptr<re2::RE2> their_message;
  bool is_cited = false;
};

namespace {

[[noreturn]] void complain(const std::string& file, std::size_t line, const std::string& what) {
  fmt::print(stderr, "{}:{}: {}\n", file, line, what);
  std::exit(2);
}

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" `");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" `") - begin + 1);
}

bool matches(const std::unique_ptr<re2::RE2>& expression, const std::string& text) {
  return expression == nullptr || re2::RE2::FullMatch(text, *expression);
}

}  // namespace

KnownDifferences::KnownDifferences(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("### ")) {
      entries_.push_back(std::make_unique<Entry>());
      entries_.back()->name = line.substr(4);
      continue;
    }
    if (!line.starts_with("- ") || entries_.empty()) continue;
    const auto colon = line.find(": ");
    if (colon == std::string::npos) complain(file, number, "a line of an entry is `- WHAT: …`");
    const std::string what = line.substr(2, colon - 2);
    Entry& entry = *entries_.back();
    if (what == "manual" || what == "tests") {
      entry.is_cited = true;
      continue;
    }
    const std::pair<std::string_view, std::unique_ptr<re2::RE2>*> slots[] = {
        {"program", &entry.program}, {"input", &entry.input},         {"ours", &entry.ours},
        {"theirs", &entry.theirs},   {"message", &entry.our_message}, {"their message", &entry.their_message}};
    const auto* slot = std::ranges::find(slots, what, &std::pair<std::string_view, std::unique_ptr<re2::RE2>*>::first);
    if (slot == std::end(slots)) complain(file, number, "there is no '" + what + "'");
    re2::RE2::Options options;
    options.set_dot_nl(true);
    auto& expression = *slot->second;
    expression = std::make_unique<re2::RE2>(trimmed(line.substr(colon + 2)), options);
    if (!expression->ok()) complain(file, number, expression->error());
  }
  for (const auto& entry : entries_) {
    if (!entry->is_cited) complain(file, 0, entry->name + ": nothing of jq 1.8's is cited");
    if (!entry->program && !entry->ours && !entry->theirs && !entry->our_message)
      complain(file, 0, entry->name + ": says not what it looks like");
  }
}

KnownDifferences::~KnownDifferences() = default;

std::string KnownDifferences::name_of(const Difference& difference) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) {
    const bool is_of_messages = entry->our_message != nullptr || entry->their_message != nullptr;
    return (!is_of_messages || failed_alike(difference.ours, difference.theirs)) &&
           matches(entry->our_message, difference.ours.error) &&
           matches(entry->their_message, difference.theirs.error) && matches(entry->program, difference.program) &&
           matches(entry->input, difference.input) && matches(entry->ours, difference.ours.text()) &&
           matches(entry->theirs, difference.theirs.text());
  });
  return found == entries_.end() ? "" : (*found)->name;
}

}  // namespace cairn::differential
