#include "workflows/cloudevents/http_binding.h"

#include "workflows/cloudevents/formats.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

Value json(std::string_view text) { return parse_json(text).value(); }

Value sound() { return json(R"({"specversion":"1.0","id":"1","source":"/shop","type":"order.placed"})"); }

std::string header(const CloudEventMessage& message, std::string_view name) {
  for (const auto& [header, value] : message.headers) {
    if (header == name) return value;
  }
  return "absent";
}

Value read_one(const CloudEventMessage& message) {
  const auto events = read_message(message, "request");
  if (!events) return Value::string(events.error().to_string());
  return events.value().size() == 1 ? events.value()[0] : Value::array(events.value());
}

/// Attributes come back in the order of headers, data at the end.
Value there_and_back(const Value& event) { return read_one(binary_message(event)); }

TEST(HttpBinding, AttributesAreHeadersAndJsonDataIsTheBody) {
  const auto message = binary_message(sound()
                                          .with("time", Value::string("2026-11-21T18:00:00.000Z"))
                                          .with("retries", Value::integer(3))
                                          .with("urgent", Value::boolean(true))
                                          .with("data", json(R"({"total": 9007199254740993})")));
  EXPECT_EQ(header(message, "Content-Type"), "application/json");
  EXPECT_EQ(header(message, "ce-specversion"), "1.0");
  EXPECT_EQ(header(message, "ce-source"), "/shop");
  EXPECT_EQ(header(message, "ce-time"), "2026-11-21T18:00:00.000Z");
  EXPECT_EQ(header(message, "ce-retries"), "3");
  EXPECT_EQ(header(message, "ce-urgent"), "true");
  EXPECT_EQ(header(message, "ce-data"), "absent");
  EXPECT_EQ(message.body, R"({"total":9007199254740993})");
}

TEST(HttpBinding, ValuesArePercentEncodedAsTheBindingSays) {
  EXPECT_EQ(encode_attribute("Euro \xE2\x82\xAC \xF0\x9F\x98\x80"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
  EXPECT_EQ(encode_attribute("100% \"sure\"\n~!"), "100%25%20%22sure%22%0A~!");
  EXPECT_EQ(decode_attribute("Euro%20%e2%82%ac"), "Euro \xE2\x82\xAC");
  EXPECT_EQ(decode_attribute(R"("a \"quoted\" %E2%82%AC")"), "a \"quoted\" \xE2\x82\xAC");
  EXPECT_EQ(decode_attribute("50%, %G0, %4"), "50%, %G0, %4") << "what encodes nothing stays";
}

RC_GTEST_PROP(HttpBinding, AnyAttributeComesBack, (const std::string& text)) {
  const std::string encoded = encode_attribute(text);
  RC_ASSERT(decode_attribute(encoded) == text);
  for (const char c : encoded) RC_ASSERT(c > 0x20 && c < 0x7F);
}

TEST(HttpBinding, EventsOfEachKindOfDataComeBack) {
  const Value events = json(R"([
    {"datacontenttype": "application/json", "data": {"a": [1, null, "x"]}},
    {"datacontenttype": "application/vnd.shop+json", "data": "text in JSON"},
    {"datacontenttype": "text/plain", "data": "text as it is"},
    {"datacontenttype": "image/png", "data_base64": "iVBORw0KGgo="},
    {"subject": "a \"b\" % é"}
  ])");
  for (const auto& more : events.as_array()) {
    Value event = sound();
    for (const auto& [name, value] : more.as_object()) event = event.with(name, value);
    const Value back = there_and_back(event);
    ASSERT_TRUE(back.is_object()) << to_json(back);
    for (const auto& [name, value] : event.as_object()) EXPECT_EQ(back.get(name), value) << to_json(back);
    EXPECT_EQ(back.as_object().size(), event.as_object().size()) << to_json(back);
  }
}

TEST(HttpBinding, HeadersAreReadInAnySpelling) {
  const Value event = read_one({{{"CE-SpecVersion", "1.0"},
                                 {"Ce-Id", "a%20b"},
                                 {"ce-source", "\"/shop\""},
                                 {"ce-type", "t"},
                                 {"content-type", "Text/Plain"},
                                 {"Accept", "*/*"}},
                                "hello"});
  EXPECT_EQ(event, json(R"({"specversion":"1.0","id":"a b","source":"/shop","type":"t",
                            "datacontenttype":"Text/Plain","data":"hello"})"));
  EXPECT_TRUE(checked_cloud_event(event, "request"));
}

TEST(HttpBinding, BytesThatAreNoTextStayWhatTheyAre) {
  const CloudEventMessage message{{{"ce-id", "1"}, {"Content-Type", "text/plain; charset=iso-8859-1"}}, "\xE9"};
  EXPECT_EQ(read_one(message).get("data_base64"), Value::string("6Q=="));
  EXPECT_EQ(read_one({{{"ce-id", "1"}}, "x"}).get("data_base64"), Value::string("eA=="))
      << "without a content type nobody knows what it is";
}

TEST(HttpBinding, StructuredAndBatchAreTheJsonFormat) {
  const auto one = structured_message(sound());
  EXPECT_EQ(header(one, "Content-Type"), "application/cloudevents+json; charset=UTF-8");
  EXPECT_EQ(read_one(one), sound());
  const auto several = batch_message({sound(), sound().with("id", Value::string("2"))});
  EXPECT_EQ(header(several, "Content-Type"), "application/cloudevents-batch+json; charset=UTF-8");
  EXPECT_EQ(read_message(several, "request").value().size(), 2U);
}

TEST(HttpBinding, WhatCannotBeReadIsRefusedSayingWhy) {
  const auto refusal = [](const CloudEventMessage& message) {
    const auto read = read_message(message, "request");
    if (read) return std::string("accepted");
    EXPECT_EQ(read.error().code, ErrorCode::invalid_input) << read.error().to_string();
    EXPECT_NE(read.error().where.find("request"), std::string::npos);
    return read.error().message;
  };
  EXPECT_NE(refusal({{{"Content-Type", "application/json"}}, "{}"}).find("no CloudEvent"), std::string::npos);
  EXPECT_NE(refusal({{{"Content-Type", "application/cloudevents+json"}}, "[]"}).find("array"), std::string::npos);
  EXPECT_NE(refusal({{{"Content-Type", "application/cloudevents-batch+json"}}, "{}"}).find("one event"),
            std::string::npos);
  EXPECT_NE(refusal({{{"Content-Type", "application/cloudevents+avro"}}, "x"}).find("avro"), std::string::npos);
  EXPECT_NE(refusal({{{"ce-id", "1"}, {"Content-Type", "application/json"}}, "{"}), "accepted");
  EXPECT_NE(refusal({{{"ce-id", "1"}, {"CE-ID", "2"}}, ""}).find("twice"), std::string::npos);
  EXPECT_NE(refusal({{{"ce-id", "%FF"}}, ""}).find("UTF-8"), std::string::npos);
  EXPECT_NE(refusal({{{"ce-data", "x"}}, ""}).find("body"), std::string::npos);
}

TEST(HttpBinding, ABodyThatIsTooLargeIsNotRead) {
  const auto read = read_message({{{"ce-id", "1"}}, std::string(k_cloud_event_bytes + 1, 'x')}, "request");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace cairn
