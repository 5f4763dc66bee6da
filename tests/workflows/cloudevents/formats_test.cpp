#include "workflows/cloudevents/formats.h"

#include "workflows/value/json.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

Value json(std::string_view text) { return parse_json(text).value(); }

Value sound() { return json(R"({"specversion":"1.0","id":"1","source":"/shop","type":"order.placed"})"); }

TEST(CloudEvents, WhatIsNoneIsRefusedNamingWhy) {
  const auto refused = checked_cloud_event(sound().without("source"), "event 3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_input);
  EXPECT_EQ(refused.error().where, "event 3");
  EXPECT_EQ(refused.error().message, "no CloudEvent 1.0: attribute 'source' is missing");
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
