#pragma once
// Sinks: sends lifecycle events and published events to receivers outside, and answers for it. Of the engine's thread.
//
// Each sink has one or two lanes, one a feed. A lane reads its feed from the log, sends what is wanted in order, and goes on when the receiver has taken
// it: at least once, in order, by one send at a time. What fails is sent again, after a while that doubles from half a second to a minute
// (with jitter), or as long as the receiver asks for; nothing overtakes it. What the receiver refuses for good is tried k_refusals times; then it is
// skipped, which is recorded with the sink and told, or held for an operator when the sink says so. A lane that fails costs the others nothing, and
// runs nothing at all: feeds are in the log.
//
// Positions are kept in the log (sink_state.h). A sink that is new begins now, or with the oldest that is kept; one that is not among the hosted any more
// is told as gone, goes on where it stood when it comes back, and is forgotten after thirty days.

#include "engine/effects/event_sender.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/sink_state.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace cairn {

/// Sends of an event that is refused.
inline constexpr int k_refusals = 3;
/// Waits between sends that fail: doubled from the first to the last, of which at least half is waited.
inline constexpr std::int64_t k_first_pause_ms = 1'000;
inline constexpr std::int64_t k_longest_pause_ms = 60'000;
/// A receiver that asks for more gets this.
inline constexpr std::int64_t k_longest_asked_ms = 3'600'000;
/// Events of one send, together, unless one alone is larger.
inline constexpr std::size_t k_sent_bytes = std::size_t{1} << 20;
/// Between two writings of a position.
inline constexpr std::int64_t k_cursor_every_ms = 1'000;
/// In the end, how long what was sent may take to be answered; then it is sent again by the next process.
inline constexpr std::int64_t k_last_answer_ms = 2'000;

struct SinkOptions {
  std::string name;
  std::set<SinkFeed> feeds;
  LifecycleFilter filter;               ///< `run` is not looked at
  bool from_beginning = false;          ///< of a sink that is new
  bool holds_refused = false;           ///< waits for an operator instead of skipping
  std::shared_ptr<EventSender> sender;  ///< of this sink alone; called for both feeds, a send of each at a time
};

/// A feed of a sink as it stands.
struct SinkLine {
  SinkFeed feed = SinkFeed::lifecycle;
  SinkCursor cursor;                  ///< of everything that was taken, as far as this process knows
  std::uint64_t behind = 0;           ///< SinkSource::behind
  std::uint32_t failures = 0;         ///< sends that failed one after the other
  std::string error;                  ///< of the last; empty: it did not fail
  std::optional<Timestamp> since;     ///< the first of them
  std::optional<Timestamp> retry_at;  ///< when it is sent again
  bool held = false;                  ///< the receiver refuses it, and the sink holds what is refused
};
struct SinkReport {
  std::string name;
  std::string destination;
  bool hosted = false;
  std::optional<Timestamp> gone_at;
  std::vector<SinkLine> lines;
};

class Sinks {
 public:
  explicit Sinks(Engine::Impl& engine) : engine_(engine) {}
  Sinks(const Sinks&) = delete;
  Sinks& operator=(const Sinks&) = delete;
  ~Sinks() { *self_ = nullptr; }

  /// From now on sends to these, and to no others. invalid_configuration: two have one name. On an error everything stays as it was.
  Result<void> host(std::vector<SinkOptions> sinks);
  /// Sends nothing any more, and writes how far it has come.
  void halt();
  /// After halt(): nothing is on its way, and positions are durable.
  [[nodiscard]] bool drained() const;
  [[nodiscard]] std::size_t hosted() const { return sinks_.size(); }

  /// When turn() has something to do.
  [[nodiscard]] std::optional<Timestamp> next() const;
  void turn();

  /// By name; those that are not hosted, too.
  [[nodiscard]] Result<std::vector<SinkReport>> list() const;

 private:
  /// One feed of a sink.
  struct Lane {
    SinkFeed feed = SinkFeed::lifecycle;
    std::unique_ptr<SinkSource> source;
    std::deque<SinkSource::Item> batch;  ///< read, and not known to be taken
    std::unique_ptr<Sending> sending;
    std::size_t singly = 0;  ///< so many are sent one at a time, to find the one that is refused
    int refusals = 0;        ///< of the first of the batch
    bool more = false;       ///< there may be more to read
    bool held = false;
    std::uint32_t failures = 0;
    std::string error;
    std::optional<Timestamp> since;
    std::optional<Timestamp> retry_at;
  };
  struct Sink {
    SinkOptions options;
    SinkState state;  ///< of everything that was taken
    std::vector<Lane> lanes;
    bool dirty = false;  ///< `state` is to be written
    bool begun = true;   ///< the log knows where it begins: before that nothing is sent, lest a crash begin elsewhere
  };

  // sinks.cpp
  Result<std::map<std::string, SinkState>> load() const;
  Result<Sink> begin(SinkOptions options, const std::map<std::string, SinkState>& known) const;
  void wake();
  void write();
  [[nodiscard]] std::vector<SinkRow> rows_to_write();
  [[nodiscard]] static SinkLine line_of(const Sink& sink, const Lane& lane);

  // sink_lane.cpp
  void advance(Sink& sink, Lane& lane);
  /// False: there is nothing to send.
  bool fill(Sink& sink, Lane& lane);
  void pass_over_gap(Sink& sink, const Lane& lane, const SinkSource::Item& gap) const;
  void send(Sink& sink, Lane& lane);
  void answered(const std::string& name, SinkFeed feed, std::size_t sent, const SendResult& result);
  void took(Sink& sink, Lane& lane, std::size_t count);
  void refused(Sink& sink, Lane& lane, const SendResult& result);
  void fails(const Sink& sink, Lane& lane, const std::string& why, std::optional<std::int64_t> asked_ms);
  static void recovers(const Sink& sink, Lane& lane);

  Engine::Impl& engine_;
  std::map<std::string, Sink> sinks_;
  std::vector<std::unique_ptr<Observation>> watches_;
  bool halted_ = false;
  bool turning_ = false;  ///< a turn is posted
  bool writing_ = false;  ///< rows are on their way to the log
  std::optional<Timestamp> written_at_;
  std::optional<Timestamp> give_up_at_;  ///< after halt(): what is on its way then, is given up
  std::shared_ptr<Sinks*> self_ = std::make_shared<Sinks*>(this);  ///< what is posted holds: empty once this is gone
};

}  // namespace cairn
