#include "engine/log/record_codec.h"

#include "tests/engine/log/record_generator.h"
#include "workflows/value/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cairn {
namespace {

using testing::sample_events;
using testing::sample_stimuli;

std::string encoded(const Record& record) {
  std::string out;
  encode_record(record, out);
  return out;
}

Record sample_record() {
  Record record{EventSeq{7}, sample_stimuli()[0], sample_events()};
  return record;
}

void expect_same(const Record& a, const Record& b) {
  EXPECT_EQ(a.first, b.first);
  EXPECT_EQ(to_json(to_value(a.stimulus)), to_json(to_value(b.stimulus)));
  ASSERT_EQ(a.events.size(), b.events.size());
  for (std::size_t i = 0; i < a.events.size(); ++i) {
    EXPECT_EQ(name_of(a.events[i]), name_of(b.events[i]));
    EXPECT_EQ(to_json(to_value(a.events[i])), to_json(to_value(b.events[i])));
  }
}

TEST(RecordCodec, EveryKindOfEventIsAmongTheSamples) {
  std::set<std::size_t> kinds;
  for (const auto& event : sample_events()) kinds.insert(event.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<Event>);
  std::set<std::size_t> stimuli;
  for (const auto& stimulus : sample_stimuli()) stimuli.insert(stimulus.what.index());
  EXPECT_EQ(stimuli.size(), std::variant_size_v<decltype(Stimulus::what)>);
}

TEST(RecordCodec, EveryEventComesBackAsItWas) {
  for (const auto& event : sample_events()) {
    SCOPED_TRACE(name_of(event));
    const Record record{EventSeq{3}, sample_stimuli().back(), {event}};
    const auto decoded = decode_record(encoded(record));
    ASSERT_TRUE(decoded) << decoded.error().to_string();
    expect_same(decoded.value(), record);
  }
}

TEST(RecordCodec, EveryStimulusComesBackAsItWas) {
  for (const auto& stimulus : sample_stimuli()) {
    SCOPED_TRACE(name_of(stimulus));
    const Record record{EventSeq{3}, stimulus, {RunSuspended{}}};
    const auto decoded = decode_record(encoded(record));
    ASSERT_TRUE(decoded) << decoded.error().to_string();
    expect_same(decoded.value(), record);
  }
}

TEST(RecordCodec, TellsAbsentFromNull) {
  const Record record{
      EventSeq{1},
      sample_stimuli().back(),
      {TaskCompleted{EventSeq{1}, Value(), std::nullopt}, TaskCompleted{EventSeq{1}, Value(), Value()}}};
  const auto decoded = decode_record(encoded(record)).value();
  EXPECT_FALSE(std::get<TaskCompleted>(decoded.events[0]).context.has_value());
  ASSERT_TRUE(std::get<TaskCompleted>(decoded.events[1]).context.has_value());
  EXPECT_TRUE(std::get<TaskCompleted>(decoded.events[1]).context->is_null());
}

TEST(RecordCodec, KeepsTheSignOfZero) {
  const Record record{
      EventSeq{1}, sample_stimuli().back(), {RunCompleted{Value::number(0.0)}, RunCompleted{Value::number(-0.0)}}};
  const auto decoded = decode_record(encoded(record)).value();
  EXPECT_FALSE(std::signbit(std::get<RunCompleted>(decoded.events[0]).output.as_double()));
  EXPECT_TRUE(std::signbit(std::get<RunCompleted>(decoded.events[1]).output.as_double()));
}

TEST(RecordCodec, AValueThatRepeatsIsStoredOnce) {
  const std::string text(10'000, 'v');
  const Value shared = Value::string(text);
  const Record once{EventSeq{1}, sample_stimuli().back(), {RunCompleted{shared}}};
  Record often = once;
  for (int i = 0; i < 50; ++i) {
    often.events.emplace_back(RunCompleted{shared});               // the same storage
    often.events.emplace_back(RunCompleted{Value::string(text)});  // equal, in storage of its own
  }
  EXPECT_LT(encoded(often).size(), encoded(once).size() + 100 * 32);
  const auto decoded = decode_record(encoded(often)).value();
  EXPECT_EQ(std::get<RunCompleted>(decoded.events[100]).output.as_string(), text);
  EXPECT_TRUE(
      std::get<RunCompleted>(decoded.events[100]).output.same_as(std::get<RunCompleted>(decoded.events[0]).output));
}

TEST(RecordCodec, AMemberOrderOfItsOwnIsAValueOfItsOwn) {
  const Record record{
      EventSeq{1},
      sample_stimuli().back(),
      {RunCompleted{parse_json(R"({"a":1,"b":2})").value()}, RunCompleted{parse_json(R"({"b":2,"a":1})").value()}}};
  const auto decoded = decode_record(encoded(record)).value();
  EXPECT_EQ(to_json(std::get<RunCompleted>(decoded.events[0]).output), R"({"a":1,"b":2})");
  EXPECT_EQ(to_json(std::get<RunCompleted>(decoded.events[1]).output), R"({"b":2,"a":1})");
}

TEST(RecordCodec, TheSameRecordGivesTheSameBytesWhateverWasEncodedBefore) {
  const auto bytes = encoded(sample_record());
  Record large{EventSeq{1}, sample_stimuli()[0], {RunCompleted{Value::string(std::string(9u << 20, 'x'))}}};
  EXPECT_GT(encoded(large).size(), 9u << 20);
  EXPECT_EQ(encoded(sample_record()), bytes);
}

TEST(RecordCodec, AppendsToWhatIsThere) {
  std::string out = "before";
  encode_record(sample_record(), out);
  EXPECT_EQ(out, "before" + encoded(sample_record()));
}

TEST(RecordCodec, ReadsAtAnyAlignment) {
  const auto bytes = encoded(sample_record());
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const std::string moved = std::string(shift, ' ') + bytes;
    const auto decoded = decode_record(std::string_view(moved).substr(shift));
    ASSERT_TRUE(decoded) << shift;
    expect_same(decoded.value(), sample_record());
  }
}

TEST(RecordCodec, ACutRecordIsCorrupt) {
  const auto bytes = encoded(sample_record());
  for (std::size_t size = 0; size + 16 < bytes.size(); ++size) {
    const auto decoded = decode_record(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(decoded) << size;
    ASSERT_EQ(decoded.error().code, ErrorCode::corrupt);
  }
}

TEST(RecordCodec, AnyFlippedBitGivesARecordOrAnErrorAndNothingElse) {
  const auto bytes = encoded(sample_record());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      const auto decoded = decode_record(changed);
      if (!decoded) ++refused;
    }
  }
  EXPECT_GT(refused, bytes.size());
}

TEST(RecordCodec, ANewerFormatIsNamed) {
  // The format is the only 16-bit field of the root table, so the test finds it by changing what is 1 there.
  const auto bytes = encoded(sample_record());
  bool seen = false;
  for (std::size_t at = 0; at + 1 < bytes.size() && !seen; ++at) {
    if (bytes[at] != 1 || bytes[at + 1] != 0) continue;
    auto changed = bytes;
    changed[at] = 2;
    const auto decoded = decode_record(changed);
    seen = !decoded && decoded.error().code == ErrorCode::format_too_new;
    if (seen) EXPECT_NE(decoded.error().remedy, "");
  }
  EXPECT_TRUE(seen);
}

RC_GTEST_PROP(RecordCodecProperty, AnyRecordComesBackAsItWas, ()) {
  const auto record = *testing::any_record();
  const auto bytes = encoded(record);
  const auto decoded = decode_record(bytes);
  RC_ASSERT(decoded.has_value());
  // Encoding is one to one, so equal bytes say more than any comparison of members.
  RC_ASSERT(encoded(decoded.value()) == bytes);
  RC_ASSERT(decoded.value().events.size() == record.events.size());
  for (std::size_t i = 0; i < record.events.size(); ++i) {
    RC_ASSERT(to_value(decoded.value().events[i]) == to_value(record.events[i]));
  }
  RC_ASSERT(to_value(decoded.value().stimulus) == to_value(record.stimulus));
}

RC_GTEST_PROP(RecordCodecProperty, AnyBytesGiveARecordOrAnError, ()) {
  const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto decoded = decode_record(bytes);
  RC_ASSERT(decoded || decoded.error().code == ErrorCode::corrupt || decoded.error().code == ErrorCode::format_too_new);
}

}  // namespace
}  // namespace cairn
