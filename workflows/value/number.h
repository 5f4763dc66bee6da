#pragma once
// Numbers: what a literal's text means, and how numbers of all kinds compare.
//
// A number is an Int or Uint when its text is that of an integer of 64 bits; a Double when the double nearest to it
// prints as its text; and a Decimal otherwise: 19.90, 1E+400, 123456789012345678901234567890. A Decimal keeps its text
// wherever it is moved, and computes as the nearest double.

#include "workflows/value/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace cairn {

/// The number that `literal` says: an optional sign, digits with at most one point among or around them, an optional
/// exponent. Nothing when the text is not just that. The text of a Decimal is brought to one form: the "scientific
/// string" of the General Decimal Arithmetic Specification (speleotrove.com/decimal/daconvs.html), which jq 1.8 prints:
/// the digits stay as they are, and the exponent is written only where it must be. An exponent beyond ±999,999,999
/// gives an infinite double or zero.
std::optional<Value> parse_number(std::string_view literal);

/// <0, 0, >0 by exact value whatever the kinds, no side rounded; neither may be NaN. Beside a Decimal, a Double counts
/// as the decimal number that it prints as: 0.10 equals 0.1.
int compare_numbers(const Value& a, const Value& b);

/// The text of a finite double: all digits of a whole number below 2^64, else the shortest text that reads back as it.
void append_double(double number, std::string& out);

/// Whether `number` has no fraction (infinities have none, NaN has one).
bool is_whole(const Value& number);

/// A text that equal numbers share, and others do not; NaN has one, too.
std::string canonical_text(const Value& number);

}  // namespace cairn
