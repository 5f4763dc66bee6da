// Listen tasks: which events they consume, when they end, what becomes of the events.

#include "engine/machine/event_filter.h"
#include "tests/engine/machine/driver.h"

#include <fmt/format.h>
#include <rapidcheck/gtest.h>

namespace cairn::tests {
namespace {

/// A run of one listen task; `listen` is what stands in its braces, `more` beside it.
std::string listening(std::string_view listen, std::string_view more = "") {
  return fmt::format("do:\n  - wait:\n      listen: {{{}}}\n{}", listen, more);
}

// ---- strategies
// --------------------------------------------------------------------------------------------------------

TEST(Listen, ToOneEndsWithTheFirstThatMatches) {
  Driver run(listening("to: {one: {with: {type: a}}}"));
  run.start();
  EXPECT_EQ(status_of(run.state()), RunStatus::waiting);
  EXPECT_EQ(run.publish("b", "1"), 0U);
  EXPECT_EQ(run.publish("a", "2"), 1U);
  EXPECT_EQ(run.output(), "[2]");
}

TEST(Listen, WhatDoesNotMatchIsNotRecorded) {
  Driver run(listening("to: {one: {with: {type: a}}}"));
  run.start();
  const auto before = run.state().last;
  run.publish("b");
  EXPECT_EQ(run.state().last, before);
}

TEST(Listen, ToAnyEndsWithTheFirstOfAnyFilter) {
  Driver run(listening("to: {any: [{with: {type: a}}, {with: {type: b}}]}"));
  run.start();
  run.publish("c", "1");
  run.publish("b", "2");
  EXPECT_EQ(run.output(), "[2]");
}

TEST(Listen, ToAnyOfNothingTakesEveryEvent) {
  Driver run(listening("to: {any: []}"));
  run.start();
  run.publish("whatever", "1");
  EXPECT_EQ(run.output(), "[1]");
}

TEST(Listen, ToAllWaitsForAnEventOfEachFilterInTheOrderTheyCome) {
  Driver run(listening("to: {all: [{with: {type: a}}, {with: {type: b}}]}"));
  run.start();
  EXPECT_EQ(run.publish("b", "1"), 1U);
  EXPECT_EQ(run.publish("b", "2"), 0U) << "that filter has had its event";
  EXPECT_EQ(run.publish("a", "3"), 1U);
  EXPECT_EQ(run.output(), "[1,3]");
}

TEST(Listen, EachFilterOfAllTakesAnEventOfItsOwn) {
  Driver run(listening("to: {all: [{with: {type: a}}, {with: {type: a}}]}"));
  run.start();
  run.publish("a", "1");
  EXPECT_FALSE(run.state().ended());
  run.publish("a", "2");
  EXPECT_EQ(run.output(), "[1,2]");
}

TEST(Listen, ToAllOfNothingEndsAtOnce) {
  Driver run(listening("to: {all: []}"));
  run.start();
  EXPECT_EQ(run.output(), "[]");
}

RC_GTEST_PROP(Listen, ToAllEndsExactlyWhenEachTypeHasCome, ()) {
  const auto types = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5));
  Driver run(listening("to: {all: [{with: {type: t0}}, {with: {type: t1}}, {with: {type: t2}}]}"));
  run.start();
  std::set<int> seen;
  Array expected;
  for (const int type : types) {
    if (seen.size() == 3) break;
    if (type < 3 && seen.insert(type).second) expected.push_back(Value::integer(type));
    run.publish("t" + std::to_string(type), std::to_string(type));
    RC_ASSERT(run.state().ended() == (seen.size() == 3));
  }
  if (run.state().ended()) RC_ASSERT(run.state().output == Value::array(expected));
}

// ---- until
// -------------------------------------------------------------------------------------------------------------

TEST(ListenUntil, AConditionLooksAtTheEventsSoFarWithTheNewest) {
  Driver run(listening("to: {any: [], until: '( . | length ) > 2'}"));
  run.start();
  run.publish("a", "1");
  run.publish("a", "2");
  EXPECT_FALSE(run.state().ended());
  run.publish("a", "3");
  EXPECT_EQ(run.output(), "[1,2,3]");
}

TEST(ListenUntil, AConditionThatFailsFaultsTheTaskAtItsPlace) {
  Driver run(listening("to: {any: [], until: '.[0].x > 1'}"));
  run.start();
  run.publish("a", "1");
  ASSERT_TRUE(run.state().problem);
  EXPECT_EQ(run.state().problem->instance, "/do/0/wait");
  EXPECT_NE(run.state().problem->detail.find("/do/0/wait/listen/to/until"), std::string::npos);
}

TEST(ListenUntil, AnEventThatEndsItIsNoOutput) {
  Driver run(listening("to: {any: [{with: {type: a}}], until: {one: {with: {type: stop}}}}"));
  run.start();
  run.publish("a", "1");
  run.publish("a", "2");
  run.publish("stop", "3");
  EXPECT_EQ(run.output(), "[1,2]");
  EXPECT_EQ(run.all<EventConsumed>().size(), 3U);
}

TEST(ListenUntil, AnEventThatCouldBeBothCountsTowardsTheEnd) {
  Driver run(listening("to: {any: [], until: {one: {with: {type: stop}}}}"));
  run.start();
  run.publish("a", "1");
  run.publish("stop", "2");
  EXPECT_EQ(run.output(), "[1]");
}

TEST(ListenUntil, AllOfItsEventsMustCome) {
  Driver run(listening("to: {any: [{with: {type: a}}], until: {all: [{with: {type: x}}, {with: {type: y}}]}}"));
  run.start();
  run.publish("y");
  run.publish("y");
  run.publish("a", "1");
  EXPECT_FALSE(run.state().ended());
  run.publish("x");
  EXPECT_EQ(run.output(), "[1]");
}

// ---- filters
// -----------------------------------------------------------------------------------------------------------

struct Filtered {
  const char* name;
  const char* with;
  const char* event;  // members beside specversion, id, source
  bool matches;
};

class ListenFilter : public testing::TestWithParam<Filtered> {};

TEST_P(ListenFilter, Matches) {
  Driver run("input: {from: '${ . }'}\n" + listening(fmt::format("to: {{one: {{with: {}}}}}", GetParam().with)));
  run.start(json(R"({"id":42,"kind":"b"})"));
  Value event = json(R"({"specversion":"1.0","id":"e-1","source":"https://example.com/a?b=1"})");
  const Value more = json(GetParam().event);
  for (const auto& [name, value] : more.as_object()) event = event.with(name, value);
  EXPECT_EQ(run.publish(event), GetParam().matches ? 1U : 0U);
}

const Filtered k_filtered[] = {
    {"TypeEqual", "{type: com.a.b}", R"({"type":"com.a.b"})", true},
    {"ADotIsADot", "{type: com.a.b}", R"({"type":"comxaxb"})", false},
    {"Pattern", R"({type: 'com\.a\..*'})", R"({"type":"com.a.b.c"})", true},
    {"PatternMatchesTheWhole", "{type: 'a+'}", R"({"type":"xaay"})", false},
    {"PatternOfAlternatives", "{type: 'a|b'}", R"({"type":"ab"})", false},
    {"PatternWithAnchors", "{type: '^a[0-9]$'}", R"({"type":"a7"})", true},
    {"WhatLooksLikeAPatternMatchesItself", "{source: 'https://example.com/a?b=1'}", R"({"type":"a"})", true},
    {"EveryAttribute", "{type: a, subject: s}", R"({"type":"a","subject":"t"})", false},
    {"AnAbsentAttribute", "{subject: '.*'}", R"({"type":"a"})", false},
    {"AnExtensionThatIsANumber", "{priority: 5}", R"({"type":"a","priority":"5"})", true},
    {"ABoolean", "{urgent: true}", R"({"type":"a","urgent":true})", true},
    {"AConditionOnAnAttribute", "{type: '${ startswith(\"com.\") }'}", R"({"type":"com.x"})", true},
    {"AValueOfTheRun", "{type: '${ $input.kind }'}", R"({"type":"b"})", true},
    {"AnotherValueOfTheRun", "{type: '${ $input.kind }'}", R"({"type":"c"})", false},
    {"TextWithAnExpression", "{type: 'a.${ $input.kind }'}", R"({"type":"a.b"})", true},
    {"AConditionOnData", "{data: '${ .temperature > 38 }'}", R"({"type":"a","data":{"temperature":39}})", true},
    {"AConditionThatDoesNotHold", "{data: '${ .temperature > 38 }'}", R"({"type":"a","data":{"temperature":38}})",
     false},
    {"AConditionThatFails", "{data: '${ .temperature > 38 }'}", R"({"type":"a","data":"hot"})", false},
    {"WithoutData", "{data: '${ . == null }'}", R"({"type":"a"})", false},
    {"PartOfAnObject", "{data: {a: {b: 1}}}", R"({"type":"a","data":{"a":{"b":1,"c":2},"d":3}})", true},
    {"AnotherObject", "{data: {a: {b: 1}}}", R"({"type":"a","data":{"a":{"b":2}}})", false},
    {"AMemberThatIsMissing", "{data: {a: 1, b: 2}}", R"({"type":"a","data":{"a":1}})", false},
    {"AListIsWhole", "{data: {a: [1, 2]}}", R"({"type":"a","data":{"a":[1,2,3]}})", false},
    {"ExpressionsInsideData", "{data: {id: '${ $input.id }', n: '${ . > 2 }'}}",
     R"({"type":"a","data":{"id":42,"n":3}})", true},
    {"ExpressionsInsideDataThatDoNotHold", "{data: {id: '${ $input.id }', n: '${ . > 2 }'}}",
     R"({"type":"a","data":{"id":42,"n":2}})", false},
    {"BytesThatAreJson", "{data: {a: 1}}",
     R"({"type":"a","datacontenttype":"application/json","data_base64":"eyJhIjoxfQ=="})", true},
    {"SourceAndId", "{id: e-1, source: '.*example.*'}", R"({"type":"a"})", true},
};
INSTANTIATE_TEST_SUITE_P(Table, ListenFilter, testing::ValuesIn(k_filtered),
                         [](const testing::TestParamInfo<Filtered>& info) { return std::string(info.param.name); });

// ---- read
// --------------------------------------------------------------------------------------------------------------

TEST(ListenRead, EnvelopeGivesTheWholeEvent) {
  Driver run(listening("to: {one: {with: {type: a}}}, read: envelope"));
  run.start();
  run.publish("a", "1");
  EXPECT_EQ(run.output(),
            R"([{"specversion":"1.0","id":"1","source":"https://example.com/test","type":"a","data":1}])");
}

TEST(ListenRead, RawGivesTheBytesOfTheData) {
  Driver run(listening("to: {any: [], until: 'length == 3'}, read: raw"));
  run.start();
  run.publish("a", R"({"x":1})");
  run.publish(json(R"({"specversion":"1.0","id":"1","source":"s","type":"a","data_base64":"AAE="})"));
  run.publish(json(R"({"specversion":"1.0","id":"2","source":"s","type":"a"})"));
  EXPECT_EQ(run.output(), R"(["eyJ4IjoxfQ==","AAE=",null])");
}

TEST(ListenRead, DataOfBytesGoesByTheContentType) {
  Driver run(listening("to: {any: [], until: 'length == 3'}"));
  run.start();
  for (const auto* type : {"application/cloud+json; charset=utf-8", "text/plain", "image/png"}) {
    run.publish(json(R"({"specversion":"1.0","id":"1","source":"s","type":"a","data_base64":"WzFd"})")
                    .with("datacontenttype", Value::string(type)));
  }
  EXPECT_EQ(run.output(), R"([[1],"[1]","WzFd"])");
}

// ---- correlation
// -------------------------------------------------------------------------------------------------------

TEST(Correlation, OnlyEventsWithTheExpectedValueMatch) {
  Driver run(listening("to: {one: {with: {type: a}, correlate: {order: {from: .data.order, expect: '${ .id }'}}}}"));
  run.start(json(R"({"id":7})"));
  EXPECT_EQ(run.publish("a", R"({"order":8})"), 0U);
  EXPECT_EQ(run.publish("a", R"({})"), 0U);
  EXPECT_EQ(run.publish("a", "3"), 0U) << "the expression fails on it";
  EXPECT_EQ(run.publish("a", R"({"order":7})"), 1U);
}

TEST(Correlation, NumbersAndTextGoByWhatIsWritten) {
  Driver run(listening("to: {one: {with: {type: a}, correlate: {order: {from: .data.order, expect: '7'}}}}"));
  run.start();
  EXPECT_EQ(run.publish("a", R"({"order":7.0})"), 1U);
}

TEST(Correlation, AnExpectationOfNothingIsAnError) {
  Driver run(listening("to: {one: {with: {type: a}, correlate: {order: {from: .x, expect: '${ .nowhere }'}}}}"));
  run.start();
  ASSERT_TRUE(run.state().problem);
  EXPECT_EQ(run.state().problem->title, "Nothing to correlate with");
}

TEST(Correlation, WithoutAnExpectationTheFirstValueCountsForAllFiltersOfThatName) {
  Driver run(
      listening("to: {all: [{with: {type: t}, correlate: {room: {from: .roomid}}}, {with: {type: h}, correlate: {room: "
                "{from: .roomid}}}]}"));
  run.start();
  const auto event = [&](const char* type, const char* room) {
    return json(R"({"specversion":"1.0","id":"1","source":"s"})")
        .with("type", Value::string(type))
        .with("roomid", Value::string(room))
        .with("data", Value::string(room));
  };
  EXPECT_EQ(run.publish(event("t", "1")), 1U);
  EXPECT_EQ(run.publish(event("h", "2")), 0U);
  EXPECT_EQ(run.publish(event("h", "1")), 1U);
  EXPECT_EQ(run.output(), R"(["1","1"])");
}

TEST(Correlation, TheEventThatEndsItMustCorrelateToo) {
  Driver run(
      listening("to: {any: [{with: {type: a}, correlate: {p: {from: .data.p}}}], until: {one: {with: {type: stop}, "
                "correlate: {p: {from: .data.p}}}}}"));
  run.start();
  run.publish("a", R"({"p":1})");
  run.publish("stop", R"({"p":2})");
  EXPECT_FALSE(run.state().ended());
  run.publish("stop", R"({"p":1})");
  EXPECT_EQ(run.output(), R"([{"p":1}])");
}

TEST(Correlation, FiltersMayExpectDifferentValuesOfOneName) {
  Driver run(listening(
      "to: {any: [{with: {type: a}, correlate: {id: {from: .data, expect: '1'}}}, {with: {type: b}, correlate: "
      "{id: {from: .data, expect: '2'}}}], until: 'length == 2'}"));
  run.start();
  EXPECT_EQ(run.publish("b", "1"), 0U);
  EXPECT_EQ(run.publish("b", "2"), 1U);
  EXPECT_EQ(run.publish("a", "2"), 0U);
  EXPECT_EQ(run.publish("a", "1"), 1U);
}

TEST(Correlation, KeysOfListenersAndOfEventsAgree) {
  Driver run(
      listening("to: {one: {with: {type: a}, correlate: {x: {from: .data.x, expect: '${ .x }'}, y: {from: .data.y, "
                "expect: '2'}}}}"));
  run.start(json(R"({"x":{"b":[1.0],"a":"1"}})"));
  const auto started = run.all<ListenStarted>();
  ASSERT_EQ(started.size(), 1U);
  const Subscription& one = started[0].subscriptions.at(0);
  EXPECT_EQ(one.filter, "/do/0/wait/listen/to/one");
  EXPECT_EQ(one.type, "a");
  const auto& program = run.machine().program();
  EXPECT_EQ(correlation_key(program, one.filter, json(R"({"data":{"x":{"a":1,"b":["1"]},"y":2}})")), one.key);
  EXPECT_NE(correlation_key(program, one.filter, json(R"({"data":{"x":{"a":1},"y":2}})")), one.key);
  EXPECT_EQ(correlation_key(program, one.filter, json(R"({"data":{"y":2}})")), std::nullopt);
}

TEST(Correlation, WhatReadsTheRunHasNoKey) {
  Driver run(listening("to: {one: {with: {type: a}, correlate: {x: {from: '.data[$input.member]', expect: '1'}}}}"));
  run.start(json(R"({"member":"m"})"));
  EXPECT_EQ(run.all<ListenStarted>().at(0).subscriptions.at(0).key, std::nullopt);
  EXPECT_EQ(run.publish("a", R"({"m":1})"), 1U);
}

RC_GTEST_PROP(Correlation, AnEventMatchesAKeyedListenerOnlyUnderItsKey, ()) {
  // The index of listeners goes by keys: it must never hide a match.
  const auto value = [] {
    return *rc::gen::element<std::string>("1", "\"1\"", "1.0", "true", "\"true\"", "[1]", "[\"1\"]",
                                          "{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":\"1\"}", "\"\"", "null",
                                          "12345678901234567890");
  };
  const std::string expected = value();
  const std::string actual = value();
  RC_PRE(expected != "null");
  Driver run(listening("to: {one: {with: {type: a}, correlate: {x: {from: .data.x, expect: '${ .x }'}}}}"));
  run.start(json("{\"x\":" + expected + "}"));
  const auto key = run.all<ListenStarted>().at(0).subscriptions.at(0).key;
  RC_ASSERT(key.has_value());
  const auto of_event =
      correlation_key(run.machine().program(), "/do/0/wait/listen/to/one", json("{\"data\":{\"x\":" + actual + "}}"));
  RC_ASSERT((run.publish("a", "{\"x\":" + actual + "}") == 1) == (of_event == key));
}

}  // namespace
}  // namespace cairn::tests
