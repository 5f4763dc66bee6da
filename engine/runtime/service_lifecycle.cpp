// Ops of the lifecycle feed, and of sinks.

#include "engine/runtime/lifecycle_feed.h"
#include "engine/runtime/service_impl.h"
#include "engine/runtime/sinks.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

/// What comes before the reader has to ask for more.
constexpr std::size_t k_page_messages = 256;
constexpr std::size_t k_page_bytes = std::size_t{1} << 20;
/// Records that are looked at before others have their turn.
constexpr std::size_t k_looks_a_turn = 512;

constexpr std::string_view k_type_prefix = "io.serverlessworkflow.";
constexpr std::string_view k_type_version = ".v1";

/// "task.started", "task.*" and whole types, as patterns of types. invalid_usage: no type is like that.
Result<std::string> type_pattern(const std::string& words) {
  std::string pattern = words;
  if (!pattern.starts_with(k_type_prefix) && pattern != "*") pattern.insert(0, k_type_prefix);
  if (!pattern.ends_with('*') && !pattern.ends_with(k_type_version)) pattern += k_type_version;
  const auto& types = lifecycle_types();
  if (std::ranges::any_of(types, [&](std::string_view type) { return matches_any({pattern}, type); })) return pattern;
  std::string known;
  for (const auto type : types) {
    known += known.empty() ? "" : ", ";
    known += type.substr(k_type_prefix.size(), type.size() - k_type_prefix.size() - k_type_version.size());
  }
  return make_error(ErrorCode::invalid_usage, fmt::format("no lifecycle event is of type '{}'", words), {},
                    "There are " + known);
}

/// The feed, page by page from the log; the engine only says that there is more.
class LifecycleStream final : public Exchange {
 public:
  struct Wish {
    LifecycleFilter filter;
    LifecyclePosition after;
    std::optional<std::uint64_t> limit;
    bool follow = false;
  };
  LifecycleStream(Service::Impl& service, Wish wish, Answer answer)
      : service_(service),
        limit_(wish.limit),
        follow_(wish.follow),
        feed_(service.log(), std::move(wish.filter), wish.after),
        answer_(std::move(answer)) {}
  LifecycleStream(const LifecycleStream&) = delete;
  LifecycleStream& operator=(const LifecycleStream&) = delete;
  ~LifecycleStream() override { *alive_ = nullptr; }

  void begin() {
    if (follow_) watch_ = service_.engine.observe_feed([this] { go_on(); });
    go_on();
  }
  void more() override {
    messages_ = 0;
    bytes_ = 0;
    go_on();
  }

 private:
  void go_on() {
    if (over_ || telling_) return;
    telling_ = true;  // an answer may ask for more
    std::size_t budget = k_looks_a_turn;
    while (messages_ < k_page_messages && bytes_ < k_page_bytes && limit_ != 0) {
      auto item = feed_.next(budget);
      if (!item) {
        telling_ = false;
        return finish(error_message(item.error()));
      }
      if (!item.value()) {
        telling_ = false;
        if (budget == 0) return later();
        if (!follow_) finish(Value::object(std::vector<Member>{}));
        return;
      }
      tell(*item.value());
    }
    telling_ = false;
    if (limit_ == 0) finish(Value::object(std::vector<Member>{}));
  }
  void later() {
    if (std::exchange(posted_, true)) return;
    boost::asio::post(service_.io, [alive = alive_] {
      if (*alive == nullptr) return;
      (*alive)->posted_ = false;
      (*alive)->go_on();
    });
  }

  void tell(const LifecycleFeed::Item& item) {
    ++messages_;
    if (const auto* gap = std::get_if<LifecycleGap>(&item)) {
      answer_(Value::object({{"gap", Value::object({{"from", Value::unsigned_integer(number_of(gap->from))},
                                                    {"through", Value::unsigned_integer(number_of(gap->through))}})}}),
              false);
      return;
    }
    const auto& event = std::get<LifecycleEvent>(item);
    bytes_ += event.event.approximate_bytes();
    if (limit_) --*limit_;
    answer_(Value::object({{"lifecycle", Value::object({{"position", Value::string(to_string(event.at))},
                                                        {"run", Value::string(event.run.to_string())},
                                                        {"event", event.event}})}}),
            false);
  }
  void finish(Value message) {
    if (std::exchange(over_, true)) return;
    watch_.reset();
    answer_(std::move(message), true);
  }

  Service::Impl& service_;
  std::optional<std::uint64_t> limit_;
  bool follow_;
  LifecycleFeed feed_;
  Answer answer_;
  std::unique_ptr<Observation> watch_;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
  bool telling_ = false;
  bool posted_ = false;
  bool over_ = false;
  std::shared_ptr<LifecycleStream*> alive_ = std::make_shared<LifecycleStream*>(this);
};

Value time_view(const std::optional<Timestamp>& time) {
  return time ? Value::string(to_iso8601(*time)) : Value::null();
}

Value line_view(const SinkLine& line) {
  return Value::object({{"feed", Value::string(std::string(name_of(line.feed)))},
                        {"position", Value::string(line.cursor.position)},
                        {"behind", Value::unsigned_integer(line.behind)},
                        {"delivered", Value::unsigned_integer(line.cursor.delivered)},
                        {"skipped", Value::unsigned_integer(line.cursor.skipped)},
                        {"lastSkipped", line.cursor.last_skipped},
                        {"missed", Value::unsigned_integer(line.cursor.missed)},
                        {"failures", Value::unsigned_integer(line.failures)},
                        {"error", line.error.empty() ? Value::null() : Value::string(line.error)},
                        {"since", time_view(line.since)},
                        {"retryAt", time_view(line.retry_at)}});
}

Value sink_view(const SinkReport& report) {
  Array lines;
  std::string state = report.gone_at ? "gone" : report.hosted ? "delivering" : "waiting";
  for (const auto& line : report.lines) {
    lines.push_back(line_view(line));
    if (line.held) state = "held";
    if (line.failures > 0 && state != "held") state = "retrying";
  }
  return Value::object({{"sink", Value::string(report.name)},
                        {"destination", Value::string(report.destination)},
                        {"state", Value::string(state)},
                        {"goneSince", time_view(report.gone_at)},
                        {"feeds", Value::array(std::move(lines))}});
}

}  // namespace

Service::Impl::Opened Service::Impl::lifecycle(const Value& request, const Answer& answer) {
  LifecycleStream::Wish wish;
  CAIRN_TRY(const auto after, optional_text(request, "after"));
  CAIRN_TRY(const auto run, optional_text(request, "run"));
  CAIRN_TRY(const auto workflow, optional_text(request, "workflow"));
  CAIRN_TRY(const auto types, optional_texts(request, "types"));
  CAIRN_TRY(wish.limit, optional_count(request, "limit"));
  if (!run.empty()) {
    CAIRN_TRY(wish.filter.run, resolve_run(log(), run));
  }
  if (!workflow.empty()) wish.filter.workflows.push_back(workflow);
  for (const auto& type : types) {
    CAIRN_TRY(auto pattern, type_pattern(type));
    wish.filter.types.push_back(std::move(pattern));
  }
  if (!after.empty()) {
    const auto position = parse_lifecycle_position(after);
    if (!position) {
      return make_error(ErrorCode::invalid_usage, fmt::format("'{}' is no position of the feed", after), "after",
                        "A position is a number, or two with a dot between them: 4711, 4711.2");
    }
    wish.after = *position;
  }
  CAIRN_TRY(const auto ends, log().feed());
  if (wish.after.event > ends.head) {
    return make_error(ErrorCode::invalid_usage,
                      fmt::format("the feed has come to {}, and {} lies beyond", number_of(ends.head), after), "after",
                      "Is it a position of another data directory?");
  }
  wish.follow = request.get("follow").truthy();
  auto stream = std::make_unique<LifecycleStream>(*this, std::move(wish), answer);
  stream->begin();
  return stream;
}

Result<Value> Service::Impl::sinks() const {
  CAIRN_TRY(const auto reports, engine.sinks().list());
  Array all;
  for (const auto& report : reports) all.push_back(sink_view(report));
  return Value::object({{"sinks", Value::array(std::move(all))}});
}

}  // namespace cairn
