#include "workflows/schedule/cron_parser.h"

#include "workflows/core/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace cairn {
namespace {

constexpr std::array<std::string_view, 12> k_months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                    "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> k_weekdays{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

constexpr CronField k_second{"second", 0, 59, {}};
constexpr CronField k_minute{"minute", 0, 59, {}};
constexpr CronField k_hour{"hour", 0, 23, {}};
constexpr CronField k_day{"day of the month", 1, 31, {}};
constexpr CronField k_month{"month", 1, 12, k_months, 1};
constexpr CronField k_weekday{"day of the week", 0, 7, k_weekdays, 0};

/// Seconds of local time of 2000-03-01T00:00:00, the day after a leap day of a leap century: what never comes after it never
/// comes.
constexpr LocalSeconds k_probe = 951'868'800;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_names{{
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
    {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
}};

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

bool CronParser::fail(const Word& at, std::string message, std::string hint) {
  problem_ = {at.begin, at.end, std::move(message), std::move(hint)};
  return false;
}

std::vector<CronParser::Word> CronParser::words() const {
  std::vector<Word> found;
  for (std::size_t at = 0; at < text_.size();) {
    if (is_blank(text_[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text_.size() && !is_blank(text_[at])) ++at;
    found.push_back({begin, at});
  }
  return found;
}

std::optional<Cron> CronParser::parse_name() {
  const auto all = words();
  for (const auto& [name, meaning] : k_names) {
    if (all.size() == 1 && of(all.front()) == name) return Cron::parse(meaning, problem_);
  }
  const Word whole{all.front().begin, all.back().end};
  if (of(all.front()) == "@every" || of(all.front()) == "@reboot") {
    fail(whole, fmt::format("'{}' is no time of the clock", shown(of(whole))),
         of(all.front()) == "@every" ? "write `every: PT1H` instead of `cron`" : "write `after`, which starts at once");
    return std::nullopt;
  }
  std::vector<std::string_view> names;
  for (const auto& [name, meaning] : k_names) names.push_back(name);
  fail(whole, fmt::format("'{}' is no cron expression", shown(of(whole))),
       did_you_mean_or_list(of(all.front()), names));
  return std::nullopt;
}

std::optional<Cron> CronParser::parse() {
  const auto all = words();
  constexpr std::string_view k_form =
      "write five fields (minute hour day month weekday), or six with a second in front";
  const Word whole{0, text_.size()};
  if (all.empty()) {
    fail(whole, "a cron expression is not empty", std::string(k_form));
    return std::nullopt;
  }
  if (text_[all.front().begin] == '@') return parse_name();
  if (all.size() != 5 && all.size() != 6) {
    const Word at = all.size() > 6 ? Word{all[6].begin, all.back().end} : whole;
    fail(at, fmt::format("a cron expression has five or six fields, not {}", all.size()), std::string(k_form));
    return std::nullopt;
  }
  Cron cron;
  std::size_t at = 0;
  if (all.size() == 6) {
    if (!field(all[at++], k_second, cron.seconds_)) return std::nullopt;
  } else {
    cron.seconds_.set(0);
  }
  std::bitset<8> weekdays;
  const Word day = all[at + 2];
  const Word weekday = all[at + 4];
  if (!field(all[at], k_minute, cron.minutes_) || !field(all[at + 1], k_hour, cron.hours_) ||
      !field(day, k_day, cron.days_) || !field(all[at + 3], k_month, cron.months_) ||
      !field(weekday, k_weekday, weekdays)) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < 8; ++i) {
    if (weekdays[i]) cron.weekdays_.set(i % 7);
  }
  const auto is_open = [this](const Word& word) { return text_[word.begin] == '*' || of(word) == "?"; };
  cron.any_day_ = is_open(day) || is_open(weekday);
  if (!cron.next(k_probe)) {
    fail({day.begin, weekday.end}, "no day of any year meets this", "the month has fewer days");
    return std::nullopt;
  }
  return cron;
}

template <std::size_t N>
bool CronParser::field(const Word& word, const CronField& is, std::bitset<N>& into) {
  for (std::size_t begin = word.begin; begin <= word.end;) {
    std::size_t end = begin;
    while (end < word.end && text_[end] != ',') ++end;
    const Word part{begin, end};
    if (begin == end)
      return fail({begin, begin + 1}, fmt::format("the list of the field '{}' has an empty item", is.name));
    const auto found = item(part, is);
    if (!found) return false;
    for (int i = found->first; i <= found->last; i += found->step) into.set(static_cast<std::size_t>(i));
    begin = end + 1;
  }
  return true;
}

std::optional<CronParser::Item> CronParser::item(const Word& word, const CronField& is) {
  Item item{is.least, is.most};
  if (is.most == 7) item.last = 6;  // Sunday is there once
  const auto text = of(word);
  const std::size_t slash = text.find('/');
  const Word range{word.begin, slash == std::string_view::npos ? word.end : word.begin + slash};
  const auto named = of(range);
  const bool is_day = is.most == 31 || is.most == 7;
  if (named == "?" && !is_day) {
    fail(range, fmt::format("'?' cannot stand for a {}", is.name), "write *");
    return std::nullopt;
  }
  if (named != "*" && named != "?") {
    const std::size_t dash = named.find('-');
    const Word low{range.begin, dash == std::string_view::npos ? range.end : range.begin + dash};
    const auto first = value(low, is);
    if (!first) return std::nullopt;
    item.first = *first;
    if (dash != std::string_view::npos) {
      const auto last = value({range.begin + dash + 1, range.end}, is);
      if (!last) return std::nullopt;
      // From Friday to Sunday is what people write and mean.
      item.last = is.most == 7 && *last == 0 && *first > 0 ? 7 : *last;
      if (item.last < item.first) {
        fail(range, fmt::format("the range {} goes backwards", named),
             fmt::format("write {}-{},{}-{}", *first, is.most == 7 ? 6 : is.most, is.least, *last));
        return std::nullopt;
      }
    } else if (slash == std::string_view::npos) {
      item.last = item.first;
    } else if (item.first > item.last) {
      item.last = item.first;  // Sunday as 7
    }
  }
  if (slash != std::string_view::npos) {
    const Word after{word.begin + slash + 1, word.end};
    const auto step = number(after, "step");
    if (!step) return std::nullopt;
    const int most = is.most - is.least + (is.most == 7 ? 0 : 1);
    if (*step < 1 || *step > most) {
      fail(after, fmt::format("a step of the field '{}' is from 1 to {}, not {}", is.name, most, *step));
      return std::nullopt;
    }
    item.step = *step;
  }
  return item;
}

std::optional<int> CronParser::value(const Word& word, const CronField& is) {
  const auto text = of(word);
  const auto name = upper(text);
  if (const auto found = std::ranges::find(is.names, name); found != is.names.end()) {
    return is.first_name + static_cast<int>(found - is.names.begin());
  }
  const bool is_number = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) {
    std::string letters = name;
    std::erase_if(letters, [](char c) { return c >= '0' && c <= '9'; });
    const bool elsewhere = letters == "L" || letters == "W" || letters == "LW" || letters == "#" || letters == "H";
    std::string hint =
        elsewhere ? "L, W, # and H of other schedulers are not known here" : did_you_mean_or_list(name, is.names);
    fail({word.begin, std::max(word.end, word.begin + 1)}, fmt::format("'{}' is no {}", shown(text), is.name),
         std::move(hint));
    return std::nullopt;
  }
  const auto found = number(word, is.name);
  if (!found) return std::nullopt;
  if (*found < is.least || *found > is.most) {
    fail(word, fmt::format("{} {} is from {} to {}, not {}", is.name == k_hour.name ? "an" : "a", is.name, is.least,
                           is.most, *found));
    return std::nullopt;
  }
  return found;
}

std::optional<int> CronParser::number(const Word& word, std::string_view what) {
  const auto text = of(word);
  int found = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty() && text.front() != '-') return found;
  fail({word.begin, std::max(word.end, word.begin + 1)}, fmt::format("'{}' is no {}", shown(text), what));
  return std::nullopt;
}

}  // namespace cairn
