#include "workflows/jq/natives/regex.h"

#include "workflows/core/assert.h"
#include "workflows/core/limits.h"
#include "workflows/jq/natives/regex_price.h"
#include "workflows/jq/natives/support.h"

#include <fmt/format.h>
#include <oniguruma.h>

#include <algorithm>
#include <list>

namespace cairn::jq::native {
namespace {

constexpr std::size_t k_cached = 64;                   // regular expressions a thread keeps
constexpr std::uint64_t k_cached_bytes = 64ULL << 20;  // what they took to compile; they hold a small part of it
constexpr unsigned k_nesting = 250;                    // groups within groups: Oniguruma's parser is recursive
constexpr unsigned long k_subexpression_calls = 100'000;

const OnigUChar* octets(std::string_view text) { return reinterpret_cast<const OnigUChar*>(text.data()); }

/// Once per process, before the first regular expression.
void initialize() {
  static const bool done = [] {
    OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
    CAIRN_ASSERT(onig_initialize(encodings, 1) == ONIG_NORMAL, "Oniguruma does not start");
    onig_set_parse_depth_limit(k_nesting);
    onig_set_subexp_call_limit_in_search(k_subexpression_calls);
    return true;
  }();
  static_cast<void>(done);
}

std::string message_of(int code, OnigErrorInfo* info) {
  OnigUChar buffer[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int size = onig_error_code_to_str(buffer, code, info);
  return std::string(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(size));
}

struct FreeRegion {
  void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};
struct FreeParameters {
  void operator()(OnigMatchParam* parameters) const { onig_free_match_param(parameters); }
};

/// What a thread uses again for every search.
struct Scratch {
  std::unique_ptr<OnigRegion, FreeRegion> region{onig_region_new()};
  std::unique_ptr<OnigMatchParam, FreeParameters> parameters{onig_new_match_param()};
};

Scratch& scratch() {
  static thread_local Scratch own;
  return own;
}

struct Cached {
  std::string pattern;
  unsigned options;
  std::shared_ptr<Regex> regex;
  std::uint64_t bytes;    // its price
  std::uint64_t paid_by;  // the last evaluation that paid for compiling it
};

/// The regular expressions that a thread used last. An evaluation finds what it has used if what it has used since is
/// not too much: what was there before it, it pushes out first.
class Cache {
 public:
  Cached* find(std::string_view pattern, unsigned options) {
    const auto known =
        std::ranges::find_if(recent_, [&](const Cached& c) { return c.options == options && c.pattern == pattern; });
    if (known == recent_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, known);
    return &recent_.front();
  }

  void add(Cached regex) {
    bytes_ += regex.bytes;
    recent_.push_front(std::move(regex));
    while (recent_.size() > 1 && (recent_.size() > k_cached || bytes_ > k_cached_bytes)) {
      bytes_ -= recent_.back().bytes;
      recent_.pop_back();
    }
  }

  std::uint64_t new_evaluation() { return ++evaluations_; }

 private:
  std::list<Cached> recent_;  // the most recently used first
  std::uint64_t bytes_ = 0;
  std::uint64_t evaluations_ = 0;
};

Cache& cache() {
  static thread_local Cache own;
  return own;
}

/// Why a pattern is not even tried; empty when it is.
std::string refusal(std::string_view pattern, const RegexPrice& price) {
  if (pattern.size() > limits::k_regex_bytes) {
    return fmt::format("the regular expression has {} bytes; the most are {}", pattern.size(), limits::k_regex_bytes);
  }
  if (price.steps > limits::k_regex_compile_steps) {
    return "the regular expression has too many classes, properties or calls of groups";
  }
  return {};
}

int note_name(const OnigUChar* begin, const OnigUChar* end, int count, int* groups, OnigRegex, void* names) {
  auto& by_group = *static_cast<std::vector<std::string>*>(names);
  for (int i = 0; i < count; ++i) {
    by_group[static_cast<std::size_t>(groups[i] - 1)].assign(reinterpret_cast<const char*>(begin),
                                                             static_cast<std::size_t>(end - begin));
  }
  return 0;
}

bool is_retry_limit(int code) {
  return code == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER || code == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER;
}

/// Oniguruma's Perl syntax, with the callouts that checkpoints are.
OnigSyntaxType* syntax_with_checkpoints() {
  static OnigSyntaxType syntax = [] {
    OnigSyntaxType changed = *ONIG_SYNTAX_PERL_NG;
    changed.op2 |= ONIG_SYN_OP2_QMARK_BRACE_CALLOUT_CONTENTS;
    return changed;
  }();
  return &syntax;
}

struct Toll {
  Budget& budget;
  std::uint64_t cost;
};

/// What a checkpoint does.
int pay_toll(OnigCalloutArgs*, void* toll) {
  const auto& [budget, cost] = *static_cast<Toll*>(toll);
  return budget.spend(cost) ? ONIG_CALLOUT_SUCCESS : ONIG_ABORT;
}

constexpr std::uint64_t k_unpayable = std::uint64_t{1} << 40;

/// `base` to the power of `exponent`, or k_unpayable when that is less.
std::uint64_t power(std::uint64_t base, unsigned exponent) {
  std::uint64_t result = 1;
  for (; exponent > 0 && result < k_unpayable; --exponent) result *= std::min(base, k_unpayable / result + 1);
  return std::min(result, k_unpayable);
}

}  // namespace

std::optional<RegexFlags> parse_flags(std::string_view letters) {
  RegexFlags flags;
  for (const char letter : letters) {
    switch (letter) {
      case 'g': flags.global = true; break;
      case 'i': flags.options |= ONIG_OPTION_IGNORECASE; break;
      case 'x': flags.options |= ONIG_OPTION_EXTEND; break;
      case 'm': flags.options |= ONIG_OPTION_MULTILINE; break;
      case 's': flags.options |= ONIG_OPTION_SINGLELINE; break;
      case 'p': flags.options |= ONIG_OPTION_MULTILINE | ONIG_OPTION_SINGLELINE; break;
      case 'l': flags.options |= ONIG_OPTION_FIND_LONGEST; break;
      case 'n': flags.options |= ONIG_OPTION_FIND_NOT_EMPTY; break;
      default: return std::nullopt;
    }
  }
  return flags;
}

struct Regex::Compiled {
  OnigRegex regex = nullptr;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() { onig_free(regex); }

  /// Oniguruma's code, ONIG_NORMAL when all is well.
  int compile(std::string_view pattern, unsigned options, OnigSyntaxType* syntax, OnigErrorInfo& info) {
    const OnigUChar* begin = octets(pattern);
    return onig_new(&regex, begin, begin + pattern.size(), ONIG_OPTION_CAPTURE_GROUP | options, ONIG_ENCODING_UTF8,
                    syntax, &info);
  }
};

Regex::Regex(const std::string& pattern, unsigned options, std::unique_ptr<Compiled> compiled)
    : pattern_size_(pattern.size()),
      options_(options),
      compiled_(std::move(compiled)),
      studied_(study(pattern, (options & ONIG_OPTION_EXTEND) != 0)) {
  names_.resize(static_cast<std::size_t>(onig_number_of_captures(compiled_->regex)));
  onig_foreach_name(compiled_->regex, note_name, &names_);
}

Regex::~Regex() = default;

Answer<std::shared_ptr<Regex>> Regex::compile(const std::string& pattern, unsigned options) {
  initialize();
  auto compiled = std::make_unique<Compiled>();
  OnigErrorInfo info{};
  const int code = compiled->compile(pattern, options, ONIG_SYNTAX_PERL_NG, info);
  if (code != ONIG_NORMAL) return fail("Regex failure: " + message_of(code, &info));
  return std::shared_ptr<Regex>(new Regex(pattern, options, std::move(compiled)));
}

std::string Regex::complaint(std::string_view pattern, unsigned options) {
  initialize();
  OnigErrorInfo info{};
  const int code = Compiled().compile(pattern, options, ONIG_SYNTAX_PERL_NG, info);
  return code == ONIG_NORMAL ? std::string() : message_of(code, &info);
}

const Regex::Compiled* Regex::checked() {
  if (!checked_was_tried_ && studied_.understood) {
    auto compiled = std::make_unique<Compiled>();
    OnigErrorInfo info{};
    const int code = compiled->compile(studied_.with_checkpoints, options_, syntax_with_checkpoints(), info);
    if (code == ONIG_NORMAL) checked_ = std::move(compiled);
  }
  checked_was_tried_ = true;
  return checked_.get();
}

Answer<std::shared_ptr<Regex>> Regex::get(Surroundings& s, const std::string& pattern, unsigned options) {
  Cache& own = cache();
  if (s.evaluation == 0) s.evaluation = own.new_evaluation();
  if (!s.budget.spend(32 + pattern.size() / 4)) return out_of(s.budget);
  Cached* known = own.find(pattern, options);
  if (known != nullptr && known->paid_by == s.evaluation) return known->regex;

  const RegexPrice price = price_of(pattern, (options & ONIG_OPTION_IGNORECASE) != 0);
  if (std::string refused = refusal(pattern, price); !refused.empty()) {
    return fail("Regex failure: " + std::move(refused));
  }
  if (!s.budget.spend(price.steps) || !s.budget.allocate(price.bytes)) return out_of(s.budget);
  if (known != nullptr) {
    known->paid_by = s.evaluation;
    return known->regex;
  }
  CAIRN_TRY(auto regex, compile(pattern, options));
  own.add({pattern, options, regex, price.bytes, s.evaluation});
  return regex;
}

Search::Search(Surroundings& s, Regex& regex, std::string_view text)
    : s_(s), compiled_(regex.compiled_.get()), text_(text) {
  constexpr std::uint64_t short_run = 256;
  const StudiedPattern& pattern = regex.studied_;
  // One step of the matcher may compare as much as the pattern's longest literal, or as a group has matched.
  const std::uint64_t weight = 1 + regex.pattern_size_ / 256 + (pattern.back_references ? text.size() / 512 : 0);
  std::uint64_t run = pattern.loops || !pattern.understood ? power(1 + text.size(), 1 + pattern.lookarounds) : 1;
  if (run > short_run) {
    if (const Regex::Compiled* checked = regex.checked(); checked != nullptr) {
      compiled_ = checked;
      run = 1;
    }
  }
  constexpr std::uint64_t least = 32;
  failure_cost_ = std::min(std::max(run, least) * weight, k_unpayable);
  checkpoint_cost_ = weight;
}

Answer<std::vector<Group>> Search::next(std::size_t start) {
  constexpr std::uint64_t first_failures = 16;
  constexpr std::uint64_t growth = 4;
  constexpr std::size_t bytes_per_entry = 64;  // of the matcher's stack

  auto& [region, parameters] = scratch();
  OnigMatchParam* own = parameters.get();
  Toll toll{s_.budget, checkpoint_cost_};
  const std::size_t entries = std::clamp<std::size_t>(s_.budget.limits().bytes / bytes_per_entry, 64, 1u << 30);
  onig_set_match_stack_limit_size_of_match_param(own, static_cast<unsigned>(entries));
  onig_set_progress_callout_of_match_param(own, pay_toll);
  onig_set_callout_user_data_of_match_param(own, &toll);

  const OnigUChar* begin = octets(text_);
  const OnigUChar* end = begin + text_.size();
  for (std::uint64_t failures = first_failures;; failures *= growth) {
    if (!s_.budget.spend(1 + failures * failure_cost_ / 64)) return out_of(s_.budget);
    onig_set_retry_limit_in_match_of_match_param(own, failures);
    onig_set_retry_limit_in_search_of_match_param(own, failures);
    const int found =
        onig_search_with_param(compiled_->regex, begin, end, begin + start, end, region.get(), ONIG_OPTION_NONE, own);
    if (found >= 0) break;
    if (found == ONIG_MISMATCH) return std::vector<Group>();
    if (found == ONIG_ABORT) return out_of(s_.budget);
    if (found == ONIGERR_MATCH_STACK_LIMIT_OVER) {
      s_.budget.exhaust(Exhausted::bytes);
      return out_of(s_.budget);
    }
    if (!is_retry_limit(found)) return fail("Regex failure: " + message_of(found, nullptr));
  }
  std::vector<Group> groups;
  groups.reserve(static_cast<std::size_t>(region->num_regs));
  for (int i = 0; i < region->num_regs; ++i) groups.push_back({region->beg[i], region->end[i]});
  return groups;
}

}  // namespace cairn::jq::native

namespace cairn::jq {

std::string pattern_problem(std::string_view pattern, std::string_view flags) {
  using namespace native;
  const auto read = parse_flags(flags);
  if (!read) return {};
  // What ignores case or calls groups may take long, and many may stand in one definition.
  if (may_be_dear(pattern)) return {};
  if (std::string refused = refusal(pattern, price_of(pattern, false)); !refused.empty()) return refused;
  return Regex::complaint(pattern, read->options & ~ONIG_OPTION_IGNORECASE);
}

}  // namespace cairn::jq
