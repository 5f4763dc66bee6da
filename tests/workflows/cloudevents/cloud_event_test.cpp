#include "workflows/cloudevents/cloud_event.h"

#include "workflows/value/json.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

Value json(std::string_view text) { return parse_json(text).value(); }

std::string fault(std::string_view text) { return cloud_event_fault(json(text)).value_or("none"); }

Value sound() { return json(R"({"specversion":"1.0","id":"1","source":"/shop","type":"order.placed"})"); }

std::string fault_with(std::string_view name, const char* value) {
  return cloud_event_fault(sound().with(name, json(value))).value_or("none");
}

TEST(CloudEvents, NeedFourAttributes) {
  EXPECT_EQ(cloud_event_fault(sound()), std::nullopt);
  EXPECT_EQ(fault(R"({"id":"1","source":"/s","type":"t"})"), "'specversion' is missing");
  EXPECT_EQ(fault(R"({"specversion":"1.0","source":"/s","type":"t"})"), "'id' is missing");
  EXPECT_EQ(fault(R"({"specversion":"1.0","id":"1","type":"t"})"), "'source' is missing");
  EXPECT_EQ(fault(R"({"specversion":"1.0","id":"1","source":"/s"})"), "'type' is missing");
  EXPECT_EQ(fault(R"({"specversion":"1.0","id":"1","source":"/s","type":null})"), "'type' is missing");
  EXPECT_EQ(fault("[]"), "an event is an object, and this is of type array");
}

TEST(CloudEvents, AttributesHaveTheirForms) {
  EXPECT_EQ(fault_with("id", "7"), "'id' must be a string, and is of type number");
  EXPECT_EQ(fault_with("type", R"("")"), "'type' is empty");
  EXPECT_EQ(fault_with("specversion", R"("0.3")"), "'specversion' is '0.3', and only '1.0' is understood");
  EXPECT_EQ(fault_with("source", R"("two words")"),
            "'source' is no URI: 'two words' holds blanks or control characters");
  EXPECT_EQ(fault_with("time", R"("yesterday")"), "'time' is no RFC 3339 date and time: 'yesterday'");
  EXPECT_EQ(fault_with("time", R"("2026-01-31T12:00:00Z")"), "none");
  EXPECT_EQ(fault_with("datacontenttype", R"("json")"), "'datacontenttype' is no media type: 'json'");
  EXPECT_EQ(fault_with("subject", R"("")"), "'subject' is empty");
}

TEST(CloudEvents, ExtensionsAreSimple) {
  EXPECT_EQ(fault_with("traceid", R"("x")"), "none");
  EXPECT_EQ(fault_with("retries", "3"), "none");
  EXPECT_EQ(fault_with("last", "true"), "none");
  EXPECT_EQ(fault_with("unset", "null"), "none");
  EXPECT_EQ(fault_with("traceId", R"("x")"),
            "'traceId' is no attribute's name: those are lower-case letters and digits");
  const std::string not_simple =
      "'nested' must be a string, a boolean or an integer of 32 bits; anything else belongs into 'data'";
  EXPECT_EQ(fault_with("nested", "{}"), not_simple);
  EXPECT_EQ(fault_with("nested", "2147483648"), not_simple);
  EXPECT_EQ(fault_with("nested", "1.5"), not_simple);
}

TEST(CloudEvents, HaveOneKindOfData) {
  EXPECT_EQ(fault_with("data", R"({"any":["thing",null]})"), "none");
  EXPECT_EQ(fault_with("data_base64", R"("AAE=")"), "none");
  EXPECT_EQ(fault_with("data_base64", R"("AAE")"), "'data_base64' is not Base64");
  EXPECT_EQ(cloud_event_fault(sound().with("data", json("1")).with("data_base64", json(R"("AAE=")"))),
            "it has both 'data' and 'data_base64'");
}

TEST(CloudEvents, NullAttributesAreAbsentAndNullDataIsNot) {
  const auto checked = checked_cloud_event(sound().with("subject", Value()).with("data", Value()), "here");
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked.value(), sound().with("data", Value()));
}

TEST(CloudEvents, ThatAreTooLargeAreRefused) {
  const auto large =
      checked_cloud_event(sound().with("data", Value::string(std::string(k_cloud_event_bytes, 'x'))), "here");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::limit_exceeded);
  EXPECT_EQ(large.error().where, "here");
}

TEST(CloudEvents, ComeAloneOrInBatches) {
  EXPECT_EQ(parse_cloud_events(R"({"id":"1"})", "x").value().size(), 1U);
  EXPECT_EQ(parse_cloud_events(R"([{"id":"1"},{"id":"2"}])", "x").value().size(), 2U);
  EXPECT_TRUE(parse_cloud_events("[]", "x").value().empty());
  EXPECT_EQ(parse_cloud_events("7", "x").error().code, ErrorCode::invalid_input);
  EXPECT_EQ(parse_cloud_events("{", "x").error().code, ErrorCode::invalid_input);
}

}  // namespace
}  // namespace cairn
