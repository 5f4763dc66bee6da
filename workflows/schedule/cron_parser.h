#pragma once
// CronParser: the text of a cron expression, field by field. Private to workflows/schedule.

#include "workflows/schedule/cron.h"

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace cairn {

/// One field of an expression: what it may hold.
struct CronField {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names;  ///< of `first_name` and those after it
  int first_name = 0;
};

/// One text. parse() once.
class CronParser {
 public:
  CronParser(std::string_view text, CronProblem& problem) : text_(text), problem_(problem) {}
  std::optional<Cron> parse();

 private:
  struct Word {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  std::optional<Cron> parse_name();
  [[nodiscard]] std::vector<Word> words() const;
  template <std::size_t N>
  bool field(const Word& word, const CronField& is, std::bitset<N>& into);
  /// One item of a field's list, as [first, last] by step.
  struct Item {
    int first = 0;
    int last = 0;
    int step = 1;
  };
  std::optional<Item> item(const Word& word, const CronField& is);
  std::optional<int> value(const Word& word, const CronField& is);
  std::optional<int> number(const Word& word, std::string_view what);
  /// False.
  bool fail(const Word& at, std::string message, std::string hint = {});
  [[nodiscard]] std::string_view of(const Word& word) const { return text_.substr(word.begin, word.end - word.begin); }

  std::string_view text_;
  CronProblem& problem_;
};

}  // namespace cairn
