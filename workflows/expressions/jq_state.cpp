#include "workflows/expressions/jq_state.h"

#include "workflows/core/assert.h"
#include "workflows/value/json.h"

extern "C" {
#include <jq.h>
}

namespace cairn::jq {
namespace {

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

Evaluation JqState::run(jv input, std::int64_t time_limit_ms, const ExactIntegers& exact) {
  jq_start(jq_, input, 0);
  if (time_limit_ms > 0) limit_.arm(time_limit_ms);
  jv result = jq_next(jq_);
  const bool gave_one = jv_is_valid(result) != 0;
  // The only result must be the last: what comes after it is an error, the end, or one too many.
  jv after = gave_one ? jq_next(jq_) : jv_copy(result);
  const bool stopped = time_limit_ms > 0 && limit_.disarm();
  const bool gave_two = jv_is_valid(after) != 0;
  if (stopped || gave_two) jq_start(jq_, jv_null(), 0);  // lets go of all that was half done
  if (stopped) {
    jv_free(result);
    jv_free(after);
    return EvaluationTimedOut{};
  }
  if (gave_two) {
    jv_free(result);
    jv_free(after);
    return EvaluationFailed{"the expression gives more than one result; wrap it in [ ]"};
  }
  if (jv_invalid_has_msg(jv_copy(after)) != 0) {
    jv_free(result);
    return EvaluationFailed{error_text(after, exact)};
  }
  jv_free(after);
  if (!gave_one) {
    jv_free(result);
    return Value();
  }
  auto value = from_jv(result, exact);
  if (auto* refused = std::get_if<NotAValue>(&value)) return EvaluationFailed{std::move(refused->message)};
  return std::get<Value>(std::move(value));
}

}  // namespace cairn::jq

// libjq reads files through this function alone: modules, and `.jq` in the home directory, which it would compile into every
// program. This definition takes the place of the library's own (ELF symbols resolve to the executable first), so that
// neither can reach an expression. It stands in this file because a static library is linked file by file, as needed.
extern "C" jv jv_load_file(const char* /*filename*/, int /*raw*/) {
  return jv_invalid_with_msg(jv_string("workflow expressions cannot read files"));
}
