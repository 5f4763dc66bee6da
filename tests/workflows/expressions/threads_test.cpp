// One program, many threads; many evaluations, no growth.

#include "tests/workflows/expressions/support.h"

#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace cairn::test {
namespace {

std::size_t resident_kib() {
  std::ifstream status("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  status >> total >> resident;
  return resident * 4;
}

TEST(Threads, evaluate_one_program_at_once) {
  const auto program = program_of({{"[range($n)] | add", {"n"}}, {".x | tostring", {}}, {"until(false; .)", {}}});
  ASSERT_TRUE(program);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const std::vector<Binding> bindings = {{"n", Value::integer(t + 2)}};
        if (show(program->evaluate(ExpressionId{0}, Value(), bindings, {0, 20'000})) !=
            fmt::format("{}", (t + 2) * (t + 1) / 2))
          ++wrong;
        const Value input = Value::object({{"x", Value::integer(i)}});
        if (show(program->evaluate(ExpressionId{1}, input, {}, {0, 20'000})) != fmt::format("\"{}\"", i)) ++wrong;
      }
      if (show(program->evaluate(ExpressionId{2}, Value(), {}, {0, 30})) != "timed out") ++wrong;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, a_program_outlives_the_threads_that_used_it) {
  std::shared_ptr<const ExpressionProgram> program = program_of({{".a + 1", {}}});
  ASSERT_TRUE(program);
  const Value input = json(R"({"a":1})");
  std::thread([program, &input] { EXPECT_EQ(show(program->evaluate(ExpressionId{0}, input, {}, {})), "2"); }).join();
  EXPECT_EQ(show(program->evaluate(ExpressionId{0}, input, {}, {})), "2");
}

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool k_sanitized = true;
#else
constexpr bool k_sanitized = false;
#endif

TEST(Memory, does_not_grow_with_evaluations) {
  if (k_sanitized) GTEST_SKIP() << "a sanitizer keeps what is freed";
  const auto program = program_of({{"{a: [.items[] | . * 2], s: \"\\(.name) \\(now | todate)\"}", {}},
                                   {"error({x: .items})", {}},
                                   {".items[]", {}},
                                   {".name | .x", {}},
                                   {".big", {}},
                                   {"\"\\(.big)\"", {}},
                                   {"5 | ltrimstr(\"a\")", {}}});
  ASSERT_TRUE(program);
  const Value input =
      json(R"({"items":[1,2,3,4],"name":")" + std::string(1000, 'n') + R"(","big":1152921504606846977})");
  const auto all = [&](int times) {
    for (int i = 0; i < times; ++i) {
      for (std::uint32_t id = 0; id < program->size(); ++id)
        (void)show(program->evaluate(ExpressionId{id}, input, {}, {0, 20'000}));
    }
  };
  all(100);
  const std::size_t before = resident_kib();
  all(1000);
  EXPECT_LT(resident_kib(), before + 1024) << "KiB; one leaked kilobyte an evaluation would be 7000";
}

TEST(Memory, does_not_grow_with_programs) {
  if (k_sanitized) GTEST_SKIP() << "a sanitizer keeps what is freed";
  const auto once = [](int i) {
    const auto program = program_of({{fmt::format(".a + {}", i), {}}});
    ASSERT_TRUE(program);
    (void)show(program->evaluate(ExpressionId{0}, json(R"({"a":1})"), {}, {0, 20'000}));
    EXPECT_FALSE(problems_of({{"foo", {}}}).empty());
  };
  for (int i = 0; i < 5; ++i) once(i);
  const std::size_t before = resident_kib();
  for (int i = 0; i < 15; ++i) once(i);
  EXPECT_LT(resident_kib(), before + 4096) << "KiB; a compiled program has about a megabyte";
}

}  // namespace
}  // namespace cairn::test
