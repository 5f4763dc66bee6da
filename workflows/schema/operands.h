#pragma once
// Whether what stands behind a keyword has the form that the keyword asks for.

#include "workflows/core/error.h"
#include "workflows/schema/keywords.h"
#include "workflows/value/value.h"

#include <string>

namespace cairn::schema {

/// Schemas inside of the operand are not looked into. Errors name `where`, or the place inside it.
Result<void> check_operand(const Keyword& keyword, const Value& operand, const std::string& where);

/// "expected WANTED, got …" at `where`.
Error wrong_operand(const std::string& where, std::string_view wanted, const Value& got);

/// The draft that the document's $schema names; any when it names none. Unknown ones are errors.
Result<Draft> draft_of(const Value& document);

/// A count that passed check_operand.
std::uint64_t count_of(const Value& operand);

}  // namespace cairn::schema
