#include "cli/query.h"

namespace cairn {

Result<CallEnd> ask_all(const Settings& settings, Access access, const Value& request,
                        const Session::OnMessage& on_message) {
  CAIRN_TRY(const auto session, Session::open(settings, access));
  bool told = false;
  while (true) {
    CAIRN_TRY(const auto end, session->call(request, [&](const Value& message) {
      told = true;
      on_message(message);
    }));
    if (end != CallEnd::lost) return end;
    if (told) {
      return make_error(ErrorCode::unavailable, "the owner of the data directory ended before its answer was complete",
                        settings.data, "Try again");
    }
    CAIRN_TRY(session->reopen());
  }
}

Result<Value> ask(const Settings& settings, Access access, const Value& request) {
  Value answer;
  CAIRN_TRY(const auto end, ask_all(settings, access, request, [&answer](const Value& message) { answer = message; }));
  if (end == CallEnd::interrupted) return make_error(ErrorCode::unavailable, "interrupted");
  return answer;
}

std::string text_in(const Value& from, std::string_view name) {
  const Value member = from.get(name);
  return member.is_string() ? member.as_string() : std::string();
}
std::uint64_t count_in(const Value& from, std::string_view name) {
  const Value member = from.get(name);
  const bool negative = member.kind() == Value::Kind::Int && member.as_int() < 0;
  return member.is_integer() && !negative ? member.as_uint() : 0;
}

std::string counted(std::uint64_t count, std::string_view one) {
  return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

}  // namespace cairn
