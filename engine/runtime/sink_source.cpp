#include "engine/runtime/sink_source.h"

#include "workflows/cloudevents/formats.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace cairn {
namespace {

/// Events of the bus that are read at once.
constexpr std::size_t k_page = 256;

class LifecycleSource final : public SinkSource {
 public:
  LifecycleSource(const EventLog& log, LifecycleFilter filter, LifecyclePosition after)
      : log_(log), feed_(log, std::move(filter), after) {}

  Result<std::optional<Item>> next(std::size_t& budget) override {
    CAIRN_TRY(auto item, feed_.next(budget));
    if (!item) return std::optional<Item>();
    if (const auto* gap = std::get_if<LifecycleGap>(&*item)) {
      return std::optional(
          Item{to_string(LifecyclePosition{gap->through}), {}, number_of(gap->through) - number_of(gap->from) + 1});
    }
    auto& event = std::get<LifecycleEvent>(*item);
    return std::optional(Item{to_string(event.at), std::move(event.event), 0});
  }
  [[nodiscard]] std::string position() const override { return to_string(feed_.position()); }
  [[nodiscard]] std::uint64_t behind(const std::string& position) const override {
    return cairn::behind(SinkFeed::lifecycle, log_, position);
  }

 private:
  const EventLog& log_;
  LifecycleFeed feed_;
};

class BusSource final : public SinkSource {
 public:
  BusSource(const EventLog& log, LifecycleFilter filter, BusPosition after)
      : log_(log), filter_(std::move(filter)), position_(after) {}

  Result<std::optional<Item>> next(std::size_t& budget) override {
    while (true) {
      if (ahead_.empty()) {
        CAIRN_TRY(log_.each_bus_event(position_, [this](const BusEvent& event) {
          ahead_.push_back(event);
          return ahead_.size() < k_page;
        }));
        if (ahead_.empty()) return std::optional<Item>();
      }
      if (const auto missed = number_of(ahead_.front().position) - number_of(position_) - 1; missed > 0) {
        position_ = BusPosition{number_of(position_) + missed};
        return std::optional(Item{position(), {}, missed});
      }
      if (budget == 0) return std::optional<Item>();
      --budget;
      CAIRN_TRY(const bool wanted, wants(ahead_.front()));
      BusEvent event = std::move(ahead_.front());
      ahead_.pop_front();
      position_ = event.position;
      if (wanted) return std::optional(Item{position(), std::move(event.event), 0});
    }
  }
  [[nodiscard]] std::string position() const override { return fmt::format("{}", number_of(position_)); }
  [[nodiscard]] std::uint64_t behind(const std::string& position) const override {
    return cairn::behind(SinkFeed::events, log_, position);
  }

 private:
  [[nodiscard]] Result<bool> wants(const BusEvent& event) const {
    if (!filter_.types.empty() && !matches_any(filter_.types, cloud_event_text(event.event, "type"))) return false;
    if (!filter_.wants_source(cloud_event_text(event.event, "source"))) return false;
    if (filter_.workflows.empty()) return true;
    if (event.emitter.is_nil()) return false;  // it came from outside, from no workflow
    CAIRN_TRY(const auto run, log_.summary(event.emitter));
    return run && filter_.wants_workflow(run->workflow);
  }

  const EventLog& log_;
  LifecycleFilter filter_;
  BusPosition position_;
  std::deque<BusEvent> ahead_;
};

Error no_position(const std::string& text) {
  return make_error(ErrorCode::corrupt, "'" + text + "' is no position", {}, "Run cairn log verify");
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t number = 0;
  const auto [rest, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (wrong != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string_view name_of(SinkFeed feed) { return feed == SinkFeed::lifecycle ? "lifecycle" : "events"; }

Result<std::unique_ptr<SinkSource>> make_sink_source(SinkFeed feed, const EventLog& log, LifecycleFilter filter,
                                                     const std::string& after) {
  if (feed == SinkFeed::lifecycle) {
    const auto position = parse_lifecycle_position(after);
    if (!position) return no_position(after);
    return std::unique_ptr<SinkSource>(std::make_unique<LifecycleSource>(log, std::move(filter), *position));
  }
  const auto position = number_in(after);
  if (!position) return no_position(after);
  return std::unique_ptr<SinkSource>(std::make_unique<BusSource>(log, std::move(filter), BusPosition{*position}));
}

std::string first_position(SinkFeed /*feed*/) { return "0"; }

Result<std::string> newest_position(SinkFeed feed, const EventLog& log) {
  if (feed == SinkFeed::lifecycle) {
    CAIRN_TRY(const auto ends, log.feed());
    return fmt::format("{}", number_of(ends.head));
  }
  CAIRN_TRY(const auto ends, log.bus());
  return fmt::format("{}", number_of(ends.head));
}

std::uint64_t behind(SinkFeed feed, const EventLog& log, const std::string& position) {
  const auto newest = newest_position(feed, log);
  const auto head = newest ? number_in(newest.value()) : std::nullopt;
  const auto at = number_in(position.substr(0, position.find('.')));
  if (!head || !at || *at > *head) return 0;
  return *head - *at + (position.find('.') == std::string::npos ? 0 : 1);
}

}  // namespace cairn
