// Ops that tell the events of runs: events, follow.
//
// What a stream tells comes from the log, page by page; the engine only says that there is more. So a slow reader costs
// a page of memory and misses nothing (but live output, which is never recorded).

#include "engine/runtime/history.h"
#include "engine/runtime/service_impl.h"
#include "engine/runtime/service_views.h"

#include <utility>

namespace cairn {
namespace {

/// What comes before the reader has to ask for more.
constexpr std::size_t k_page_messages = 256;
constexpr std::size_t k_page_bytes = 1U << 20;

/// How much of a run is told.
enum class Telling : std::uint8_t {
  recorded,  ///< what is in the log now
  all,       ///< that, what is added until the run ends, and its end
  end_only,
};

/// The stream of one run. Lives in its exchange; told on the engine's thread.
class RunStream {
 public:
  /// `tell` passes a message on; the flag says that it is the stream's last.
  using Tell = std::function<void(Value message, bool last)>;

  RunStream(Service::Impl& service, const RunId& run, Telling telling, EventSeq from, Tell tell)
      : service_(service), run_(run), telling_(telling), from_(from), tell_(std::move(tell)) {}

  void begin() {
    if (telling_ != Telling::recorded) {
      RunObserver observer;
      observer.on_record = [this](const Record&) { on_news(); };
      observer.on_output = [this](const std::string& task, std::string_view stream, std::string_view text) {
        on_output(task, stream, text);
      };
      observer.on_end = [this](const RunState&) { on_news(); };
      observer.on_stop = [this](const Error& error) { finish(error_message(error)); };
      observation_ = service_.engine.observe(run_, std::move(observer));
    }
    go_on();
  }

  void more() {
    page_messages_ = 0;
    page_bytes_ = 0;
    if (behind_) go_on();
  }

  [[nodiscard]] bool over() const { return over_; }

 private:
  [[nodiscard]] bool page_full() const { return page_messages_ >= k_page_messages || page_bytes_ >= k_page_bytes; }

  void on_news() {
    if (over_) return;
    if (page_full()) {
      behind_ = true;
      return;
    }
    go_on();
  }

  void on_output(const std::string& task, std::string_view stream, std::string_view text) {
    if (over_ || telling_ != Telling::all || page_full()) return;
    page_bytes_ += text.size();
    tell(Value::object({{"output", Value::object({{"task", Value::string(task)},
                                                  {"stream", Value::string(std::string(stream))},
                                                  {"text", Value::string(std::string(text))}})}}));
  }

  /// Tells from the log until the page is full or there is no more.
  void go_on() {
    if (over_) return;
    behind_ = false;
    if (telling_ != Telling::end_only) {
      auto read = service_.log().read(run_, next_, [this](const Record& record) { return tell_record(record); });
      if (!read) {
        finish(error_message(read.error()));
        return;
      }
    }
    if (behind_) return;
    if (telling_ == Telling::recorded) {
      finish(Value::object(std::vector<Member>{}));
      return;
    }
    tell_end();
  }

  bool tell_record(const Record& record) {
    EventSeq number = record.first;
    for (const auto& event : record.events) {
      if (number >= next_) {
        if (page_full()) {
          behind_ = true;
          return false;
        }
        next_ = next_of(number);
        const EventLine line = teller_.tell(number, record.stimulus.now, event);
        if (number >= from_) {
          page_bytes_ += line.data.approximate_bytes();
          tell(Value::object({{"event", event_view(line)}}));
        }
      }
      number = next_of(number);
    }
    return true;
  }

  void tell_end() {
    const auto summary = service_.log().summary(run_);
    if (!summary) {
      finish(error_message(summary.error()));
      return;
    }
    if (!summary.value() || !summary.value()->ended_at) return;
    const auto state = fold_run(service_.log(), run_);
    if (!state) {
      finish(error_message(state.error()));
      return;
    }
    finish(Value::object({{"end", run_view(*summary.value(), state.value(), service_.engine.hosts(run_))}}));
  }

  void tell(const Value& message) {
    ++page_messages_;
    tell_(message.with("run", Value::string(run_.to_string())), false);
  }
  void finish(const Value& message) {
    if (over_) return;
    over_ = true;
    tell_(message.with("run", Value::string(run_.to_string())), true);
  }

  Service::Impl& service_;
  RunId run_;
  Telling telling_;
  EventSeq from_;
  Tell tell_;
  EventTeller teller_;
  EventSeq next_{1};
  std::size_t page_messages_ = 0;
  std::size_t page_bytes_ = 0;
  bool behind_ = false;
  bool over_ = false;
  std::unique_ptr<Observation> observation_;  // last: gone before what its callbacks use
};

/// Several runs at once; the last answer is the end of the last of them.
class StreamsExchange final : public Exchange {
 public:
  StreamsExchange(Service::Impl& service, const std::vector<RunId>& runs, Telling telling, EventSeq from, Answer answer)
      : answer_(std::move(answer)), open_(runs.size()) {
    for (const auto& run : runs) {
      streams_.push_back(std::make_unique<RunStream>(service, run, telling, from, [this](Value message, bool last) {
        if (last) --open_;
        answer_(std::move(message), open_ == 0);
      }));
    }
  }

  void begin() {
    for (const auto& stream : streams_) stream->begin();
  }
  void more() override {
    for (const auto& stream : streams_) {
      if (!stream->over()) stream->more();
    }
  }

 private:
  Answer answer_;
  std::size_t open_;
  std::vector<std::unique_ptr<RunStream>> streams_;
};

std::unique_ptr<Exchange> open_streams(Service::Impl& service, const std::vector<RunId>& runs, Telling telling,
                                       EventSeq from, const Answer& answer) {
  auto exchange = std::make_unique<StreamsExchange>(service, runs, telling, from, answer);
  exchange->begin();
  return exchange;
}

Result<Telling> telling_of(const Value& mode) {
  if (mode.is_string() && mode.as_string() == "end") return Telling::end_only;
  if (mode.is_bool()) return mode.as_bool() ? Telling::all : Telling::recorded;
  return make_error(ErrorCode::invalid_usage, "member 'follow' of the request must be true, false or \"end\"");
}

}  // namespace

Service::Impl::Opened Service::Impl::follow_runs(std::vector<RunId> runs, const Value& mode, EventSeq from,
                                                 const Answer& answer) {
  CAIRN_TRY(const auto telling, telling_of(mode));
  return open_streams(*this, runs, telling, from, answer);
}

Service::Impl::Opened Service::Impl::follow(const Value& request, const Answer& answer) {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto from, optional_count(request, "from"));
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  const Value* mode = request.find("follow");
  return follow_runs({run}, mode == nullptr ? Value::boolean(true) : *mode, EventSeq{from.value_or(1)}, answer);
}

Service::Impl::Opened Service::Impl::events(const Value& request, const Answer& answer) {
  CAIRN_TRY(const auto name, required_text(request, "run"));
  CAIRN_TRY(const auto from, optional_count(request, "from"));
  CAIRN_TRY(const auto run, resolve_run(log(), name));
  const Value* mode = request.find("follow");
  return follow_runs({run}, mode == nullptr ? Value::boolean(false) : *mode, EventSeq{from.value_or(1)}, answer);
}

}  // namespace cairn
