#include "workflows/schema/operands.h"

#include "workflows/schema/numbers.h"
#include "workflows/schema/pointer.h"
#include "workflows/value/json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace cairn::schema {
namespace {

constexpr std::array<std::string_view, 7> k_types = {"array",  "boolean", "integer", "null",
                                                     "number", "object",  "string"};

Result<void> expect(bool right, const std::string& where, std::string_view wanted, const Value& got) {
  if (right) return success();
  return wrong_operand(where, wanted, got);
}

// valijson keeps names as C strings.
Result<void> check_name(const std::string& name, const std::string& where) {
  if (name.find('\0') == std::string::npos) return success();
  return make_error(ErrorCode::invalid_definition, "names and patterns with a NUL character cannot be checked by cairn",
                    where);
}

Result<void> check_names(const Value& names, const std::string& where) {
  CAIRN_TRY(expect(names.is_array(), where, "a list of property names", names));
  for (std::size_t i = 0; i < names.as_array().size(); ++i) {
    const Value& name = names.as_array()[i];
    CAIRN_TRY(expect(name.is_string(), fmt::format("{}/{}", where, i), "a property name", name));
    CAIRN_TRY(check_name(name.as_string(), fmt::format("{}/{}", where, i)));
  }
  return success();
}

Result<void> check_members(const Keyword& keyword, const Value& members, const std::string& where) {
  CAIRN_TRY(expect(members.is_object(), where, "an object", members));
  for (const Member& member : members.as_object()) {
    const std::string here = where + pointer_step(member.name);
    CAIRN_TRY(check_name(member.name, here));
    const bool names =
        keyword.operand == Operand::name_lists || (keyword.operand == Operand::dependencies && member.value.is_array());
    if (names) {
      CAIRN_TRY(check_names(member.value, here));
    }
  }
  return success();
}

Result<void> check_type(const Value& type, const std::string& where) {
  const auto known = [](const Value& name) {
    return name.is_string() && std::find(k_types.begin(), k_types.end(), name.as_string()) != k_types.end();
  };
  if (!type.is_array()) return expect(known(type), where, fmt::format("one of {}", fmt::join(k_types, ", ")), type);
  CAIRN_TRY(expect(!type.as_array().empty(), where, "at least one type", type));
  for (std::size_t i = 0; i < type.as_array().size(); ++i) {
    const Value& name = type.as_array()[i];
    CAIRN_TRY(
        expect(known(name), fmt::format("{}/{}", where, i), fmt::format("one of {}", fmt::join(k_types, ", ")), name));
  }
  return success();
}

bool is_count(const Value& value) {
  return value.is_number() && is_whole(value) && compare_numbers(value, Value::integer(0)) >= 0;
}

}  // namespace

Error wrong_operand(const std::string& where, std::string_view wanted, const Value& got) {
  constexpr std::size_t k_longest = 40;
  std::string shown = got.is_array() || got.is_object() ? fmt::format("an {}", got.type_name()) : to_json(got);
  if (shown.size() > k_longest) shown = got.type_name();
  return make_error(ErrorCode::invalid_definition, fmt::format("expected {}, got {}", wanted, shown), where);
}

Result<void> check_operand(const Keyword& keyword, const Value& operand, const std::string& where) {
  switch (keyword.operand) {
    case Operand::schema: return success();  // looked at when it is compiled
    case Operand::schemas:
      return expect(operand.is_array() && !operand.as_array().empty(), where, "a list of schemas, at least one",
                    operand);
    case Operand::items: return success();
    case Operand::named_schemas:
    case Operand::patterned_schemas:
    case Operand::dependencies:
    case Operand::name_lists: return check_members(keyword, operand, where);
    case Operand::names: return check_names(operand, where);
    case Operand::type: return check_type(operand, where);
    case Operand::values: return expect(operand.is_array(), where, "a list of values", operand);
    case Operand::value: return success();
    case Operand::number: return expect(operand.is_number(), where, "a number", operand);
    case Operand::divisor:
      return expect(operand.is_number() && compare_numbers(operand, Value::integer(0)) > 0, where, "a number above 0",
                    operand);
    case Operand::count: return expect(is_count(operand), where, "an integer that is not negative", operand);
    case Operand::pattern:
      return operand.is_string() ? check_name(operand.as_string(), where)
                                 : wrong_operand(where, "a regular expression", operand);
    case Operand::boolean: return expect(operand.is_bool(), where, "true or false", operand);
    case Operand::text:
    case Operand::reference:
    case Operand::dialect:
    case Operand::id: return expect(operand.is_string(), where, "a string", operand);
    case Operand::annotation:
    case Operand::unsupported: return success();
  }
  return success();
}

Result<Draft> draft_of(const Value& document) {
  const Value* dialect = document.find("$schema");
  if (dialect == nullptr) return Draft::any;
  if (!dialect->is_string()) return wrong_operand("/$schema", "a string", *dialect);
  std::string_view uri = dialect->as_string();
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (uri.starts_with(scheme)) uri.remove_prefix(scheme.size());
  }
  while (uri.ends_with('#')) uri.remove_suffix(1);
  if (uri == "json-schema.org/draft-06/schema") return Draft::draft_6;
  if (uri == "json-schema.org/draft-07/schema" || uri == "json-schema.org/schema") return Draft::draft_7;
  if (uri == "json-schema.org/draft/2019-09/schema") return Draft::draft_2019;
  if (uri == "json-schema.org/draft/2020-12/schema") return Draft::draft_2020;
  return make_error(ErrorCode::invalid_definition,
                    fmt::format("the dialect '{}' is not known here", dialect->as_string()), "/$schema",
                    "Use draft 6, 7, 2019-09 or 2020-12, or leave $schema out");
}

std::uint64_t count_of(const Value& operand) {
  return operand.is_integer() ? operand.as_uint() : static_cast<std::uint64_t>(std::min(operand.as_double(), 0x1p63));
}

}  // namespace cairn::schema
