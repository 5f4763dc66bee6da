// Texts that were made to hurt: each gets an error, soon, and in little memory.

#include "workflows/core/limits.h"
#include "workflows/source/source.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace cairn {
namespace {

std::string repeated(std::string_view piece, std::size_t bytes = limits::k_definition_bytes) {
  std::string text;
  text.reserve(bytes);
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

/// Parses within the time that a person waits; sanitizers are given more.
ParsedSource parse_in_time(const std::string& text) {
  const std::clock_t began = std::clock();  // processor time: the machine may have other things to do
  ParsedSource parsed = parse_source(text);
  const double took = static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return parsed;
#endif
#endif
  EXPECT_LT(took, 2.0) << text.substr(0, 40);
  return parsed;
}

std::string refusal(const std::string& text) {
  const ParsedSource parsed = parse_in_time(text);
  EXPECT_EQ(parsed.document, nullptr) << text.substr(0, 40);
  return parsed.diagnostics.empty() ? "" : parsed.diagnostics.back().message;
}

TEST(HostileYaml, DeepNestingIsRefused) {
  for (const char* piece : {"[", "{", "{a: ", "[{a: ", "- ", "? ", "[-", "[a: ", "[[]", "{\"a\":["}) {
    EXPECT_NE(refusal(repeated(piece)), "") << piece;
  }
  EXPECT_NE(refusal(std::string(100'000, '[')).find("400 levels"), std::string::npos);
  EXPECT_NE(refusal(std::string(1'000, '[') + std::string(1'000, ']')).find("400 levels"), std::string::npos);
}

TEST(HostileYaml, DepthIsLimitedExactly) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_NE(parse_source(nested(limits::k_yaml_depth)).document, nullptr);
  EXPECT_NE(refusal(nested(limits::k_yaml_depth + 1)).find("400 levels"), std::string::npos);
}

TEST(HostileYaml, DepthCountsWhatAliasesBring) {
  std::string text = "a0: &a0 " + std::string(100, '[') + std::string(100, ']') + "\n";
  for (int i = 1; i <= 4; ++i) {
    const std::string n = std::to_string(i);
    text += "a" + n + ": &a" + n + " " + std::string(100, '[') + "*a" + std::to_string(i - 1) + std::string(100, ']') +
            "\n";
  }
  EXPECT_NE(refusal(text).find("400 levels"), std::string::npos);
}

TEST(HostileYaml, ExplodingAliasesAreRefusedAtOnce) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += "*a" + std::to_string(i - 1) + ",";
    text += "x]\n";
  }
  EXPECT_NE(refusal(text).find("aliases are expanded"), std::string::npos);
}

TEST(HostileYaml, ExplodingMergesAreRefusedAtOnce) {
  std::string text = "base: &b {";
  for (int i = 0; i < 1'000; ++i) text += "k" + std::to_string(i) + ": 1, ";
  text += "z: 1}\nlist:\n";
  for (int i = 0; i < 1'000; ++i) text += "  - {<<: *b}\n";
  EXPECT_NE(refusal(text).find("aliases are expanded"), std::string::npos);
}

TEST(HostileYaml, KeysOnOneWayAreLimitedTogether) {
  const auto key = [](std::size_t bytes) { return std::string(bytes, 'k'); };
  const std::size_t most = limits::k_yaml_path_bytes;
  EXPECT_NE(parse_source("? " + key(most - 1) + "\n: {a: 1}\n").document, nullptr);
  EXPECT_NE(refusal("? " + key(most) + "\n: {a: 1}\n").find("4096 bytes"), std::string::npos);
  EXPECT_NE(refusal("x: &x\n  ? " + key(most - 2) + "\n  : 1\ny: {b: {c: *x}}\n").find("4096 bytes"), std::string::npos)
      << "aliases count";
  EXPECT_NE(refusal("x: &x\n  ? " + key(most - 2) + "\n  : 1\ny: {b: {c: {<<: *x}}}\n").find("4096 bytes"),
            std::string::npos)
      << "merges count";
}

TEST(HostileYaml, BracketsAndCommasInTextAreNoCollection) {
  const std::string commas = repeated("[,", 900'000);
  EXPECT_NE(parse_in_time("code: |\n  " + commas + "\nb: 1\n").document, nullptr);
  EXPECT_NE(parse_in_time("code: x " + commas + "\nb: 1\n").document, nullptr);
  EXPECT_NE(parse_in_time("code: '" + commas + "'\nb: 1\n").document, nullptr);
  EXPECT_NE(parse_in_time("[\"" + commas + "\"]\n").document, nullptr);
  EXPECT_NE(parse_in_time("a: 1 # " + commas + "\nb: 1\n").document, nullptr);
}

TEST(HostileYaml, TheNumberOfValuesIsLimitedExactly) {
  SourceLimits limits;
  limits.nodes = 4;
  EXPECT_NE(parse_source("[1, 2, 3]", limits).document, nullptr);
  EXPECT_EQ(parse_source("[1, 2, 3, 4]", limits).document, nullptr);
}

TEST(HostileYaml, TheSizeIsLimitedExactly) {
  std::string text = "a: " + std::string(limits::k_definition_bytes - 3, 'x');
  EXPECT_NE(parse_in_time(text).document, nullptr);
  EXPECT_NE(refusal(text + "x").find("bytes"), std::string::npos);
  EXPECT_NE(refusal(std::string(100u << 20, 'x')).find("bytes"), std::string::npos);
}

TEST(HostileYaml, TextsAsLargeAsMayBeEndInTime) {
  for (const char* piece : {"a:\n", "[a,", "{}", "- \n", "a: b\n", "? a\n"}) {
    parse_in_time(repeated(piece));
    parse_in_time("[" + repeated(piece, limits::k_definition_bytes - 1));
  }
}

TEST(HostileYaml, AnyShapeEndsInTime) {
  for (const char* piece :
       {"[],", "[[],", "a,",    ",",  ": ",     "a: ",    "a:\n", "\n",   " ",     "\t",       "#",    "#\n",
        "&a ", "*a ",  "!",     "!!", "|\n",    ">\n",    "'",    "\"",   "---\n", "...\n",    "%a\n", "- \n",
        "-\n", "?\n",  "? a\n", "{}", "}",      "]",      "\r",   "\r\n", "a\n ",  "\"a\":1,", "x: [", "a: &a *a\n",
        "é",   "\\",   "@",     "`",  "a: b\n", "  a:\n", "<<: ", "0",    "-",     ".",        "~ "}) {
    // An eighth of the limit is enough to see what grows faster than the text.
    for (const char* before : {"", "[", "a: ", "\""})
      parse_in_time(before + repeated(piece, limits::k_definition_bytes / 8));
  }
}

TEST(HostileYaml, GrowingIndentationEndsInTime) {
  std::string text;
  for (std::size_t i = 0; text.size() + i + 4 < limits::k_definition_bytes; ++i) text += std::string(i, ' ') + "a:\n";
  EXPECT_NE(refusal(text), "");
}

TEST(HostileYaml, OneLongLineDoesNotSlowPositionsDown) {
  std::string text = "{";
  for (int i = 0; i < 90'000; ++i) text += "\"k" + std::to_string(i) + "\": \"é\", ";
  text += "\"z\": 1}";
  EXPECT_NE(parse_in_time(text).document, nullptr);
}

}  // namespace
}  // namespace cairn
