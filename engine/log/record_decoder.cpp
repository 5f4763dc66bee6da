#include "engine/log/record_codec.h"
#include "engine/log/schema.h"
#include "workflows/value/codec.h"

#include <fmt/format.h>

#include <utility>
#include <variant>
#include <vector>

namespace cairn {
namespace {

Error corrupt(std::string message) { return make_error(ErrorCode::corrupt, std::move(message)); }

/// Reads tables of a verified buffer. Offsets are known to lie inside it; numbers may still be anything, so every index and
/// enum is checked here. The first failure is kept; what is read after it is of no use.
class Decoder {
 public:
  explicit Decoder(const fb::Record& root) : root_(root) {}

  Result<Record> decode() {
    if (root_.format() == 0) return corrupt("no format version");
    if (root_.format() > k_record_format) {
      return make_error(
          ErrorCode::format_too_new,
          fmt::format("a record of format {}; this version reads up to {}", root_.format(), k_record_format), {},
          "use the version of cairn that wrote it, or a newer one");
    }
    CAIRN_TRY(read_values());
    Record record;
    record.first = EventSeq{root_.first()};
    record.stimulus.now = Timestamp{root_.time_ms()};
    record.stimulus.entropy = root_.entropy();
    record.stimulus.brief = root_.brief();
    read_stimulus(record.stimulus);
    read_events(record.events);
    if (failure_) return std::move(*failure_);
    return record;
  }

 private:
  void fail(std::string message) {
    if (!failure_) failure_ = corrupt(std::move(message));
  }

  Result<void> read_values() {
    const auto* bytes = root_.values();
    const auto* ends = root_.value_ends();
    if (bytes == nullptr || ends == nullptr) return corrupt("no value table");
    const std::string_view all(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    std::size_t begin = 0;
    values_.reserve(std::min<std::size_t>(ends->size(), all.size()));  // an entry takes a byte at least
    for (const std::uint32_t end : *ends) {
      if (end <= begin || end > all.size())
        return corrupt(fmt::format("value {} has no place in the table", values_.size() + 1));
      auto value = decode_value(all.substr(begin, end - begin));
      if (!value) return corrupt(fmt::format("value {}: {}", values_.size() + 1, value.error().message));
      values_.push_back(std::move(value).value());
      begin = end;
    }
    if (begin != all.size()) return corrupt("bytes after the last value");
    return success();
  }

  Value value(std::uint32_t number) {
    if (number == 0) return {};
    if (number > values_.size()) {
      fail(fmt::format("value {} of {}", number, values_.size()));
      return {};
    }
    return values_[number - 1];
  }
  std::optional<Value> value(flatbuffers::Optional<std::uint32_t> number) {
    if (!number) return std::nullopt;
    return value(*number);
  }
  template <class T>
  static std::optional<T> optional(flatbuffers::Optional<T> value) {
    return value ? std::optional<T>(*value) : std::nullopt;
  }
  std::string string(const flatbuffers::String* text) {
    if (text == nullptr) return {};
    string_bytes_ += text->size();
    if (string_bytes_ > k_record_string_bytes) {
      fail("strings of more bytes than a record may hold");
      return {};
    }
    return text->str();
  }
  template <class Enum, class Stored>
  Enum enumerator(Stored stored, Stored last, std::string_view what) {
    if (stored > last) fail(fmt::format("{} {}", what, static_cast<int>(stored)));
    return static_cast<Enum>(stored);
  }
  Value keys(std::uint32_t number) {
    Value keys = value(number);
    if (!keys.is_null() && !keys.is_object()) fail("keys of limits that are no object");
    return keys;
  }
  Value metadata(std::uint32_t number) {
    Value metadata = value(number);
    if (!metadata.is_null() && !metadata.is_object()) fail("metadata that is no object");
    return metadata;
  }
  Value extensions(std::uint32_t number) {
    Value extensions = value(number);
    if (!extensions.is_null() && !extensions.is_array()) fail("extensions of a task that are no list");
    return extensions;
  }
  std::uint8_t priority(std::uint8_t stored) {
    if (stored > k_priority_most) fail(fmt::format("priority {}", stored));
    return stored;
  }
  WorkflowIdentity identity(const fb::Identity* id) {
    if (id == nullptr) return {};
    return {string(id->space()), string(id->name()), string(id->version())};
  }
  Problem problem(const fb::Problem* stored) {
    Problem out;
    if (stored == nullptr) {
      fail("no problem where one belongs");
      return out;
    }
    out.type = string(stored->type());
    out.status = stored->status();
    out.title = string(stored->title());
    out.detail = string(stored->detail());
    out.instance = string(stored->instance());
    return out;
  }
  std::optional<ParentLink> parent(const fb::ParentLink* link) {
    if (link == nullptr) return std::nullopt;
    return ParentLink{from_fb(link->run()), EventSeq{link->frame()}, link->depth(), link->awaited(),
                      link->after_fault()};
  }
  template <class Table>
  std::variant<Value, Problem> outcome(const Table& stored) {
    if (stored.value().has_value() == (stored.problem() != nullptr)) {
      fail("an outcome that is not one of value and problem");
      return Value();
    }
    if (stored.problem() != nullptr) return problem(stored.problem());
    return value(*stored.value());
  }

  void read_stimulus(Stimulus& out) {
    if (root_.stimulus() == nullptr) return fail("no stimulus");
    switch (root_.stimulus_type()) {
      case fb::Stimulus::StartRun: out.what = read(*root_.stimulus_as_StartRun()); return;
      case fb::Stimulus::EffectFinished: out.what = read(*root_.stimulus_as_EffectFinished()); return;
      case fb::Stimulus::EffectLost: out.what = EffectLost{EventSeq{root_.stimulus_as_EffectLost()->effect()}}; return;
      case fb::Stimulus::TimerDue: out.what = TimerDue{EventSeq{root_.stimulus_as_TimerDue()->timer()}}; return;
      case fb::Stimulus::ChildFinished: out.what = read(*root_.stimulus_as_ChildFinished()); return;
      case fb::Stimulus::OperatorCommand: out.what = read(*root_.stimulus_as_OperatorCommand()); return;
      case fb::Stimulus::GoOn: out.what = GoOn{}; return;
      case fb::Stimulus::EventArrived: out.what = read(*root_.stimulus_as_EventArrived()); return;
      case fb::Stimulus::AnswerApproval: out.what = read(*root_.stimulus_as_AnswerApproval()); return;
      case fb::Stimulus::NONE: break;
    }
    fail(fmt::format("stimulus of unknown kind {}", static_cast<int>(root_.stimulus_type())));
  }
  StartRun read(const fb::StartRun& s) {
    return {from_fb(s.run()),   value(s.input()),      string(s.key()), s.priority(),
            parent(s.parent()), from_fb(s.retry_of()), s.bus(),         metadata(s.metadata())};
  }
  EventArrived read(const fb::EventArrived& s) { return {EventSeq{s.listen()}, s.position(), value(s.event())}; }
  AnswerApproval read(const fb::AnswerApproval& s) {
    return {EventSeq{s.approval()}, s.approved(), value(s.answer()), string(s.by())};
  }
  EffectFinished read(const fb::EffectFinished& s) { return {EventSeq{s.effect()}, outcome(s)}; }
  ChildFinished read(const fb::ChildFinished& s) { return {from_fb(s.child()), outcome(s)}; }
  OperatorCommand read(const fb::OperatorCommand& s) {
    return {enumerator<OperatorCommand::Kind>(s.kind(), fb::Command::MAX, "command"), string(s.reason()),
            priority(s.priority())};
  }

  void read_events(std::vector<Event>& out) {
    const auto* kinds = root_.events_type();
    const auto* events = root_.events();
    if (kinds == nullptr || events == nullptr) return fail("no events");
    if (kinds->size() > k_record_events) return fail(fmt::format("{} events", kinds->size()));
    out.reserve(kinds->size());
    for (flatbuffers::uoffset_t i = 0; i < kinds->size() && !failure_; ++i) {
      read_event(kinds->GetEnum<fb::Event>(i), events->Get(i), out);
      if (failure_) failure_->message = fmt::format("event {} of the record: {}", i + 1, failure_->message);
    }
  }

  void read_event(fb::Event kind, const void* table, std::vector<Event>& out) {
    switch (kind) {
#define CAIRN_READ(name) \
  case fb::Event::name: out.emplace_back(read(*static_cast<const fb::name*>(table))); return
      CAIRN_READ(RunStarted);
      CAIRN_READ(RunSuspended);
      CAIRN_READ(RunContinued);
      CAIRN_READ(RunCompleted);
      CAIRN_READ(RunFaulted);
      CAIRN_READ(RunCancelled);
      CAIRN_READ(CommandRefused);
      CAIRN_READ(Yielded);
      CAIRN_READ(TaskStarted);
      CAIRN_READ(TaskSkipped);
      CAIRN_READ(TaskCompleted);
      CAIRN_READ(TaskFaulted);
      CAIRN_READ(TaskCancelled);
      CAIRN_READ(LoopStarted);
      CAIRN_READ(IterationStarted);
      CAIRN_READ(ErrorCaught);
      CAIRN_READ(AttemptStarted);
      CAIRN_READ(TimerStarted);
      CAIRN_READ(TimerFired);
      CAIRN_READ(EffectScheduled);
      CAIRN_READ(EffectCompleted);
      CAIRN_READ(EffectFailed);
      CAIRN_READ(EventEmitted);
      CAIRN_READ(ChildStarted);
      CAIRN_READ(ChildCompleted);
      CAIRN_READ(ChildFailed);
      CAIRN_READ(PriorityChanged);
      CAIRN_READ(ListenStarted);
      CAIRN_READ(EventConsumed);
      CAIRN_READ(ItemCompleted);
      CAIRN_READ(ListenClosed);
      CAIRN_READ(AfterStarted);
      CAIRN_READ(ApprovalRequested);
      CAIRN_READ(ApprovalAnswered);
#undef CAIRN_READ
      case fb::Event::NONE: break;
    }
    fail(fmt::format("unknown kind {}", static_cast<int>(kind)));
  }

  RunStarted read(const fb::RunStarted& e) {
    return {identity(e.workflow()), from_fb(e.definition()), value(e.input()),
            value(e.data()),        string(e.key()),         e.priority(),
            parent(e.parent()),     keys(e.limit_keys()),    from_fb(e.retry_of()),
            e.events_after(),       metadata(e.metadata())};
  }
  RunSuspended read(const fb::RunSuspended&) { return {}; }
  RunContinued read(const fb::RunContinued&) { return {}; }
  RunCompleted read(const fb::RunCompleted& e) { return {value(e.output())}; }
  RunFaulted read(const fb::RunFaulted& e) { return {problem(e.problem())}; }
  RunCancelled read(const fb::RunCancelled& e) { return {string(e.reason())}; }
  CommandRefused read(const fb::CommandRefused& e) { return {string(e.command()), string(e.reason())}; }
  Yielded read(const fb::Yielded& e) { return {value(e.work())}; }
  TaskStarted read(const fb::TaskStarted& e) {
    return {string(e.task()), string(e.kind()),     EventSeq{e.parent()},      value(e.raw_input()),
            value(e.input()), optional(e.branch()), extensions(e.extensions())};
  }
  AfterStarted read(const fb::AfterStarted& e) {
    return {EventSeq{e.frame()}, value(e.raw_output()), value(e.output()), value(e.context()), string(e.then())};
  }
  TaskSkipped read(const fb::TaskSkipped& e) {
    return {string(e.task()), EventSeq{e.parent()}, value(e.input()), optional(e.branch())};
  }
  TaskCompleted read(const fb::TaskCompleted& e) {
    return {EventSeq{e.frame()}, value(e.output()), value(e.context())};
  }
  TaskFaulted read(const fb::TaskFaulted& e) { return {EventSeq{e.frame()}, problem(e.problem())}; }
  TaskCancelled read(const fb::TaskCancelled& e) { return {EventSeq{e.frame()}}; }
  LoopStarted read(const fb::LoopStarted& e) { return {EventSeq{e.frame()}, value(e.items())}; }
  IterationStarted read(const fb::IterationStarted& e) { return {EventSeq{e.frame()}, e.index()}; }
  ErrorCaught read(const fb::ErrorCaught& e) {
    return {EventSeq{e.frame()}, problem(e.problem()), e.attempt(),
            enumerator<ErrorCaught::Handling>(e.handling(), fb::Handling::MAX, "handling")};
  }
  AttemptStarted read(const fb::AttemptStarted& e) { return {EventSeq{e.frame()}, e.attempt()}; }
  TimerStarted read(const fb::TimerStarted& e) {
    return {EventSeq{e.frame()}, enumerator<TimerStarted::Purpose>(e.purpose(), fb::Purpose::MAX, "purpose"),
            Timestamp{e.due_ms()}};
  }
  TimerFired read(const fb::TimerFired& e) { return {EventSeq{e.timer()}}; }
  EffectScheduled read(const fb::EffectScheduled& e) {
    return {EventSeq{e.frame()}, string(e.task()),  string(e.connector()), value(e.request()),  e.confidential(),
            value(e.scope()),    EventSeq{e.key()}, e.at_most_once(),      keys(e.limit_keys())};
  }
  EffectCompleted read(const fb::EffectCompleted& e) { return {EventSeq{e.effect()}, value(e.result())}; }
  EffectFailed read(const fb::EffectFailed& e) { return {EventSeq{e.effect()}, problem(e.problem())}; }
  EventEmitted read(const fb::EventEmitted& e) { return {EventSeq{e.frame()}, value(e.event())}; }
  ChildStarted read(const fb::ChildStarted& e) {
    return {EventSeq{e.frame()}, string(e.task()), from_fb(e.child()), identity(e.workflow()), value(e.input())};
  }
  ChildCompleted read(const fb::ChildCompleted& e) { return {from_fb(e.child()), value(e.output())}; }
  ChildFailed read(const fb::ChildFailed& e) { return {from_fb(e.child()), problem(e.problem())}; }
  PriorityChanged read(const fb::PriorityChanged& e) { return {priority(e.priority())}; }
  Value correlations(std::uint32_t number) {
    Value values = value(number);
    if (!values.is_null() && !values.is_object()) fail("correlations that are no object");
    return values;
  }
  ListenStarted read(const fb::ListenStarted& e) {
    ListenStarted out{EventSeq{e.frame()},
                      {},
                      optional(e.after()),
                      enumerator<EventRead>(e.read(), fb::Read::MAX, "read"),
                      e.iterates(),
                      e.forgets(),
                      correlations(e.correlations())};
    const auto size = [](const auto* column) { return column == nullptr ? 0 : column->size(); };
    const auto count = size(e.filters());
    if (size(e.types()) != count || size(e.keys()) != count) fail("subscriptions that are not whole");
    for (flatbuffers::uoffset_t i = 0; i < count && !failure_; ++i) {
      Subscription one{string(e.filters()->Get(i)), string(e.types()->Get(i)), string(e.keys()->Get(i))};
      if (one.key->empty()) one.key.reset();
      out.subscriptions.push_back(std::move(one));
    }
    return out;
  }
  EventConsumed read(const fb::EventConsumed& e) {
    return {EventSeq{e.frame()}, e.position(), string(e.filter()),
            value(e.event()),    e.until(),    correlations(e.correlations())};
  }
  ItemCompleted read(const fb::ItemCompleted& e) {
    return {EventSeq{e.frame()}, value(e.output()), value(e.context())};
  }
  ApprovalRequested read(const fb::ApprovalRequested& e) {
    Value request = value(e.request());
    if (!request.is_object()) fail("an approval's request that is no object");
    return {EventSeq{e.frame()}, std::move(request)};
  }
  ApprovalAnswered read(const fb::ApprovalAnswered& e) {
    return {EventSeq{e.frame()}, e.approved(), value(e.answer()), string(e.by())};
  }
  ListenClosed read(const fb::ListenClosed& e) { return {EventSeq{e.frame()}}; }

  const fb::Record& root_;
  std::vector<Value> values_;
  std::size_t string_bytes_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Result<Record> decode_record(std::string_view payload) {
  // FlatBuffers' offsets have 31 bits, and its verifier asserts it.
  if (payload.size() < sizeof(flatbuffers::uoffset_t) || payload.size() >= (std::size_t{1} << 31)) {
    return corrupt(fmt::format("{} bytes are no record", payload.size()));
  }
  // The verifier wants its buffer aligned as it was written; rows come from the store at any address.
  constexpr std::size_t k_alignment = 8;
  std::vector<std::uint64_t> aligned;
  const std::uint8_t* bytes = bytes_of(payload);
  if (reinterpret_cast<std::uintptr_t>(bytes) % k_alignment != 0) {
    aligned.resize((payload.size() + k_alignment - 1) / k_alignment);
    std::copy(payload.begin(), payload.end(), reinterpret_cast<char*>(aligned.data()));
    bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());
  }
  // A record nests three tables deep, with up to three tables an event.
  flatbuffers::Verifier verifier(bytes, payload.size(), 8, 4 * k_record_events);
  if (!verifier.VerifyBuffer<fb::Record>(nullptr)) return corrupt("not a record's FlatBuffers table");
  return Decoder(*flatbuffers::GetRoot<fb::Record>(bytes)).decode();
}

}  // namespace cairn
