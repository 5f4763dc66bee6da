// Messages of brokers become CloudEvents, or events that say why not.

#include "connectors/broker/incoming.h"

#include "connectors/broker/broker_url.h"
#include "workflows/cloudevents/formats.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

IncomingOptions plain() { return {"orders", "event", {}, {}}; }
IncomingOptions wrapping() { return {"orders", "event", "order.placed", {}}; }

Value only(const BrokerMessage& message, const IncomingOptions& options) {
  const auto events = events_of(message, options);
  EXPECT_EQ(events.size(), 1U);
  EXPECT_TRUE(checked_cloud_event(events.at(0), "event")) << to_json(events.at(0));
  return events.at(0);
}

TEST(Incoming, TakesAnEventAsItIs) {
  const std::string text = R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"n":1}})";
  EXPECT_EQ(to_json(only({"9-0", {{"event", text}}}, plain())), text);
  EXPECT_EQ(to_json(only({"9-0", {{"", text}}}, plain())), text) << "the only field, whatever its name";
  EXPECT_EQ(to_json(only({"9-0", {{"trace", "x"}, {"event", text}}}, plain())), text);
}

TEST(Incoming, TakesABatch) {
  const std::string one = R"({"specversion":"1.0","id":"1","source":"/s","type":"t"})";
  EXPECT_EQ(events_of({"9-0", {{"event", "[" + one + "," + one + "]"}}}, plain()).size(), 2U);
  EXPECT_TRUE(events_of({"9-0", {{"event", "[]"}}}, plain()).empty());
}

TEST(Incoming, ShowsWhatIsNoEvent) {
  for (const auto* text : {"", "no JSON", "17", "{}", R"([{"specversion":"1.0"}])", "\xff\xfe"}) {
    const Value event = only({"9-0", {{"event", text}}}, plain());
    EXPECT_EQ(cloud_event_text(event, "type"), k_rejected_type) << text;
    EXPECT_EQ(cloud_event_text(event, "id"), "9-0");
    EXPECT_FALSE(event.get("data").get("reason").as_string().empty()) << text;
  }
  const Value other = only({"9-0", {{"a", "1"}, {"b", "2"}}}, plain());
  EXPECT_EQ(other.get("data").get("message").as_string(), "a=1\nb=2\n");
}

TEST(Incoming, KeepsTheBeginningOfWhatIsTooLarge) {
  const Value event = only({"9-0", {{"event", std::string(5'000'000, 'x')}}}, plain());
  EXPECT_EQ(event.get("data").get("message").as_string().size(), k_rejected_bytes);
  EXPECT_EQ(event.get("data").get("bytes"), Value::integer(5'000'000));
  std::string many = "[";
  for (std::size_t i = 0; i <= k_events_a_message; ++i) many += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(cloud_event_text(only({"9-0", {{"event", many + "]"}}}, plain()), "type"), k_rejected_type);
}

TEST(Incoming, WrapsDataOfAnyKind) {
  const Value event = only({"9-0", {{"event", R"({"n":9007199254740993})"}}}, wrapping());
  EXPECT_EQ(to_json(event),
            R"({"specversion":"1.0","id":"9-0","source":"urn:cairn:source:orders","type":"order.placed",)"
            R"("data":{"n":9007199254740993}})");
  EXPECT_EQ(to_json(only({"9-0", {{"event", "text"}}}, wrapping()).get("data")), R"("text")");
  EXPECT_EQ(to_json(only({"9-0", {{"event", "\xff"}}}, wrapping()).get("data_base64")), R"("/w==")");
  EXPECT_EQ(to_json(only({"9-0", {{"a", "1"}, {"b", "x"}}}, wrapping()).get("data")), R"({"a":"1","b":"x"})");
}

TEST(BrokerUrl, IsTakenApart) {
  const auto url = parse_broker_url("redis://localhost/orders");
  ASSERT_TRUE(url);
  EXPECT_EQ(url.value().address(), "localhost:6379");
  EXPECT_EQ(url.value().stream, "orders");
  EXPECT_EQ(parse_broker_url("nats://[::1]:9999/a.b.>").value().address(), "[::1]:9999");
  EXPECT_EQ(parse_broker_url("nats://h/a.b.>").value().stream, "a.b.>");
}

TEST(BrokerUrl, IsRefusedWithWhatIsWrong) {
  for (const auto* text :
       {"", "orders", "http://h/s", "redis://h", "redis://h/", "redis:///s", "redis://h:0/s", "redis://h:99999/s",
        "redis://h:x/s", "redis://u:p@h/s", "redis://[::1/s", "rediss://h/s", "redis://h/a b", "redis://h/a?db=1"}) {
    EXPECT_FALSE(parse_broker_url(text)) << text;
  }
}

}  // namespace
}  // namespace cairn
