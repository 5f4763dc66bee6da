#pragma once
// Admission: the one door through which every effect goes to its connector, first attempts, retries, those of children
// and those taken up again after a restart alike. It holds what waits, the slots and the token buckets.
//
// An effect is subject to the limit of effects under way in the process, to its connector's, and to those that its
// workflow and its task set, each perhaps by a key. It goes when none of them is in its way. What waits for one limit
// stands in that limit's own line, and is in nobody else's way; who goes first in a line says fair_line.h. (Where several
// limits meet, a lower priority that found all of them open may go before a higher one that stands in one of the lines.)
//
// Pure: no clock, no I/O, no threads; the same calls give the same answers. Each call costs O(log n), but for those that
// look at what waits (wait_of, limits). Memory: about 150 bytes an effect, and 1 KB a limit's key in use.
//
// Time is the caller's clock, of which only what passes counts: when it is set back, no time has passed; when it is set
// forward, a bucket gets no more than its burst, and who waits has aged.

#include "engine/runtime/fair_line.h"
#include "workflows/core/limits.h"
#include "workflows/core/time.h"

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn {

/// What a limit allows; nothing: anything.
struct Limit {
  std::optional<std::int64_t> concurrency;  ///< at once
  std::optional<RateLimit> rate;
  friend bool operator==(const Limit&, const Limit&) = default;
};

/// Which limit.
struct LimitName {
  enum class Scope : std::uint8_t {
    effects,  ///< of the process
    connector,
    workflow_concurrency,
    workflow_rate,
    task_concurrency,
    task_rate,
  };
  Scope scope = Scope::effects;
  std::string owner;  ///< the connector; "namespace/name" of the workflow; that and the task's reference
  std::string key;    ///< evaluated; empty: none
  friend auto operator<=>(const LimitName&, const LimitName&) = default;
};

/// "connector http", "workflow default/orders, key 'acme'"
std::string to_string(const LimitName& name);
/// "5 at once, 100 in PT1M (burst 10)"; "no limit"
std::string to_string(const Limit& limit);

/// What an effect brings to the door, besides its connector.
struct KeyedLimit {
  LimitName name;
  Limit limit;
};

/// The limits that do not come from definitions.
struct EffectLimits {
  std::int64_t effects = limits::k_effects_in_flight;  ///< under way at once, in this process; above 0
  std::map<std::string, Limit, std::less<>> connectors;
};

class Admission {
 public:
  /// An effect that waits or is under way, until release().
  enum class Ticket : std::uint64_t {};

  struct Request {
    RunId run;
    EventSeq effect{};
    std::string_view space;  ///< the workflow's namespace
    std::string_view connector;
    std::uint8_t priority = k_priority_usual;
    std::span<const KeyedLimit> limits;  ///< of workflow and task; what the last one says of a limit counts
  };
  struct Admitted {
    Ticket ticket{};
    RunId run;
    EventSeq effect{};
  };

  explicit Admission(const EffectLimits& limits);
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  Ticket enqueue(const Request& request, Timestamp now);
  /// The next one that may go, which has its slots and tokens from now on; nothing: nobody may, until something is
  /// released, a limit changes, or opens_at().
  std::optional<Admitted> next(Timestamp now);
  /// It is over, or is not wanted any more: gives back its slots, or its place.
  void release(Ticket ticket);
  /// Of one that waits. It keeps the time it has waited. One that is under way is left alone.
  void set_priority(Ticket ticket, std::uint8_t priority);

  /// What is under way goes on, also above a new limit.
  void set_effects(std::int64_t most);
  void set_connector(std::string_view connector, const Limit& limit);

  /// When a token comes for which something waits; nothing: next() need not be asked before something else happens.
  [[nodiscard]] std::optional<Timestamp> opens_at(Timestamp now);

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t under_way() const { return under_way_; }

  /// Of an effect that waits.
  struct Wait {
    LimitName name;  ///< the limit in its way; `effects` also when none is and its turn is about to come
    Limit limit;
    std::size_t used = 0;            ///< slots of that limit
    std::size_t ahead = 0;           ///< effects of its namespace that go first
    std::size_t waiting = 0;         ///< all that wait for that limit, itself included
    std::optional<Timestamp> opens;  ///< when the next token comes, if it is one that is missing
  };
  [[nodiscard]] Wait wait_of(Ticket ticket, Timestamp now);

  struct Use {
    LimitName name;
    Limit limit;
    std::size_t used = 0;
    std::size_t waiting = 0;  ///< effects that are subject to it and wait, for whatever
  };
  /// The process's first, then by name: all connectors that have a limit or were used, and keys in use.
  [[nodiscard]] std::vector<Use> limits(Timestamp now);

 private:
  using Gate = admission::Gate;
  using Lane = admission::Lane;
  using Item = admission::Item;
  using Gates = admission::Gates;

  struct LaneKey {
    admission::SpaceId space = 0;
    std::uint8_t priority = 0;
    Gates gates;
    friend bool operator==(const LaneKey&, const LaneKey&) = default;
  };
  struct LaneHash {
    std::size_t operator()(const LaneKey& key) const;
  };
  struct GateTime {
    bool operator()(const Gate* a, const Gate* b) const;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void tick(Timestamp now);
  [[nodiscard]] static Ticket ticket_of(std::size_t index, const Item& item);
  [[nodiscard]] Item& item_of(Ticket ticket);
  Gate& connector_gate(std::string_view connector);
  Gate& keyed_gate(const KeyedLimit& limit);
  Gate& new_gate(LimitName name, std::unique_ptr<Gate>& place);
  Lane& lane_of(admission::SpaceId space, std::uint8_t priority, const Gates& gates);
  void change(Gate& gate, const Limit& limit);
  /// Puts a waiting item into its lane, and takes it out.
  void put(Item& item, Lane& lane);
  void take(Item& item);
  /// Changes a lane's items, and with them its place.
  template <class Change>
  void reseat(Lane& lane, const Change& change);
  /// Where a lane with items belongs when it stands nowhere: in the line of the first gate that is closed, or at which
  /// others wait.
  void place(Lane& lane);
  void leave_line(Lane& lane);
  [[nodiscard]] bool is_open(Gate& gate) const;
  [[nodiscard]] Gate* first_closed(const Lane& lane) const;
  [[nodiscard]] static Gate* first_queued(const Lane& lane);
  /// Lets the next lane of its line try, or sees to it that this happens when its next token comes.
  void wake(Gate& gate);
  void admit(Lane& lane, Item& item);
  void drop_if_idle(Lane& lane);
  void drop_if_idle(Gate& gate);
  /// When tick() looks at the gate again.
  void set_alarm(Gate& gate, std::optional<std::int64_t> at);

  std::int64_t effects_;
  std::int64_t elapsed_ = 0;  ///< what has passed of the caller's clock
  std::optional<std::int64_t> last_now_;
  std::uint64_t next_order_ = 1;
  std::uint64_t next_serial_ = 1;
  std::size_t waiting_ = 0;
  std::size_t under_way_ = 0;

  std::unordered_map<std::string, admission::SpaceId, TextHash, std::equal_to<>> spaces_;
  std::map<std::string, std::unique_ptr<Gate>, std::less<>> connectors_;
  std::map<LimitName, std::unique_ptr<Gate>> keyed_;
  std::unordered_map<LaneKey, Lane, LaneHash> lanes_;
  admission::FairLine ready_;         ///< lanes that are not known to wait for a gate
  std::set<Gate*, GateTime> alarms_;  ///< gates with lanes, by when their next token comes
  std::set<Gate*, GateTime> idle_;    ///< gates without lanes, by when their bucket is full and they can be forgotten
  std::deque<Item> items_;
  std::vector<std::uint32_t> free_;
};

}  // namespace cairn
