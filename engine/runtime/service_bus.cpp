// Ops of the bus: publishing events, and telling what was published.

#include "engine/runtime/service_impl.h"
#include "workflows/cloudevents/formats.h"

#include <utility>

namespace cairn {
namespace {

/// What comes before the reader has to ask for more.
constexpr std::size_t k_page_messages = 256;
constexpr std::size_t k_page_bytes = std::size_t{1} << 20;

Value position_value(BusPosition position) { return Value::unsigned_integer(number_of(position)); }

Value event_message(const BusEvent& event) {
  std::vector<Member> members{{"position", position_value(event.position)},
                              {"time", Value::string(to_iso8601(event.at))},
                              {"event", event.event}};
  if (!event.emitter.is_nil()) members.push_back({"run", Value::string(event.emitter.to_string())});
  return Value::object({{"published", Value::object(std::move(members))}});
}

/// Answers until it goes.
class SendExchange final : public Exchange {
 public:
  explicit SendExchange(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}

 private:
  std::shared_ptr<Answer> answer_;
};

/// The bus, page by page from the log; the engine only says that there is more.
class BusStream final : public Exchange {
 public:
  struct Wish {
    BusPosition after{};
    std::string type;
    std::string source;
    std::optional<std::uint64_t> limit;
    bool follow = false;
  };
  BusStream(Service::Impl& service, Wish wish, Answer answer)
      : service_(service), wish_(std::move(wish)), answer_(std::move(answer)) {}

  void begin() {
    if (wish_.follow) watch_ = service_.engine.observe_bus([this] { go_on(); });
    go_on();
  }
  void more() override {
    messages_ = 0;
    bytes_ = 0;
    go_on();
  }

 private:
  [[nodiscard]] bool is_full() const { return messages_ >= k_page_messages || bytes_ >= k_page_bytes; }
  [[nodiscard]] bool is_wanted(const BusEvent& event) const {
    return (wish_.type.empty() || cloud_event_text(event.event, "type") == wish_.type) &&
           (wish_.source.empty() || cloud_event_text(event.event, "source") == wish_.source);
  }

  void go_on() {
    if (over_ || is_full() || telling_) return;
    telling_ = true;  // an answer may ask for more
    const auto read = service_.log().each_bus_event(wish_.after, [this](const BusEvent& event) {
      if (is_full() || wish_.limit == 0) return false;
      wish_.after = event.position;
      if (!is_wanted(event)) return true;
      if (wish_.limit) --*wish_.limit;
      ++messages_;
      bytes_ += event.event.approximate_bytes();
      answer_(event_message(event), false);
      return true;
    });
    telling_ = false;
    if (!read) return finish(error_message(read.error()));
    const bool all = wish_.limit == 0 || (!wish_.follow && !is_full());
    if (all) finish(Value::object(std::vector<Member>{}));
  }
  void finish(Value message) {
    over_ = true;
    watch_.reset();
    answer_(std::move(message), true);
  }

  Service::Impl& service_;
  Wish wish_;
  Answer answer_;
  std::unique_ptr<Observation> watch_;
  std::size_t messages_ = 0;
  std::size_t bytes_ = 0;
  bool telling_ = false;
  bool over_ = false;
};

}  // namespace

Result<std::vector<Value>> events_of(const Value& request) {
  const Value events = request.get("events");
  if (events.is_null()) return std::vector<Value>();
  if (!events.is_array()) {
    return make_error(ErrorCode::invalid_usage, "member 'events' of the request must be an array of events");
  }
  std::vector<Value> all;
  for (std::size_t i = 0; i < events.as_array().size(); ++i) {
    CAIRN_TRY(auto event, checked_cloud_event(events.as_array()[i], "event " + std::to_string(i + 1)));
    all.push_back(std::move(event));
  }
  return all;
}

Value published_view(const std::vector<Value>& events, const std::vector<PublishedEvent>& places) {
  Array all;
  for (std::size_t i = 0; i < places.size(); ++i) {
    all.push_back(Value::object({{"position", position_value(places[i].position)},
                                 {"existing", Value::boolean(places[i].existing)},
                                 {"source", events[i].get("source")},
                                 {"id", events[i].get("id")}}));
  }
  return Value::object({{"events", Value::array(std::move(all))}});
}

Service::Impl::Opened Service::Impl::send(const Value& request, const Answer& answer) {
  CAIRN_TRY(auto events, events_of(request));
  const auto shared = std::make_shared<Answer>(answer);
  auto sent = events;
  engine.publish(std::move(sent), [wanted = std::weak_ptr(shared), events = std::move(events)](const auto& places) {
    const auto told = wanted.lock();
    if (told == nullptr) return;
    (*told)(places ? published_view(events, places.value()) : error_message(places.error()), true);
  });
  return std::make_unique<SendExchange>(shared);
}

Service::Impl::Opened Service::Impl::bus(const Value& request, const Answer& answer) {
  BusStream::Wish wish;
  CAIRN_TRY(const auto after, optional_count(request, "after"));
  wish.after = BusPosition{after.value_or(0)};
  CAIRN_TRY(wish.type, optional_text(request, "type"));
  CAIRN_TRY(wish.source, optional_text(request, "source"));
  CAIRN_TRY(wish.limit, optional_count(request, "limit"));
  wish.follow = request.get("follow").truthy();
  auto stream = std::make_unique<BusStream>(*this, std::move(wish), answer);
  stream->begin();
  return stream;
}

}  // namespace cairn
