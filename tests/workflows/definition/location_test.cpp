// Where the parts of a definition that lie outside are.
#include "workflows/definition/location.h"

#include "workflows/definition/bundle.h"
#include "workflows/definition/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace cairn {
namespace {

using testing::HasSubstr;

TEST(Locations, OfCatalogsInGitRepositoriesAreThoseOfTheRawFiles) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"https://github.com/serverlessworkflow/catalog/tree/main",
       "https://raw.githubusercontent.com/serverlessworkflow/catalog/refs/heads/main/functions/log/1.0.0/"
       "function.yaml"},
      {"https://github.com/o/r", "https://raw.githubusercontent.com/o/r/HEAD/functions/log/1.0.0/function.yaml"},
      {"https://github.com/o/r.git", "https://raw.githubusercontent.com/o/r/HEAD/functions/log/1.0.0/function.yaml"},
      {"https://github.com/o/r/tree/dev/team/",
       "https://raw.githubusercontent.com/o/r/refs/heads/dev/team/functions/log/1.0.0/function.yaml"},
      {"https://github.com/o/r/tree/0123456789012345678901234567890123456789",
       "https://raw.githubusercontent.com/o/r/0123456789012345678901234567890123456789/functions/log/1.0.0/"
       "function.yaml"},
      {"https://gitlab.com/g/s/p/-/tree/main/x",
       "https://gitlab.com/g/s/p/-/raw/main/x/functions/log/1.0.0/function.yaml"},
      {"https://gitlab.com/g/p", "https://gitlab.com/g/p/-/raw/HEAD/functions/log/1.0.0/function.yaml"},
      {"https://git.example.com/g/p/-/tree/v1",
       "https://git.example.com/g/p/-/raw/v1/functions/log/1.0.0/function.yaml"},
      {"https://example.com/cat/", "https://example.com/cat/functions/log/1.0.0/function.yaml"},
      {"file:///srv/catalog", "file:///srv/catalog/functions/log/1.0.0/function.yaml"},
      {"catalog", "catalog/functions/log/1.0.0/function.yaml"},
      {"default:", "default:functions/log/1.0.0/function.yaml"},
  };
  for (const auto& [root, expected] : cases) EXPECT_EQ(cataloged_function_uri(root, "log", "1.0.0"), expected);
}

TEST(Locations, OfCustomFunctionsMayBeFoldersOfARepository) {
  EXPECT_EQ(custom_function_uri("https://github.com/myorg/functions/validateEmailAddress@v1.0.0"),
            "https://raw.githubusercontent.com/myorg/functions/v1.0.0/validateEmailAddress/function.yaml");
  EXPECT_EQ(custom_function_uri("https://github.com/o/r/blob/main/f/function.yaml"),
            "https://raw.githubusercontent.com/o/r/refs/heads/main/f/function.yaml");
  EXPECT_EQ(custom_function_uri("https://raw.githubusercontent.com/o/r/main/f.yaml"),
            "https://raw.githubusercontent.com/o/r/main/f.yaml");
  EXPECT_EQ(custom_function_uri("https://example.com/f"), "https://example.com/f");
}

TEST(Locations, AreResolvedAgainstTheDocumentThatNamesThem) {
  const auto resolved = [](std::string_view base, std::string_view reference) {
    const auto result = resolve_reference(base, reference);
    return result ? result.value() : "refused: " + result.error().message;
  };
  EXPECT_EQ(resolved("", "schemas/x.json"), "schemas/x.json");
  EXPECT_EQ(resolved("", "../x.json"), "../x.json");
  EXPECT_EQ(resolved("http://h/a/f.yaml", "./x.json"), "http://h/a/x.json");
  EXPECT_EQ(resolved("http://h/a/f.yaml", "/x.json"), "http://h/x.json");
  EXPECT_EQ(resolved("file:///a/b/f.yaml", "../x.json"), "file:///a/x.json");
  EXPECT_EQ(resolved("default:functions/f/1/function.yaml", "x.json"), "default:functions/f/1/x.json");
  EXPECT_EQ(resolved("lib/f.yaml", "./g.yaml"), "lib/g.yaml");
  EXPECT_THAT(resolved("default:functions/f/1/function.yaml", "../../../../etc/x"), HasSubstr("leads out"));
  EXPECT_THAT(resolved("http://h/f.yaml", "file:///etc/passwd"), HasSubstr("is a file here"));
  EXPECT_THAT(resolved("default:functions/f/1/function.yaml", "file:///etc/passwd"), HasSubstr("is a file here"));
  EXPECT_THAT(resolved("", "ftp://h/x"), HasSubstr("http, https or file"));
}

TEST(Locations, NamesOfCatalogedFunctionsCannotLeadElsewhere) {
  EXPECT_TRUE(parse_cataloged_name("log:1.0.0@shared").has_value());
  EXPECT_TRUE(parse_cataloged_name("log:1.0.0").has_value());
  for (const char* name : {"log", "log@shared", "log:@x", ":1@x", "../x:1@c", "a/b:1@c", "a:..@c", "a:1@"}) {
    EXPECT_FALSE(parse_cataloged_name(name).has_value()) << name;
  }
}

// ---- bundles

constexpr const char* k_definition =
    "document: {dsl: '1.0.3', namespace: t, name: n, version: '1.0.0'}\n"
    "do: [{a: {call: ./f.yaml}}]\n";

TEST(Bundles, OfADefinitionThatTakesNothingAreItsText) {
  EXPECT_EQ(write_bundle({k_definition, {}}), k_definition);
  EXPECT_EQ(read_bundle(k_definition).value().text, k_definition);
}

TEST(Bundles, KeepEveryTextAndAreRefusedWhenOneWasChanged) {
  const DefinitionBundle bundle{k_definition, {{"./f.yaml", "set: {n: 1}"}}};
  const std::string text = write_bundle(bundle);
  const auto read = read_bundle(text);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read.value().text, bundle.text);
  EXPECT_EQ(read.value().resources, bundle.resources);
  std::string changed = text;
  changed.replace(changed.find("n: 1"), 4, "n: 2");
  ASSERT_FALSE(read_bundle(changed).has_value());
  EXPECT_EQ(read_bundle(changed).error().code, ErrorCode::corrupt);
  EXPECT_FALSE(load_definition(changed).ok());
  EXPECT_FALSE(load_definition(text.substr(0, text.size() / 2)).ok());
}

TEST(Bundles, OfOneDefinitionWithOtherResourcesAreOtherDefinitions) {
  const auto one = load_definition(write_bundle({k_definition, {{"./f.yaml", "set: {n: 1}"}}}));
  const auto two = load_definition(write_bundle({k_definition, {{"./f.yaml", "set: {n: 2}"}}}));
  ASSERT_TRUE(one.ok());
  ASSERT_TRUE(two.ok());
  EXPECT_NE(one.program->hash, two.program->hash);
  EXPECT_TRUE(one.program->unsupported.empty());
}

TEST(Bundles, WhatIsMissingIsNamedAndTheProgramIsNotRun) {
  const LoadedDefinition loaded = load_definition(k_definition);
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.needed.size(), 1U);
  EXPECT_EQ(loaded.needed.front().uri, "./f.yaml");
  EXPECT_THAT(loaded.program->unsupported, testing::ElementsAre(HasSubstr("has not been fetched")));
}

TEST(Bundles, FindingsNameTheTextThatTheyAreIn) {
  const std::string text = write_bundle({k_definition, {{"./f.yaml", "set: {n: 1}\nthenn: exit\n"}}});
  const LoadedDefinition loaded = load_definition(text);
  ASSERT_FALSE(loaded.ok());
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics.front().source, "./f.yaml");
  EXPECT_THAT(format_diagnostics(loaded.diagnostics, text, "w.yaml"), HasSubstr("./f.yaml:2:1: error"));
}

}  // namespace
}  // namespace cairn
