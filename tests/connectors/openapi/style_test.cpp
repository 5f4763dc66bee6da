// How a described parameter is written: the table of styles of the OpenAPI specification, and bodies of forms.
#include "connectors/openapi/body.h"
#include "connectors/openapi/parameter.h"
#include "tests/connectors/harness.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace cairn::test {
namespace {

using testing::HasSubstr;
using testing::Not;

OpenApiDocument document(OpenApiDocument::Version version = OpenApiDocument::Version::openapi_3) {
  return {{}, json("{}"), version};
}

/// What a parameter with this description becomes; path templates are "/{color}".
WrittenParameters written(const std::string& description, const std::string& value,
                          OpenApiDocument::Version version = OpenApiDocument::Version::openapi_3) {
  WrittenParameters result;
  result.path = "/{color}";
  const auto parameter = OpenApiParameter::read(document(version), json(description));
  if (!parameter) {
    ADD_FAILURE() << parameter.error().detail;
    return result;
  }
  const auto done = write_parameter(parameter.value(), json(value), result);
  if (!done) ADD_FAILURE() << done.error().detail;
  return result;
}

constexpr const char* k_string = R"("blue")";
constexpr const char* k_array = R"(["blue", "black", "brown"])";
constexpr const char* k_object = R"({"R": 100, "G": 200, "B": 150})";

struct Row {
  const char* style;
  bool explode;
  const char* in;
  const char* string;  ///< nullptr: the table has none
  const char* array;
  const char* object;
};

TEST(OpenApiStyles, AreThoseOfTheSpecificationsTable) {
  const std::vector<Row> rows = {
      {"matrix", false, "path", "/;color=blue", "/;color=blue,black,brown", "/;color=R,100,G,200,B,150"},
      {"matrix", true, "path", "/;color=blue", "/;color=blue;color=black;color=brown", "/;R=100;G=200;B=150"},
      {"label", false, "path", "/.blue", "/.blue,black,brown", "/.R,100,G,200,B,150"},
      {"label", true, "path", "/.blue", "/.blue.black.brown", "/.R=100.G=200.B=150"},
      {"simple", false, "path", "/blue", "/blue,black,brown", "/R,100,G,200,B,150"},
      {"simple", true, "path", "/blue", "/blue,black,brown", "/R=100,G=200,B=150"},
      {"form", false, "query", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"},
      {"form", true, "query", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"},
      {"spaceDelimited", false, "query", nullptr, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"},
      {"pipeDelimited", false, "query", nullptr, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"},
      {"deepObject", true, "query", nullptr, nullptr, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"},
      {"simple", false, "header", "blue", "blue,black,brown", "R,100,G,200,B,150"},
      {"simple", true, "header", "blue", "blue,black,brown", "R=100,G=200,B=150"},
      {"form", false, "cookie", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"},
      {"form", true, "cookie", "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"},
  };
  for (const Row& row : rows) {
    const std::string description =
        fmt::format(R"({{"name": "color", "in": "{}", "style": "{}", "explode": {}}})", row.in, row.style, row.explode);
    for (const auto& [value, expected] :
         {std::pair{k_string, row.string}, std::pair{k_array, row.array}, std::pair{k_object, row.object}}) {
      if (expected == nullptr) continue;
      const WrittenParameters result = written(description, value);
      std::string text = result.query;
      if (std::string_view(row.in) == "path") text = result.path;
      if (std::string_view(row.in) == "header") text = result.headers.at(0).second;
      if (std::string_view(row.in) == "cookie") text = result.cookies;
      EXPECT_EQ(text, expected) << description << " " << value;
    }
  }
}

TEST(OpenApiStyles, OfAnEmptyTextKeepTheName) {
  EXPECT_EQ(written(R"({"name": "color", "in": "path", "style": "matrix"})", R"("")").path, "/;color");
  EXPECT_EQ(written(R"({"name": "color", "in": "query"})", R"("")").query, "color=");
}

TEST(OpenApiStyles, OfSwaggerAreItsCollectionFormats) {
  const auto query = [](const std::string& format) {
    return written(R"({"name": "color", "in": "query", "type": "array", "collectionFormat": ")" + format + "\"}",
                   k_array, OpenApiDocument::Version::swagger_2)
        .query;
  };
  EXPECT_EQ(query("csv"), "color=blue,black,brown");
  EXPECT_EQ(query("ssv"), "color=blue%20black%20brown");
  EXPECT_EQ(query("tsv"), "color=blue%09black%09brown");
  EXPECT_EQ(query("pipes"), "color=blue%7Cblack%7Cbrown");
  EXPECT_EQ(query("multi"), "color=blue&color=black&color=brown");
}

TEST(OpenApiStyles, OfContentAreJson) {
  EXPECT_EQ(written(R"({"name": "q", "in": "query", "content": {"application/json": {}}})", R"({"a": 1})").query,
            "q=%7B%22a%22%3A1%7D");
  EXPECT_EQ(written(R"({"name": "q", "in": "query", "content": {"text/plain": {}}})", R"("a b")").query, "q=a%20b");
}

TEST(OpenApiStyles, ReservedCharactersStayWhereTheDocumentAllowsThem) {
  EXPECT_EQ(written(R"({"name": "p", "in": "query", "allowReserved": true})", R"("a/b?c&d#e")").query,
            "p=a/b?c%26d%23e");
}

TEST(OpenApiStyles, AStyleThatIsNotForItsPlaceIsRefused) {
  for (const char* description :
       {R"({"name": "p", "in": "query", "style": "matrix"})", R"({"name": "p", "in": "path", "style": "form"})",
        R"({"name": "p", "in": "header", "style": "deepObject"})", R"({"name": "p", "in": "path", "style": "odd"})"}) {
    const auto parameter = OpenApiParameter::read(document(), json(description));
    ASSERT_FALSE(parameter.has_value()) << description;
    EXPECT_EQ(kind_of(parameter.error()), "configuration");
  }
}

// ---- bodies

HttpRequest body_request(const std::string& content, const std::string& body) {
  BodyDescription description{"body", true, {}, json(content)};
  for (const auto& [type, ignored] : description.content.as_object()) description.media_types.push_back(type);
  HttpRequest request;
  request.method = "POST";
  const auto done = write_described_body(document(), description, json(body), request);
  if (!done) ADD_FAILURE() << done.error().detail;
  return request;
}

TEST(OpenApiBodies, OfMultipartHaveAPartForEachMember) {
  const HttpRequest request = body_request(
      R"({"multipart/form-data": {"schema": {"properties": {"photo": {"type": "string", "format": "binary"}}},
          "encoding": {"photo": {"contentType": "image/png, image/jpeg"}}}})",
      R"({"name": "Milou", "tags": ["a", "b"], "address": {"city": "X"}, "photo": "PNG", "none": null})");
  const std::string type = *find_header(request.headers, "Content-Type");
  ASSERT_TRUE(type.starts_with("multipart/form-data; boundary=")) << type;
  const std::string mark = "--" + type.substr(type.find('=') + 1);
  EXPECT_EQ(*request.body,
            mark + "\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nMilou\r\n" + mark +
                "\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\na\r\n" + mark +
                "\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nb\r\n" + mark +
                "\r\nContent-Disposition: form-data; name=\"address\"\r\nContent-Type: "
                "application/json\r\n\r\n{\"city\":\"X\"}\r\n" +
                mark +
                "\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"photo\"\r\nContent-Type: "
                "image/png\r\n\r\nPNG\r\n" +
                mark + "--\r\n");
}

TEST(OpenApiBodies, OfMultipartCannotBeBrokenByNames) {
  const HttpRequest request = body_request(R"({"multipart/form-data": {}})", R"({"a\"\r\nX: 1": "v"})");
  EXPECT_THAT(*request.body, HasSubstr("name=\"a%22%0D%0AX: 1\""));
}

TEST(OpenApiBodies, OfFormsHaveObjectsAsJson) {
  EXPECT_EQ(*body_request(R"({"application/x-www-form-urlencoded": {}})", R"({"a": [1, 2], "o": {"x": 1}})").body,
            "a=1&a=2&o=%7B%22x%22%3A1%7D");
}

TEST(OpenApiBodies, AreJsonWhereTheOperationTakesIt) {
  const HttpRequest request = body_request(R"({"multipart/form-data": {}, "application/json": {}})", R"({"a": 1})");
  EXPECT_EQ(*request.body, R"({"a":1})");
  EXPECT_EQ(*find_header(request.headers, "Content-Type"), "application/json");
}

}  // namespace
}  // namespace cairn::test
