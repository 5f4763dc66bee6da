#include "natives_support.h"

namespace cairn::jq {
namespace {

TEST(Strings, KnowTheirEnds) {
  expect_all({
      {"startswith", "\"foobar\"", {"\"foo\""}, "true"},
      {"startswith", "\"fo\"", {"\"foo\""}, "false"},
      {"endswith", "\"barfoo\"", {"\"foo\""}, "true"},
      {"startswith", "1", {"\"foo\""}, "error: startswith() requires string inputs"},
      {"endswith", "\"foo\"", {"1"}, "error: endswith() requires string inputs"},
      {"ltrimstr", "\"foobar\"", {"\"foo\""}, "\"bar\""},
      {"ltrimstr", "\"afoo\"", {"\"foo\""}, "\"afoo\""},
      {"rtrimstr", "\"foobarfoo\"", {"\"foo\""}, "\"foobar\""},
      {"rtrimstr", "\"xx\"", {"\"\""}, "\"xx\""},
      {"trimstr", "\"foobarfoo\"", {"\"foo\""}, "\"bar\""},
      {"trimstr", "\"foo\"", {"\"foo\""}, "\"\""},
      {"ltrimstr", "\"hi\"", {"1"}, "error: startswith() requires string inputs"},
      {"rtrimstr", "1", {"\"hi\""}, "error: endswith() requires string inputs"},
  });
}

TEST(Strings, LoseBlanksOfUnicode) {
  expect_all({
      {"trim", "\" \\n\\t\\r\\f\\u000b\"", {}, "\"\""},
      {"trim", "\"  a b  \"", {}, "\"a b\""},
      {"ltrim", "\"  a \"", {}, "\"a \""},
      {"rtrim", "\"  a \"", {}, "\"  a\""},
      {"trim", "\"\\u0085\\u00a0\\u1680\\u2000\\u200a\\u2028\\u202f\\u205f\\u3000☆\\u3000\\u2029\"", {}, "\"☆\""},
      {"trim", "\"é\"", {}, "\"é\""},
      {"trim", "123", {}, "error: trim input must be a string"},
  });
}

TEST(Strings, ChangeTheCaseOfAsciiOnly) {
  expect_all({
      {"ascii_upcase", "\"useful but not for é\"", {}, "\"USEFUL BUT NOT FOR é\""},
      {"ascii_downcase", "\"AZ[@É\"", {}, "\"az[@É\""},
      {"ascii_downcase", "1", {}, "error: explode input must be a string"},
      {"ascii", "65", {}, "\"A\""},
      {"ascii", "128", {}, "error: number (128) is not an ASCII code"},
  });
}

TEST(Strings, AreMadeOfCodePoints) {
  expect_all({
      {"explode", "\"aé☆\\ud83d\\ude0e\"", {}, "[97,233,9734,128526]"},
      {"explode", "1", {}, "error: explode input must be a string"},
      {"implode", "[65,233,9734,128526]", {}, "\"Aé☆😎\""},
      {"implode",
       "[-1,1114111,1114112,55295,55296,57343,57344,1.9]",
       {},
       "\"\xef\xbf\xbd\xf4\x8f\xbf\xbf\xef\xbf\xbd\xed\x9f\xbf\xef\xbf\xbd\xef\xbf\xbd\xee\x80\x80\\u0001\""},
      {"implode", "123", {}, "error: implode input must be an array"},
      {"implode", "[\"a\"]", {}, "error: string (\"a\") can't be imploded, unicode codepoint needs to be numeric"},
      {"implode", "[nan]", {}, "error: number (null) can't be imploded, unicode codepoint needs to be numeric"},
      {"utf8bytelength", "\"asdfμ\"", {}, "6"},
      {"utf8bytelength", "[1,2]", {}, "error: array ([1,2]) only strings have UTF-8 byte length"},
  });
}

TEST(Strings, Split) {
  expect_all({
      {"split", "\"a,b, c, d, e,f\"", {"\", \""}, R"(["a,b","c","d","e,f"])"},
      {"split", "\", a, \"", {"\", \""}, R"(["","a",""])"},
      {"split", "\"abc\"", {"\"\""}, R"(["a","b","c"])"},
      {"split", "\"\"", {"\",\""}, "[]"},
      {"split", "\",\"", {"\",\""}, R"(["",""])"},
      {"split", "\"a\\u0000b\"", {"\"\\u0000\""}, R"(["a","b"])"},
      {"split", "1", {"\",\""}, "error: split input and separator must be strings"},
  });
}

TEST(Strings, Join) {
  expect_all({
      {"join", R"(["a","b","c"])", {"\", \""}, "\"a, b, c\""},
      {"join", R"(["a",1,2.3,true,null,false])", {"\" \""}, "\"a 1 2.3 true  false\""},
      {"join", "[]", {"\",\""}, "\"\""},
      {"join", "[null]", {"\",\""}, "\"\""},
      {"join", "[null,\"a\"]", {"\",\""}, "\",a\""},
      {"join", "[\"a\",\"b\"]", {"null"}, "\"ab\""},
      {"join", "[1]", {"1"}, "\"1\""},
      {"join", "[1,2]", {"1"}, "error: string (\"1\") and number (1) cannot be added"},
      {"join",
       R"(["1","2",{"a":{"b":{"c":33}}}])",
       {"\",\""},
       R"(error: string ("1,2,") and object ({"a":{"b":{"c":33}}}) cannot be added)"},
      {"join", R"({"a":"x","b":"y"})", {"\",\""}, "\"x,y\""},
      {"join", "5", {"\",\""}, "error: Cannot iterate over number (5)"},
  });
}

TEST(Strings, AreFoundByCharacter) {
  expect_all({
      {"indices", "\"a,b, cd, efg, hijk\"", {"\", \""}, "[3,7,12]"},
      {"indices", "\"xababababax\"", {"\"aba\""}, "[1,3,5,7]"},
      {"index", "\"xababababax\"", {"\"aba\""}, "1"},
      {"rindex", "\"xababababax\"", {"\"aba\""}, "7"},
      {"index", "\"здравствуй мир!\"", {"\"!\""}, "14"},
      {"indices", "\"🇬🇧oo\"", {"\"o\""}, "[2,3]"},
      {"index", "\"\"", {"\"\""}, "null"},
      {"_strindices", "123", {"\"abc\""}, "error: number (123) cannot be searched, as it is not a string"},
      {"_strindices", "\"abc\"", {"123"}, "error: number (123) is not a string"},
      {"indices", "\"abc\"", {"1"}, "error: Cannot index string with number (1)"},
      {"contains", "\"foobar\"", {"\"bar\""}, "true"},
      {"contains", "\"ab\\u0000cd\"", {"\"b\\u0000c\""}, "true"},
      {"contains", "\"ab\\u0000cd\"", {"\"\\u0000@\""}, "false"},
      {"contains", "\"\"", {"\"\""}, "true"},
  });
}

std::string format_of(std::string_view name, std::string_view input) {
  Bench bench;
  return bench.shown(format(bench.surroundings(), name, bench.json(input)));
}

TEST(Formats, EscapeWhatTheyMust) {
  const std::string_view text = R"("!()<>&'\"\t")";
  EXPECT_EQ(format_of("text", text), R"("!()<>&'\"\t")");
  EXPECT_EQ(format_of("json", text), R"("\"!()<>&'\\\"\\t\"")");
  EXPECT_EQ(format_of("html", text), R"("!()&lt;&gt;&amp;&apos;&quot;\t")");
  EXPECT_EQ(format_of("uri", text), R"("%21%28%29%3C%3E%26%27%22%09")");
  EXPECT_EQ(format_of("sh", text), R"("'!()<>&'\\''\"\t'")");
  EXPECT_EQ(format_of("base64", text), R"("ISgpPD4mJyIJ")");
  EXPECT_EQ(format_of("csv", R"([1,"!()<>&'\"\t",null,true,nan,1.5])"), R"("1,\"!()<>&'\"\"\t\",,true,,1.5")");
  EXPECT_EQ(format_of("tsv", R"([1,"a\tb\\\r\n"])"), R"("1\ta\\tb\\\\\\r\\n")");
  EXPECT_EQ(format_of("html", "[\"<&>\"]"), R"("[&quot;&lt;&amp;&gt;&quot;]")");
  EXPECT_EQ(format_of("sh", "[1,null,\"a b\"]"), R"("1 null 'a b'")");
  EXPECT_EQ(format_of("html", R"("\u0000")"), R"("\\0")");
}

TEST(Formats, SayWhatTheyCannotTake) {
  EXPECT_EQ(format_of("csv", "1"), "error: number (1) cannot be csv-formatted, only array");
  EXPECT_EQ(format_of("tsv", "\"a\""), "error: string (\"a\") cannot be tsv-formatted, only array");
  EXPECT_EQ(format_of("tsv", "[[1]]"), "error: array ([1]) is not valid in a csv row");
  EXPECT_EQ(format_of("sh", "[[1]]"), "error: array ([1]) can not be escaped for shell");
  EXPECT_EQ(format_of("nosuch", "1"), "error: nosuch is not a valid format");
  expect_all({{"format", "1", {"1"}, "error: number (1) is not a valid format"},
              {"format", "\"a b\"", {"\"uri\""}, "\"a%20b\""}});
}

TEST(Formats, AreKnownByName) {
  for (const auto name :
       {"text", "json", "csv", "tsv", "html", "uri", "urid", "sh", "base64", "base64d", "base32", "base32d"}) {
    EXPECT_TRUE(is_format(name)) << name;
  }
  EXPECT_FALSE(is_format("xml"));
}

TEST(Formats, Base64) {
  EXPECT_EQ(format_of("base64", "\"\""), "\"\"");
  EXPECT_EQ(format_of("base64", "\"foóbar\\n\""), "\"Zm/Ds2Jhcgo=\"");
  EXPECT_EQ(format_of("base64d", "\"Zm/Ds2Jhcgo=\""), "\"foóbar\\n\"");
  EXPECT_EQ(format_of("base64d", "\"=\""), "\"\"");
  EXPECT_EQ(format_of("base64d", "\"cWl4YmF6Cg\""), "\"qixbaz\\n\"");
  EXPECT_EQ(format_of("base64d", "\"/w==\""), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(format_of("base64d", "\"Not base64 data\""),
            "error: string (\"Not base64 data\") is not valid base64 data");
  EXPECT_EQ(format_of("base64d", "\"QUJDa\""), "error: string (\"QUJDa\") trailing base64 byte found");
}

TEST(Formats, Base32) {
  const std::pair<std::string_view, std::string_view> pairs[] = {{"\"\"", "\"\""},
                                                                 {"\"f\"", "\"MY======\""},
                                                                 {"\"fo\"", "\"MZXQ====\""},
                                                                 {"\"foo\"", "\"MZXW6===\""},
                                                                 {"\"foob\"", "\"MZXW6YQ=\""},
                                                                 {"\"fooba\"", "\"MZXW6YTB\""},
                                                                 {"\"foobar\"", "\"MZXW6YTBOI======\""}};
  for (const auto& [plain, coded] : pairs) {
    EXPECT_EQ(format_of("base32", plain), coded);
    EXPECT_EQ(format_of("base32d", coded), plain);
  }
  EXPECT_EQ(format_of("base32d", "\"MZXW1\""), "error: string (\"MZXW1\") is not valid base32 data");
}

TEST(Formats, Uri) {
  EXPECT_EQ(format_of("uri", R"(",-./09:;<=>?@AZ[\\]^_`az{|}~\u007f")"),
            R"("%2C-.%2F09%3A%3B%3C%3D%3E%3F%40AZ%5B%5C%5D%5E_%60az%7B%7C%7D~%7F")");
  EXPECT_EQ(format_of("uri", R"("a \u03bc \ud83d\ude0e")"), R"("a%20%CE%BC%20%F0%9F%98%8E")");
  EXPECT_EQ(format_of("urid", R"("a%20%CE%BC%20%F0%9F%98%8E%00+")"), R"("a μ 😎\u0000+")");
  for (const auto bad : {"abc%", "abc%f", "abc%g", "%FX%9F%98%8E", "%F0%93%81", "%F0%C0%81%8E"}) {
    EXPECT_EQ(format_of("urid", quote_json(bad)),
              "error: string (\"" + std::string(bad) + "\") is not a valid uri encoding");
  }
}

}  // namespace
}  // namespace cairn::jq
