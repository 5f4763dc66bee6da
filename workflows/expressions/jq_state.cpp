#include "workflows/expressions/jq_state.h"

#include "workflows/core/assert.h"
#include "workflows/value/json.h"

extern "C" {
#include <jq.h>
}

namespace cairn::jq {
namespace {

// Owns a jv.
class Jv {
 public:
  explicit Jv(jv value) : value_(value) {}
  ~Jv() { jv_free(value_); }
  Jv(const Jv&) = delete;
  Jv& operator=(const Jv&) = delete;

  [[nodiscard]] jv copy() const { return jv_copy(value_); }
  [[nodiscard]] bool is_valid() const { return jv_is_valid(value_) != 0; }
  [[nodiscard]] bool is_error() const { return !is_valid() && jv_invalid_has_msg(copy()) != 0; }

 private:
  jv value_;
};

void collect_message(void* messages, jv message) {
  if (jv_get_kind(message) != JV_KIND_STRING) message = jv_dump_string(message, JV_PRINT_INVALID);
  static_cast<CompileMessages*>(messages)->push_back(to_std_string(message));
}

void drop_message(void*, jv message) { jv_free(message); }

// The evaluation sees this at its next instruction.
void halt(void* state) { jq_halt(static_cast<jq_state*>(state), jv_invalid(), jv_invalid()); }

// What an error raised says: its text, or its value as JSON. Consumes `error`, an invalid jv with a message.
std::string error_text(jv error, const ExactIntegers& exact) {
  jv message = jv_invalid_get_msg(error);
  if (jv_get_kind(message) == JV_KIND_STRING) return to_std_string(message);
  const auto value = from_jv(message, exact);
  if (const auto* refused = std::get_if<NotAValue>(&value)) return refused->message;
  return to_json(std::get<Value>(value));
}

Evaluation as_evaluation(jv result, const ExactIntegers& exact) {
  auto value = from_jv(result, exact);
  if (auto* refused = std::get_if<NotAValue>(&value)) return EvaluationFailed{std::move(refused->message)};
  return std::get<Value>(std::move(value));
}

}  // namespace

std::variant<std::unique_ptr<JqState>, CompileMessages> JqState::compile(const std::string& program) {
  jq_state* jq = jq_init();
  CAIRN_ASSERT(jq != nullptr, "libjq has no memory for a state");
  CompileMessages messages;
  jq_set_error_cb(jq, collect_message, &messages);
  const bool compiled = jq_compile(jq, program.c_str()) != 0;
  jq_set_error_cb(jq, drop_message, nullptr);
  if (compiled) return std::unique_ptr<JqState>(new JqState(jq));
  jq_teardown(&jq);
  return messages;
}

JqState::JqState(jq_state* jq) : jq_(jq), limit_(halt, jq) {}

JqState::~JqState() { jq_teardown(&jq_); }

std::optional<Evaluation> JqState::run(jv input, bool whole, const Limits& limits, const ExactIntegers& exact) {
  jq_start(jq_, input, 0);
  limit_.arm(limits.time_ms);
  const MemoryMeter meter(limits.memory, [](void* limit) { static_cast<TimeLimit*>(limit)->stop_now(); }, &limit_);
  const Jv first(jq_next(jq_));
  // After the only result comes the end, or an error.
  const Jv second(first.is_valid() ? jq_next(jq_) : first.copy());
  const bool stopped = limit_.disarm();
  if (stopped || second.is_valid()) jq_start(jq_, jv_null(), 0);  // lets go of all that is half done
  if (meter.exceeded()) return std::nullopt;
  if (stopped) return EvaluationTimedOut{};
  if (second.is_error()) return EvaluationFailed{error_text(second.copy(), exact)};
  const EvaluationFailed several{"the expression gives more than one result; wrap it in [ ]"};
  if (second.is_valid()) return several;
  if (!first.is_valid()) return Value();
  if (!whole) return as_evaluation(first.copy(), exact);
  const Jv results(jv_object_get(jv_array_get(first.copy(), 0), jv_string("results")));
  const int count = jv_array_length(results.copy());
  if (count > 1) return several;
  return count == 0 ? Value() : as_evaluation(jv_array_get(results.copy(), 0), exact);
}

}  // namespace cairn::jq

// libjq reads files through this function alone: modules, and `.jq` in the home directory, which it would compile into
// every program. This definition takes the place of the library's own (ELF symbols resolve to the executable first), so
// that neither can reach an expression. It stands in this file because a static library is linked file by file, as
// needed.
extern "C" jv jv_load_file(const char* /*filename*/, int /*raw*/) {
  return jv_invalid_with_msg(jv_string("workflow expressions cannot read files"));
}
