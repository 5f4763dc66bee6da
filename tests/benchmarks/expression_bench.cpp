// Expressions: what representative ones take, beside libjq 1.6 with the conversions that embedding it costs; and how
// long compiling takes.

#include "tests/benchmarks/bench.h"
#include "tests/benchmarks/libjq.h"
#include "workflows/jq/program.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

namespace cairn::bench {
namespace {

constexpr const char* k_order = R"({
  "order": {"id": "A-1093", "created": "2015-03-05T23:51:47Z"},
  "customer": {"name": "Ada Lovelace", "email": "ada@example.com", "address": {"city": "London", "zip": "W1"}},
  "status": "open", "total": 412.5, "tags": ["vip", "export", "gift"],
  "lines": [
    {"sku": "B-7", "qty": 2, "price": 19.5}, {"sku": "A-1", "qty": 1, "price": 100}, {"sku": "C-4", "qty": 5, "price": 2.25},
    {"sku": "A-2", "qty": 3, "price": 7}, {"sku": "B-7", "qty": 1, "price": 19.5}, {"sku": "D-9", "qty": 8, "price": 0.75},
    {"sku": "A-1", "qty": 2, "price": 100}, {"sku": "E-3", "qty": 1, "price": 12.4}, {"sku": "C-5", "qty": 4, "price": 3.3},
    {"sku": "F-1", "qty": 1, "price": 55}]
})";

struct Example {
  const char* name;
  const char* text;
};

constexpr Example k_examples[] = {
    {"path", ".customer.address.city"},
    {"element", ".lines[3].sku"},
    {"condition", ".total > 100 and .status == \"open\""},
    {"default", ".customer.phone // \"none\""},
    {"choice", "if .total > 1000 then \"large\" elif .total > 100 then \"medium\" else \"small\" end"},
    {"construct", "{id: .order.id, city: .customer.address.city, open: (.status == \"open\")}"},
    {"interpolate", "\"Order \\(.order.id) for \\(.customer.name): \\(.total)\""},
    {"total", "{id: .order.id, total: (.lines | map(.qty * .price) | add)}"},
    {"select", "[.lines[] | select(.qty > 2) | .sku]"},
    {"any", ".lines | any(.price > 50)"},
    {"group", ".lines | group_by(.sku) | map({sku: .[0].sku, qty: (map(.qty) | add)})"},
    {"sort", ".lines | sort_by(-.price) | map(.sku)"},
    {"unique", "[.lines[].sku] | unique | length"},
    {"entries", ".customer.address | with_entries(.value |= ascii_downcase)"},
    {"update", ".lines[].price |= . * 1.2"},
    {"reduce", "reduce .lines[] as $line ({}; .[$line.sku] += $line.qty)"},
    {"match", ".customer.email | test(\"^[a-z.]+@example\\\\.com$\")"},
    {"split", ".customer.name | ascii_downcase | split(\" \") | join(\"-\")"},
    {"text", "tojson"},
    {"base64", ".customer.email | @base64"},
    {"date", ".order.created | fromdateiso8601 | . + 86400 | todateiso8601"},
    {"paths", "[paths(type == \"string\")] | length"},
    {"recurse", "[.. | numbers] | add"},
    {"merge", ". * {customer: {address: {country: \"UK\"}}} | del(.tags)"},
};

/// Nanoseconds of one call, the best of several rounds of about 10 ms.
template <class F>
double best_ns(const F& call) {
  using Clock = std::chrono::steady_clock;
  constexpr int k_rounds = 7;
  double best = std::numeric_limits<double>::max();
  std::size_t calls = 1;
  for (int round = 0; round < k_rounds;) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < calls; ++i) call();
    const double ns = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
    if (ns < 1e7 && round == 0 && calls < 1'000'000) {
      calls *= 2;
      continue;
    }
    best = std::min(best, ns / static_cast<double>(calls));
    ++round;
  }
  return best;
}

Value last_output(const jq::Program& program, const Value& input) {
  const jq::Limits limits;
  jq::Budget budget(limits);
  jq::Surroundings surroundings{budget};
  Value last;
  const auto done = program.evaluate(input, {}, surroundings, [&](Value value) {
    last = std::move(value);
    return true;
  });
  CAIRN_ASSERT(done.has_value(), "the program of a benchmark fails");
  return last;
}

void compare(benchmark::State& state, const char* text, const Value& input) {
  const jq::Program ours = jq::compile(text).value();
  LibJq theirs(text);
  if (last_output(ours, input) != theirs.run(input)) {
    state.SkipWithError("the engines differ");
    return;
  }
  for (auto _ : state) {
    const double ours_ns = best_ns([&] { benchmark::DoNotOptimize(last_output(ours, input)); });
    const double theirs_ns = best_ns([&] { benchmark::DoNotOptimize(theirs.run(input)); });
    state.counters["ours_ns"] = ours_ns;
    state.counters["libjq_ns"] = theirs_ns;
    state.counters["libjq_times"] = theirs_ns / ours_ns;
  }
}

/// The sorting that the builtins do, on 100,000 objects with shuffled keys.
Value many_items() {
  constexpr std::uint32_t k_count = 100'000;
  Array items;
  std::uint32_t number = 12345;
  for (std::uint32_t i = 0; i < k_count; ++i) {
    number = number * 1664525 + 1013904223;
    items.push_back(Value::object(
        {{"key", Value::integer(number >> 8)}, {"group", Value::string(fmt::format("g{}", number >> 25))}}));
  }
  return Value::array(std::move(items));
}

void compile_many(benchmark::State& state) {
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) {
    const auto& example = k_examples[static_cast<std::size_t>(i) % std::size(k_examples)];
    texts.push_back(fmt::format("{} | [{}, .]", example.text, i));
  }
  for (auto _ : state) {
    state.counters["hundred_us"] = best_ns([&] {
                                     for (const auto& text : texts) benchmark::DoNotOptimize(jq::compile(text));
                                   }) /
                                   1e3;
  }
}

}  // namespace

/// Registers `expression/NAME`.
void register_expression_benchmarks() {
  static const Value order = parse_json(k_order).value();
  static const Value nested = parse_json(R"({"a": {"b": {"c": 1}}})").value();
  static const Value many = many_items();
  const auto add = [](const std::string& name, const char* text, const Value& input) {
    benchmark::RegisterBenchmark(("expression/" + name).c_str(), [text, &input](benchmark::State& state) {
      compare(state, text, input);
    })->Iterations(1);
  };
  add("abc", ".a.b.c", nested);
  for (const auto& example : k_examples) add(example.name, example.text, order);
  add("sort_100000", "sort_by(.key) | length", many);
  add("group_100000", "group_by(.group) | length", many);
  benchmark::RegisterBenchmark("expression/compile", compile_many)->Iterations(1);
}

}  // namespace cairn::bench
