#include "engine/machine/work.h"

namespace cairn {

Value Work::to_value() const {
  Value result = Value::object({{"kind", Value::integer(static_cast<std::int64_t>(kind))},
                                {"frame", Value::unsigned_integer(number_of(frame))},
                                {"task", Value::string(task)},
                                {"number", Value::unsigned_integer(number)},
                                {"value", value}});
  if (branch) result = result.with("branch", Value::unsigned_integer(*branch));
  return result;
}

Result<Work> Work::from_value(const Value& stored) {
  const auto bad = [] { return make_error(ErrorCode::corrupt, "recorded work does not read back"); };
  const Value kind = stored.get("kind");
  const Value frame = stored.get("frame");
  const Value task = stored.get("task");
  const Value number = stored.get("number");
  if (kind.kind() != Value::Kind::Int || kind.as_int() < 0 ||
      kind.as_int() > static_cast<std::int64_t>(Kind::next_item))
    return bad();
  if (!frame.is_integer() || !task.is_string() || !number.is_integer()) return bad();
  Work work;
  work.kind = static_cast<Kind>(kind.as_int());
  work.frame = EventSeq{frame.as_uint()};
  work.task = task.as_string();
  work.number = number.as_uint();
  work.value = stored.get("value");
  if (const Value* place = stored.find("branch"); place != nullptr && place->is_integer()) {
    work.branch = static_cast<std::uint32_t>(place->as_uint());
  }
  return work;
}

}  // namespace cairn
