#include "tests/simulation/restarts.h"

#include "tests/simulation/model_log.h"
#include "tests/simulation/operator.h"
#include "workflows/value/json.h"

#include <algorithm>
#include <regex>

namespace cairn::simulation {
namespace {

/// Makes each batch durable at once, and then the process dies, if that is wanted.
class DeadlyCommitter final : public Committer {
 public:
  DeadlyCommitter(EventLog& log, History& history, bool deadly) : log_(log), history_(history), deadly_(deadly) {}
  void commit(AppendBatch batch, Done done) override {
    auto result = log_.append(batch);
    if (result) history_.became_durable(batch);
    if (deadly_ && !batch.records.empty()) throw Crash{};
    done(result ? Result<void>(success()) : Result<void>(result.error()));
  }

 private:
  EventLog& log_;
  History& history_;
  bool deadly_;
};

/// Services that answer when they are told to, always the same to the same effect.
class Patient {
 public:
  struct Asked {
    std::string key;
    EffectObserver observer;
    bool living = true;
  };
  Connectors connectors() {
    Connectors all;
    for (const char* name : {"http", "openapi", "shell", "script"}) all.emplace(name, std::make_unique<Door>(*this));
    return all;
  }
  std::vector<std::shared_ptr<Asked>> asked;

 private:
  class Handle final : public RunningEffect {
   public:
    explicit Handle(std::shared_ptr<Asked> one) : one_(std::move(one)) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override { one_->living = false; }

   private:
    std::shared_ptr<Asked> one_;
  };
  class Door final : public Connector {
   public:
    explicit Door(Patient& patient) : patient_(patient) {}
    std::unique_ptr<RunningEffect> start(EffectRequest request, EffectObserver observer) override {
      auto one = std::make_shared<Asked>(Asked{request.idempotency_key, std::move(observer)});
      patient_.asked.push_back(one);
      return std::make_unique<Handle>(std::move(one));
    }

   private:
    Patient& patient_;
  };
};

class Life {
 public:
  Life(std::uint64_t seed, bool restarts)
      : random_(seed), trace_(time_), history_(trace_, time_), restarts_(restarts), seed_(seed) {
    Shape shape;
    shape.only_steady = true;
    workflows_ = generate_workflows(Dice(seed).apart(1), shape, 1);
    history_.know(workflows_.started[0].program);
    for (const auto& child : workflows_.children) history_.know(child.program);
  }

  void run() {
    begin();
    guarded([this] { start(); });
    if (history_.runs().empty()) guarded([this] { start(); });  // it died when the definitions were there
    for (int i = 0; i < k_most_turns && !trace_.violation(); ++i) {
      bool more = false;
      guarded([&] { more = turn(); });
      if (!more && !restarted_) break;
    }
    engine_.reset();
  }

  /// What of the states does not depend on chance: ids are left out.
  [[nodiscard]] std::vector<std::string> states() const {
    static const std::regex k_id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    std::vector<std::string> all;
    for (const auto& [id, run] : history_.runs()) {
      all.push_back(std::regex_replace(to_json(to_value(run.state)), k_id, "ID"));
    }
    std::ranges::sort(all);
    return all;
  }
  [[nodiscard]] const std::optional<std::string>& violation() const { return trace_.violation(); }
  [[nodiscard]] std::uint64_t restarts() const { return lives_; }

 private:
  static constexpr int k_most_turns = 20'000;

  void begin() {
    io_ = std::make_unique<boost::asio::io_context>();
    patient_.asked.clear();
    engine_ = std::make_unique<Engine>(*io_, log_, std::make_unique<DeadlyCommitter>(log_, history_, restarts_),
                                       patient_.connectors(), time_, random_, std::make_unique<SimulatedAlarm>(time_));
  }

  template <class Do>
  void guarded(const Do& what) {
    restarted_ = false;
    for (bool died = false;; died = true) {
      try {
        if (died) {
          restarted_ = true;
          ++lives_;
          engine_.reset();
          begin();
          resume_all();
        } else {
          what();
        }
        return;
      } catch (const Crash&) {
      }
    }
  }

  void start() {
    StartOptions options;
    options.workflow = workflows_.started[0];
    options.with = workflows_.children;
    options.input = Value::object({{"n", Value::integer(5)}});
    options.secrets = Operator::secrets();
    if (auto started = engine_->start(std::move(options)); !started) {
      trace_.violated("it does not start: {}", started.error().to_string());
    }
  }

  void resume_all() {
    std::vector<RunId> open;
    static_cast<void>(log_.each_open_run([&](const RunSummary& summary) {
      open.push_back(summary.id);
      return true;
    }));
    for (const auto& run : open) {
      if (auto done = engine_->resume(run, Operator::secrets()); !done) {
        trace_.violated("it does not go on: {}", done.error().to_string());
      }
    }
  }

  /// All that is ready, then one answer, or else the next timer. False: nothing is left.
  bool turn() {
    io_->restart();
    io_->poll();
    if (engine_->stopped_by()) {
      trace_.violated("the engine has stopped: {}", engine_->stopped_by()->to_string());
      return false;
    }
    std::erase_if(patient_.asked, [](const auto& one) { return !one->living; });
    if (patient_.asked.empty()) return time_.step();
    // By what it is about, not by ids: those differ.
    const auto order = [this](const std::shared_ptr<Patient::Asked>& one) { return place_of(one->key); };
    const auto next = std::ranges::min_element(patient_.asked, {}, order);
    const auto one = *next;
    patient_.asked.erase(next);
    const auto place = place_of(one->key);
    Dice dice = Dice(seed_).apart(std::hash<std::string>()(place));
    if (dice.one_in(5)) {
      one->observer.done(make_problem(StandardError::communication, "The service failed", answer_text(one->key)));
    } else {
      one->observer.done(Value::object({{"serial", Value::integer(serial_of_key(one->key))},
                                        {"n", Value::integer(static_cast<std::int64_t>(dice.below(7)))}}));
    }
    return true;
  }

  /// The tasks that lead to the run, and the event of the effect.
  std::string place_of(const std::string& key) const {
    const auto dash = key.rfind('-');
    const auto run = RunId::parse(key.substr(0, dash));
    const std::string number = key.substr(dash + 1);
    std::string path = std::string(8 - std::min<std::size_t>(8, number.size()), '0') + number;
    for (const auto* at = history_.find(*run); at != nullptr && at->state.parent;) {
      const auto& parent = *at->state.parent;
      path = fmt::format("{} {}", number_of(parent.frame) + started_before(parent.run, at->state.id), path);
      at = history_.find(parent.run);
    }
    return path;
  }
  /// Children of a parent are told apart by their order there, also those that nobody awaits.
  std::uint64_t started_before(const RunId& parent, const RunId& child) const {
    std::uint64_t at = 0;
    static_cast<void>(log_.read(parent, EventSeq{1}, [&](const Record& record) {
      for (std::size_t i = 0; i < record.events.size(); ++i) {
        const auto* started = std::get_if<ChildStarted>(&record.events[i]);
        if (started != nullptr && started->child == child) at = 1'000'000 + number_of(record.first) + i;
      }
      return at == 0;
    }));
    return at;
  }

  std::int64_t serial_of_key(const std::string& key) {
    const auto dash = key.rfind('-');
    const auto run = RunId::parse(key.substr(0, dash));
    const auto effect = history_.waiting_effect(*run, EventSeq{std::stoull(key.substr(dash + 1))});
    // The same in both lives: it counts what was answered.
    history_.answers[++serial_] = {*run, effect};
    return serial_;
  }
  std::string answer_text(const std::string& key) { return fmt::format("serial {}", serial_of_key(key)); }

  SimulatedTime time_;
  Dice random_;
  ModelLog log_;
  Trace trace_;
  History history_;
  GeneratedWorkflows workflows_;
  Patient patient_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Engine> engine_;
  bool restarts_;
  bool restarted_ = false;
  std::uint64_t seed_;
  std::uint64_t lives_ = 0;
  std::int64_t serial_ = 0;
};

}  // namespace

RestartComparison compare_restarts(std::uint64_t seed) {
  Life whole(seed, false);
  whole.run();
  Life broken(seed, true);
  broken.run();
  RestartComparison comparison;
  comparison.steps = broken.restarts();
  if (whole.violation()) comparison.violation = "in one process: " + *whole.violation();
  if (broken.violation()) comparison.violation = "with restarts: " + *broken.violation();
  if (comparison.violation) return comparison;
  const auto expected = whole.states();
  const auto found = broken.states();
  if (expected == found) return comparison;
  comparison.violation = fmt::format("{} runs in one process, {} with restarts", expected.size(), found.size());
  for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
    if (expected[i] == found[i]) continue;
    comparison.violation = fmt::format("\nin one process {}\nwith restarts  {}", expected[i], found[i]);
    break;
  }
  return comparison;
}

}  // namespace cairn::simulation
