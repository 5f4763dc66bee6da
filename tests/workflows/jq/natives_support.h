#pragma once
// Natives called by name on JSON texts, with the answer as text, so that a test is a table.

#include "workflows/jq/native.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::jq {

inline std::string_view name_of(Exhausted limit) {
  switch (limit) {
    case Exhausted::none: return "none";
    case Exhausted::fuel: return "fuel";
    case Exhausted::bytes: return "bytes";
    case Exhausted::outputs: return "outputs";
    case Exhausted::text: return "text";
    case Exhausted::depth: return "depth";
    case Exhausted::frames: return "frames";
  }
  return "?";
}

inline const Native* find_native(std::string_view name, std::size_t arity) {
  for (const auto& row : natives()) {
    if (row.name == name && row.arity == arity) return &row;
  }
  return nullptr;
}

/// One evaluation: a budget, and calls that use it up.
class Bench {
 public:
  explicit Bench(const Limits& limits = {}) : limits_(limits), budget_(limits_), s_{budget_, 1'700'000'000.25} {}

  /// The value of a JSON text, in which nan and infinities are numbers.
  Value json(std::string_view text) {
    auto value = find_native("fromjson", 0)->call(s_, Value::string(std::string(text)), {});
    if (!value) {
      ADD_FAILURE() << text << " is not JSON";
      return {};
    }
    return value.value();
  }

  /// JSON of the answer, `error: …` (the message as it is), or `out of …`.
  template <class T>
  std::string shown(const Answer<T>& answer) {
    if (answer.has_error()) {
      const Failure& failure = answer.error();
      if (failure.exhausted != Exhausted::none) return "out of " + std::string(name_of(failure.exhausted));
      return "error: " + (failure.error.is_string() ? failure.error.as_string() : to_json(failure.error));
    }
    return to_json(answer.value());
  }

  std::string call(std::string_view name, const Value& input, const std::vector<Value>& arguments = {}) {
    const Native* row = find_native(name, arguments.size());
    if (row == nullptr) return "no such native";
    return shown(row->call(s_, input, arguments));
  }

  Surroundings& surroundings() { return s_; }
  Budget& budget() { return budget_; }

 private:
  const Limits limits_;
  Budget budget_;
  Surroundings s_;
};

/// One row of a table of calls.
struct Call {
  std::string_view name;
  std::string_view input;
  std::vector<std::string_view> arguments;
  std::string_view answer;
};

inline void expect_all(const std::vector<Call>& calls) {
  for (const auto& [name, input, arguments, answer] : calls) {
    Bench bench;
    std::vector<Value> values;
    for (const auto text : arguments) values.push_back(bench.json(text));
    std::string shown = std::string(input) + " | " + std::string(name);
    for (const auto text : arguments) shown += " (" + std::string(text) + ")";
    EXPECT_EQ(bench.call(name, bench.json(input), values), answer) << shown;
  }
}

}  // namespace cairn::jq
