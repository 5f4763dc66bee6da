// Which sinks there are, when their lanes have a turn, and keeping how far they have come.

#include "engine/runtime/sinks.h"

#include "engine/runtime/hosting.h"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// What is kept of a sink that is gone goes, too.
constexpr std::int64_t k_gone_for_good_ms = std::int64_t{30} * 86'400'000;

/// A clock that was put back must not make anybody wait for what was to come soon.
bool is_due(Timestamp due, Timestamp now, std::int64_t at_most_ms) {
  return due <= now || due.ms - now.ms > at_most_ms;
}

}  // namespace

Result<std::map<std::string, SinkState>> Sinks::load() const {
  std::map<std::string, SinkState> known;
  Result<void> readable = success();
  CAIRN_TRY(engine_.log.each_sink([&](const SinkRow& row) {
    auto state = sink_state_of(row);
    if (state) {
      known.emplace(row.name, std::move(state).value());
    } else {
      readable = std::move(state).error();
    }
    return readable.has_value();
  }));
  CAIRN_TRY(std::move(readable));
  for (const auto& [name, sink] : sinks_) known.insert_or_assign(name, sink.state);
  return known;
}

Result<Sinks::Sink> Sinks::begin(SinkOptions options, const std::map<std::string, SinkState>& known) const {
  Sink sink;
  if (const auto before = known.find(options.name); before != known.end()) sink.state = before->second;
  const SinkState before = sink.state;
  sink.state.gone_at.reset();
  sink.state.destination = options.sender->destination();
  for (const auto feed : options.feeds) {
    if (!sink.state.feeds.contains(feed)) {
      CAIRN_TRY(const auto newest, newest_position(feed, engine_.log));
      sink.state.feeds[feed].position = options.from_beginning ? first_position(feed) : newest;
    }
    Lane lane;
    lane.feed = feed;
    lane.more = true;
    auto source = make_sink_source(feed, engine_.log, options.filter, sink.state.feeds[feed].position);
    if (!source) {
      source.error().where = "sink " + options.name;
      return std::move(source).error();
    }
    lane.source = std::move(source).value();
    sink.lanes.push_back(std::move(lane));
  }
  sink.dirty = to_value(sink.state) != to_value(before);
  sink.begun = !sink.dirty;
  sink.options = std::move(options);
  return sink;
}

Result<void> Sinks::host(std::vector<SinkOptions> sinks) {
  if (engine_.stopped) return *engine_.stopped;
  CAIRN_TRY(const auto known, load());
  std::map<std::string, Sink> hosted;
  for (auto& options : sinks) {
    const std::string name = options.name;
    if (hosted.contains(name)) {
      return make_error(ErrorCode::invalid_configuration, "there are two sinks of this name", "sink " + name);
    }
    CAIRN_TRY(auto sink, begin(std::move(options), known));
    hosted.emplace(name, std::move(sink));
  }
  AppendBatch gone;
  const Timestamp now = engine_.clock.now();
  for (const auto& [name, state] : known) {
    if (hosted.contains(name)) continue;
    SinkState left = state;
    if (!left.gone_at) {
      left.gone_at = now;
      gone.sinks.push_back({name, to_value(left)});
    } else if (now.ms - left.gone_at->ms > k_gone_for_good_ms) {
      gone.sinks.push_back({name, Value::null()});
    }
  }
  if (!gone.sinks.empty()) engine_.submit(std::move(gone), {});
  sinks_ = std::move(hosted);
  watches_.clear();
  if (!sinks_.empty()) {
    const auto look = [this] {
      for (auto& [name, sink] : sinks_) {
        for (auto& lane : sink.lanes) lane.more = true;
      }
      wake();
    };
    watches_.push_back(engine_.feed_watchers.add(look));
  }
  write();  // where new ones begin, before anything is sent
  wake();
  return success();
}

void Sinks::wake() {
  if (turning_ || halted_ || sinks_.empty()) return;
  turning_ = true;
  boost::asio::post(engine_.io, [alive = self_] {
    if (*alive == nullptr) return;
    Sinks& sinks = **alive;
    sinks.turning_ = false;
    sinks.turn();
    sinks.engine_.wait_for_next_timer();
  });
}

std::optional<Timestamp> Sinks::next() const {
  if (engine_.stopped) return std::nullopt;
  std::optional<Timestamp> due = give_up_at_;
  const auto also = [&due](Timestamp time) { due = std::min(due.value_or(time), time); };
  bool dirty = false;
  for (const auto& [name, sink] : sinks_) {
    dirty = dirty || sink.dirty;
    for (const auto& lane : sink.lanes) {
      if (lane.retry_at && !lane.sending && !halted_) also(*lane.retry_at);
    }
  }
  if (dirty && !writing_) also(written_at_ ? Timestamp{written_at_->ms + k_cursor_every_ms} : engine_.clock.now());
  return due;
}

void Sinks::turn() {
  if (engine_.stopped) return;
  const Timestamp now = engine_.clock.now();
  for (auto& [name, sink] : sinks_) {
    for (auto& lane : sink.lanes) {
      if (halted_ && give_up_at_ && is_due(*give_up_at_, now, k_last_answer_ms)) lane.sending.reset();
      if (lane.retry_at && is_due(*lane.retry_at, now, k_longest_asked_ms)) lane.retry_at.reset();
      if (!halted_) advance(sink, lane);
    }
  }
  if (give_up_at_ && is_due(*give_up_at_, now, k_last_answer_ms)) give_up_at_.reset();
  const bool time = !written_at_ || is_due(Timestamp{written_at_->ms + k_cursor_every_ms}, now, k_cursor_every_ms);
  if (time || halted_) write();
}

std::vector<SinkRow> Sinks::rows_to_write() {
  std::vector<SinkRow> rows;
  for (auto& [name, sink] : sinks_) {
    if (std::exchange(sink.dirty, false)) rows.push_back({name, to_value(sink.state)});
  }
  return rows;
}

void Sinks::write() {
  if (writing_ || engine_.stopped || engine_.committer->trouble()) return;
  AppendBatch batch;
  batch.sinks = rows_to_write();
  if (batch.sinks.empty()) return;
  writing_ = true;
  written_at_ = engine_.clock.now();
  std::vector<std::string> written;
  for (const auto& row : batch.sinks) written.push_back(row.name);
  engine_.submit(std::move(batch), [alive = self_, written = std::move(written)](const std::optional<Error>& error) {
    if (*alive == nullptr || error) return;
    Sinks& sinks = **alive;
    sinks.writing_ = false;
    for (const auto& name : written) {
      if (const auto sink = sinks.sinks_.find(name); sink != sinks.sinks_.end()) sink->second.begun = true;
    }
    if (sinks.halted_) return sinks.write();
    sinks.wake();
  });
}

void Sinks::halt() {
  if (halted_) return;
  halted_ = true;
  watches_.clear();
  const bool sends = std::ranges::any_of(sinks_, [](const auto& sink) {
    return std::ranges::any_of(sink.second.lanes, [](const Lane& lane) { return lane.sending != nullptr; });
  });
  if (sends) give_up_at_ = Timestamp{engine_.clock.now().ms + k_last_answer_ms};
  write();
  engine_.wait_for_next_timer();
}

bool Sinks::drained() const {
  if (writing_) return false;
  return std::ranges::none_of(sinks_, [](const auto& sink) {
    return sink.second.dirty ||
           std::ranges::any_of(sink.second.lanes, [](const Lane& lane) { return lane.sending != nullptr; });
  });
}

SinkLine Sinks::line_of(const Sink& sink, const Lane& lane) {
  SinkLine line;
  line.feed = lane.feed;
  line.cursor = sink.state.feeds.at(lane.feed);
  line.behind = lane.source->behind(line.cursor.position);
  line.failures = lane.failures;
  line.error = lane.error;
  line.since = lane.since;
  line.retry_at = lane.retry_at;
  line.held = lane.held;
  return line;
}

Result<std::vector<SinkReport>> Sinks::list() const {
  CAIRN_TRY(const auto known, load());
  std::vector<SinkReport> reports;
  for (const auto& [name, state] : known) {
    SinkReport report{name, state.destination, false, state.gone_at, {}};
    if (const auto hosted = sinks_.find(name); hosted != sinks_.end()) {
      report.hosted = true;
      for (const auto& lane : hosted->second.lanes) report.lines.push_back(line_of(hosted->second, lane));
    } else {
      for (const auto& [feed, cursor] : state.feeds) {
        SinkLine line;
        line.feed = feed;
        line.cursor = cursor;
        line.behind = behind(feed, engine_.log, cursor.position);
        report.lines.push_back(std::move(line));
      }
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace cairn
