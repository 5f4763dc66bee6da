// _match_impl(regex; flags; test): what match, test, capture, scan, split/2, sub and gsub are made of.

#include "workflows/jq/natives/regex.h"
#include "workflows/jq/natives/support.h"

namespace cairn::jq::native {
namespace {

/// Counts the characters before a byte; cheap when the bytes asked for ascend.
class CharacterCounter {
 public:
  CharacterCounter(Surroundings& s, std::string_view text) : s_(s), text_(text) {}

  Answer<std::size_t> before(int byte) {
    const auto wanted = static_cast<std::size_t>(byte);
    if (wanted < byte_) byte_ = characters_ = 0;
    if (!s_.budget.spend((wanted - byte_) / 64)) return out_of(s_.budget);
    characters_ += count_characters(text_.substr(byte_, wanted - byte_));
    byte_ = wanted;
    return characters_;
  }

 private:
  Surroundings& s_;
  std::string_view text_;
  std::size_t byte_ = 0;
  std::size_t characters_ = 0;
};

class MatchBuilder {
 public:
  MatchBuilder(Surroundings& s, const Regex& regex, std::string_view text)
      : s_(s), regex_(regex), text_(text), counter_(s, text) {}

  Answer<Value> match(const std::vector<Group>& groups) {
    const Group& whole = groups.front();
    CAIRN_TRY(const std::size_t offset, counter_.before(whole.begin));
    CAIRN_TRY(const Value string, text_of(whole));
    if (!s_.budget.elements(groups.size() - 1) || !pay_members(s_, 4 * groups.size())) return out_of(s_.budget);
    Array captures;
    captures.reserve(groups.size() - 1);
    for (std::size_t i = 1; i < groups.size(); ++i) {
      CAIRN_TRY(Value captured, capture(groups[i], regex_.names()[i - 1]));
      captures.push_back(std::move(captured));
    }
    return Value::object({{"offset", Value::unsigned_integer(offset)},
                          {"length", Value::unsigned_integer(count_characters(string.as_string()))},
                          {"string", string},
                          {"captures", Value::array(std::move(captures))}});
  }

 private:
  Answer<Value> text_of(const Group& group) {
    const auto size = static_cast<std::size_t>(group.end - group.begin);
    if (!s_.budget.text(size)) return out_of(s_.budget);
    return Value::string(std::string(text_.substr(static_cast<std::size_t>(group.begin), size)));
  }

  Answer<Value> capture(const Group& group, const std::string& group_name) {
    Value name = group_name.empty() ? Value() : Value::string(group_name);
    if (group.begin < 0) {
      return Value::object(
          {{"offset", Value::integer(-1)}, {"string", Value()}, {"length", Value::integer(0)}, {"name", name}});
    }
    CAIRN_TRY(const std::size_t offset, counter_.before(group.begin));
    CAIRN_TRY(const Value string, text_of(group));
    return Value::object({{"offset", Value::unsigned_integer(offset)},
                          {"length", Value::unsigned_integer(count_characters(string.as_string()))},
                          {"string", string},
                          {"name", name}});
  }

  Surroundings& s_;
  const Regex& regex_;
  std::string_view text_;
  CharacterCounter counter_;
};

Answer<Value> all_matches(Surroundings& s, Regex& regex, std::string_view text, bool global) {
  MatchBuilder builder(s, regex, text);
  Search search(s, regex, text);
  Collector matches(s);
  for (std::size_t start = 0; start <= text.size();) {
    CAIRN_TRY(const auto groups, search.next(start));
    if (groups.empty()) break;
    CAIRN_TRY(Value match, builder.match(groups));
    if (!matches.add(std::move(match))) return out_of(s.budget);
    if (!global) break;
    const auto end = static_cast<std::size_t>(groups.front().end);
    const bool empty = groups.front().begin == groups.front().end;
    // Behind an empty match the search goes on one character later, or it would find it again.
    start = !empty ? end : end == text.size() ? end + 1 : end + character_size(text[end]);
  }
  return matches.take();
}

Answer<Value> match_impl(Surroundings& s, const Value& input, Arguments arguments) {
  const Value& pattern = arguments[0];
  const Value& letters = arguments[1];
  if (!input.is_string()) return type_error(input, "cannot be matched, as it is not a string");
  if (!pattern.is_string()) return type_error(pattern, "is not a string");
  if (!letters.is_string() && !letters.is_null()) return type_error(letters, "is not a string");
  const auto flags = parse_flags(letters.is_string() ? std::string_view(letters.as_string()) : std::string_view());
  if (!flags) return fail(letters.as_string() + " is not a valid modifier string");

  CAIRN_TRY(const auto regex, Regex::get(s, pattern.as_string(), flags->options));
  const std::string& text = input.as_string();
  if (!pay_reading(s, text.size())) return out_of(s.budget);
  if (arguments[2].truthy()) {
    CAIRN_TRY(const auto groups, Search(s, *regex, text).next(0));
    return Value::boolean(!groups.empty());
  }
  return all_matches(s, *regex, text, flags->global);
}

constexpr Native k_rows[] = {
    {"_match_impl", 3, match_impl, true, ""},
};

}  // namespace

Rows regex_rows() { return k_rows; }

}  // namespace cairn::jq::native
