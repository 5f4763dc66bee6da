#include "workflows/core/limits.h"
#include "workflows/jq/natives/regex_study.h"

#include <fmt/format.h>

#include "natives_support.h"

namespace cairn::jq {
namespace {

/// `[match(pattern; flags)]`, each as offset, length, string and captures of name, offset, length, string.
std::string matches(std::string_view text, std::string_view pattern, std::string_view flags) {
  Bench bench;
  const Value letters = flags.empty() ? Value() : Value::string(std::string(flags));
  const auto answer =
      find_native("_match_impl", 3)
          ->call(bench.surroundings(), Value::string(std::string(text)),
                 std::vector<Value>{Value::string(std::string(pattern)), letters, Value::boolean(false)});
  if (answer.has_error()) return bench.shown(answer);
  std::string shown;
  for (const auto& match : answer.value().as_array()) {
    shown += fmt::format("{}+{} {}", to_json(match.get("offset")), to_json(match.get("length")),
                         to_json(match.get("string")));
    for (const auto& capture : match.get("captures").as_array()) {
      shown += fmt::format(" ({}: {}+{} {})", to_json(capture.get("name")), to_json(capture.get("offset")),
                           to_json(capture.get("length")), to_json(capture.get("string")));
    }
    shown += "\n";
  }
  return shown;
}

TEST(Match, GivesOffsetsInCharacters) {
  EXPECT_EQ(matches("foo bar foo", "foo", ""), "0+3 \"foo\"\n");
  EXPECT_EQ(matches("foo bar FOO", "foo", "ig"), "0+3 \"foo\"\n8+3 \"FOO\"\n");
  EXPECT_EQ(matches("ā☆ bar", "bar", ""), "3+3 \"bar\"\n");
  EXPECT_EQ(matches("a bār", "b(ā)r", ""), "2+3 \"bār\" (null: 3+1 \"ā\")\n");
  EXPECT_EQ(matches("😎a😎a", "a", "g"), "1+1 \"a\"\n3+1 \"a\"\n");
}

TEST(Match, NamesItsCaptures) {
  EXPECT_EQ(matches("foo bar foo foo  foo", "foo (?<bar123>bar)? foo", "ig"),
            "0+11 \"foo bar foo\" (\"bar123\": 4+3 \"bar\")\n12+8 \"foo  foo\" (\"bar123\": -1+0 null)\n");
  EXPECT_EQ(matches("xyzzy-14", "(?<a>[a-z]+)-(?<n>[0-9]+)", ""),
            "0+8 \"xyzzy-14\" (\"a\": 0+5 \"xyzzy\") (\"n\": 6+2 \"14\")\n");
  EXPECT_EQ(matches("c", "(?<x>a?)?b?", ""), "0+0 \"\" (\"x\": 0+0 \"\")\n");
  EXPECT_EQ(matches("ab", "(?=(.b))", ""), "0+0 \"\" (null: 0+2 \"ab\")\n");
}

TEST(Match, FindsEmptyMatchesOnceEach) {
  EXPECT_EQ(matches("ab", "", "g"), "0+0 \"\"\n1+0 \"\"\n2+0 \"\"\n");
  EXPECT_EQ(matches("", "", "g"), "0+0 \"\"\n");
  EXPECT_EQ(matches("qux", "(?=u)", "g"), "1+0 \"\"\n");
  EXPECT_EQ(matches("ā☆", "", "g"), "0+0 \"\"\n1+0 \"\"\n2+0 \"\"\n");
  EXPECT_EQ(matches("abc", "( )*", "gn"), "");
  EXPECT_EQ(matches("aab", "a*", "g"), "0+2 \"aa\"\n2+0 \"\"\n3+0 \"\"\n");
  EXPECT_EQ(matches("abc", "( )*", "g"),
            "0+0 \"\" (null: -1+0 null)\n1+0 \"\" (null: -1+0 null)\n2+0 \"\" (null: -1+0 null)\n3+0 \"\" (null: -1+0 "
            "null)\n");
}

TEST(Match, KnowsItsFlags) {
  EXPECT_EQ(matches("xabcd", "a b c # comment", "x"), "1+3 \"abc\"\n");
  EXPECT_EQ(matches("a\nb", "a.b", ""), "");
  EXPECT_EQ(matches("a\nb", "a.b", "m"), "0+3 \"a\\nb\"\n");
  EXPECT_EQ(matches("ab\ncd", "^cd$", "s"), "");
  EXPECT_EQ(matches("āáàä", "a", "gi"), "");
}

TEST(Match, SaysWhatItCannotTake) {
  expect_all({
      {"_match_impl", "1", {"\"a\"", "null", "true"}, "error: number (1) cannot be matched, as it is not a string"},
      {"_match_impl", "\"a\"", {"1", "null", "true"}, "error: number (1) is not a string"},
      {"_match_impl", "\"a\"", {"\"a\"", "1", "true"}, "error: number (1) is not a string"},
      {"_match_impl", "\"a\"", {"\"a\"", "\"q\"", "true"}, "error: q is not a valid modifier string"},
      {"_match_impl",
       "\"a\"",
       {"\"(\"", "null", "true"},
       "error: Regex failure: end pattern with unmatched parenthesis"},
      {"_match_impl", "\"a\"", {"\"a\"", "\"g\"", "true"}, "true"},
      {"_match_impl", "\"b\"", {"\"a\"", "null", "true"}, "false"},
  });
}

TEST(Match, GivesTheSameFromItsCache) {
  for (int i = 0; i < 200; ++i) {
    const std::string letter(1, static_cast<char>('a' + i % 26));
    EXPECT_EQ(matches("xyz" + letter, letter + "$", i % 2 == 0 ? "" : "i"), "3+1 \"" + letter + "\"\n");
  }
}

TEST(Match, CostsTheSameFromItsCache) {
  const auto cost = [] {
    Bench bench;
    bench.call("_match_impl", Value::string("some text"),
               {Value::string("[a-z]+(?<never>x)?"), Value::string("g"), Value()});
    return Limits{}.fuel - bench.budget().fuel_left();
  };
  const auto first = cost();
  EXPECT_EQ(cost(), first);
}

TEST(RegexStudy, PutsACheckpointIntoEachRepetition) {
  const std::pair<std::string_view, std::string_view> pairs[] = {
      {"abc", "abc"},
      {"ab*c", "a(?:b(?{t}))*c"},
      {"(ab)+?c", "(?:(ab)(?{t}))+?c"},
      {"a*+", "(?:a(?{t}))*+"},
      {"a?b{2,3}", "a?(?:b(?{t})){2,3}"},
      {"a{,}b{x", "a{,}b{x"},
      {"[]a\\]]*", "(?:[]a\\]](?{t}))*"},
      {"[a[^]b]]+", "(?:[a[^]b]](?{t}))+"},
      {"((a*)b)*", "(?:(((?:a(?{t}))*)b)(?{t}))*"},
      {"(?<x>é*)\\p{L}+\\x{263a}*", "(?<x>(?:é(?{t}))*)(?:\\p{L}(?{t}))+(?:\\x{263a}(?{t}))*"},
      {"(?i)a*(?-i:b+)", "(?i)(?:a(?{t}))*(?-i:(?:b(?{t}))+)"},
      {"(?=a*)b|c*", "(?=(?:a(?{t}))*)b|(?:c(?{t}))*"},
      {"(?<=a{2})b", "(?<=a{2})b"},
      {"a(?#*)*", "(?:a(?#*)(?{t}))*"},
      {"\\**\\(+", "(?:\\*(?{t}))*(?:\\((?{t}))+"},
  };
  for (const auto& [pattern, expected] : pairs) {
    const auto studied = native::study(pattern, false);
    EXPECT_TRUE(studied.understood) << pattern;
    EXPECT_EQ(studied.with_checkpoints, expected);
  }
  EXPECT_EQ(native::study("a *# b*\n+", true).with_checkpoints, "(?:a (?{t}))*# b*\n+");
  for (const auto pattern : {"\\Qa*\\E", "(?x) a *", "(?(1)a|b)", "(?{x})", "\\X", "\\12", "(a", "a)", "*a"}) {
    EXPECT_FALSE(native::study(pattern, false).understood) << pattern;
  }
  EXPECT_EQ(native::study("(?=a(?!b)(?<=c))", false).lookarounds, 2u);
}

/// Long texts are searched with checkpoints, short ones without.
TEST(Match, FindsTheSameInLongTexts) {
  const std::string_view patterns[] = {"a*b",
                                       "(a|b)*?c",
                                       "(?<x>[a-c]+)(?<y>\\d+)?",
                                       "a{2,3}+b?",
                                       "((a)|(b))+",
                                       "(?>a+)b",
                                       "(?=(a+))\\1b",
                                       "(?<=a)b+",
                                       "(?i)A+B",
                                       "[^a\n]+",
                                       "é+|☆*z",
                                       "(a*)*c",
                                       "(?:a|ab)(?:c|bcd)(d*)",
                                       "\\w+ *",
                                       "(a)?(b)?c",
                                       "(?<q>a.*?)b.*c",
                                       "x{0,2}y{,3}z",
                                       "(?!ab)a+"};
  const std::string_view texts[] = {"aabc",   "ab12 c3", "aaab",      "abcd",     "éé☆☆z",
                                    "AaB bb", "abbbc",   "xxyyz aab", "ababc acd"};
  constexpr std::size_t shift = 300;
  for (const auto pattern : patterns) {
    for (const auto text : texts) {
      const std::string found = matches(std::string(text) + std::string(shift, '\n'), pattern, "");
      EXPECT_EQ(found, matches(text, pattern, "")) << pattern << " in " << text;
    }
  }
}

std::string in_little_fuel(std::string_view pattern, const std::string& text, std::string_view flags = "") {
  Limits limits;
  limits.fuel = 2'000'000;
  Bench bench(limits);
  return bench.call("_match_impl", Value::string(text),
                    {Value::string(std::string(pattern)), Value::string(std::string(flags)), Value::boolean(true)});
}

TEST(Match, EndsBacktrackingWithTheFuel) {
  const std::string as(30, 'a');
  EXPECT_EQ(in_little_fuel("(a*)*b", as), "false");
  EXPECT_EQ(in_little_fuel("^(a|a)*$", as + "b"), "out of fuel");
  EXPECT_EQ(in_little_fuel("^(([a-z])+.)+[A-Z]([a-z])+$", std::string(60, 'a')), "out of fuel");
  EXPECT_EQ(in_little_fuel("(x+x+)+y", std::string(40, 'x')), "out of fuel");
}

TEST(Match, EndsRunsOverLongTextsWithTheFuel) {
  const std::string as(1'000'000, 'a');
  const auto contained = [&](std::string_view pattern, std::string_view flags = "") {
    const std::string answer = in_little_fuel(pattern, as, flags);
    EXPECT_TRUE(answer.starts_with("out of ") || answer == "false") << pattern << ": " << answer;
  };
  contained("(?>a*)[^a]");
  contained("a*[bc]d");
  contained("a.*[bc]d");
  contained("a.*c|d");
  contained("a[^b]*b|c");
  contained("(?:a(?=(?>a*)))*+[xy]");
  contained("(?:(?:(?:a*)*)*)*[xy]");
  contained("(?=a*+[bc])d|e");
  contained("(?m)a.*[bc]");
  contained("(a+)\\1[bc]");
}

TEST(Match, ReadsLongTextsInLittleFuel) {
  Bench bench;
  const std::string text = std::string(1'000'000, 'a') + "b";
  EXPECT_EQ(bench.call("_match_impl", Value::string(text), {Value::string("[^a]$"), Value(), Value::boolean(true)}),
            "true");
  EXPECT_LT(Limits{}.fuel - bench.budget().fuel_left(), 5'000'000u);
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST(Match, TakesPatternsUpToALimit) {
  EXPECT_EQ(in_little_fuel(std::string(limits::k_regex_bytes, 'a'), "a"), "false");
  EXPECT_EQ(in_little_fuel(std::string(limits::k_regex_bytes + 1, 'a'), "a"),
            "error: Regex failure: the regular expression has 4097 bytes; the most are 4096");
}

TEST(Match, CompilesWhateverItIsGivenInShortTime) {
  const auto sets = [](std::string_view set) { return repeated(set, limits::k_regex_bytes / set.size()); };
  std::string calls;
  for (int i = 1; i <= 60; ++i) calls += fmt::format("(a\\g<{}>?\\g<{}>?)", i + 1, i + 2);
  const std::pair<std::string, std::string_view> patterns[] = {
      {"(?:a{1,1000}){1,1000}", ""},
      {repeated("(?:", 60) + "a" + repeated("b){2,3}", 60), ""},
      {sets("[\\w]"), ""},
      {sets("[\\w]"), "i"},
      {sets("[\\p{L}]"), "i"},
      {"(?i)" + sets("[!-\xf4\x8f\xbf\xbe]").substr(0, 4000), ""},
      {repeated("(?~", 80) + "a" + repeated("|b)", 80), ""},
      {"[" + repeated("\\p{L}&&", 500) + "a]", "i"},
      {sets("\\p{L}"), ""},
      {std::string(4000, 's'), "i"},
      {repeated("\xc3\x9f", 2000), "i"},
      {calls + "(b)(c)", ""},
      {repeated("(?<n>a)", 250) + repeated("\\k<n>", 400), ""},
  };
  for (const auto& [pattern, flags] : patterns) {
    Bench bench;
    bench.call("_match_impl", Value::string("x"),
               {Value::string(pattern), Value::string(std::string(flags)), Value::boolean(true)});
    EXPECT_NE(bench.budget().exhausted(), Exhausted::bytes) << pattern.substr(0, 40);
  }
  EXPECT_EQ(in_little_fuel(calls + "(b)(c)", "x"),
            "error: Regex failure: the regular expression has too many classes, properties or calls of groups");
}

TEST(Match, PaysForCompilingOnceInAnEvaluation) {
  const auto cost = [](Bench& bench) {
    const auto before = bench.budget().fuel_left();
    bench.call("_match_impl", Value::string("some text"),
               {Value::string("[a-z]+\\d*(?<never>\\p{Lu})?"), Value::string("i"), Value::boolean(true)});
    return before - bench.budget().fuel_left();
  };
  Bench one;
  const auto first = cost(one);
  const auto again = cost(one);
  EXPECT_GT(first, 40'000u);
  EXPECT_LT(again, 500u);
  EXPECT_EQ(cost(one), again);
  Bench other;
  EXPECT_EQ(cost(other), first) << "whoever compiled it";
}

TEST(Match, PaysAgainForWhatTheCacheMayHaveLost) {
  Bench bench;
  const auto cost = [&](const std::string& pattern) {
    const auto before = bench.budget().fuel_left();
    bench.call("_match_impl", Value::string("x"), {Value::string(pattern), Value(), Value::boolean(true)});
    return before - bench.budget().fuel_left();
  };
  const auto first = cost("[a-z]\\d");
  for (int i = 0; i < 63; ++i) cost(fmt::format("a{}", i));
  EXPECT_LT(cost("[a-z]\\d"), first);
  for (int i = 0; i < 64; ++i) cost(fmt::format("b{}", i));
  EXPECT_EQ(cost("[a-z]\\d"), first);
}

TEST(Match, EndsDeepNestingWithAnError) {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "(";
  EXPECT_TRUE(in_little_fuel(pattern, "a").starts_with("error: Regex failure"));
}

}  // namespace
}  // namespace cairn::jq
