// Dates: seconds since 1970 ↔ an array of parts ↔ text. Local time is UTC.

#include "workflows/jq/natives/date_text.h"
#include "workflows/jq/natives/numbers.h"
#include "workflows/jq/natives/support.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace cairn::jq::native {
namespace {

constexpr std::string_view k_iso8601 = "%Y-%m-%dT%H:%M:%SZ";

Answer<Value> array_of(Surroundings& s, const Moment& m, double fraction, std::string_view rest = {}) {
  if (!s.budget.elements(9) || !s.budget.text(rest.size())) return out_of(s.budget);
  Value second = Value::integer(m.second);
  if (fraction > 0) second = Value::number(static_cast<double>(m.second) + fraction);
  Array parts = {Value::integer(m.year),    Value::integer(m.month),  Value::integer(m.day),
                 Value::integer(m.hour),    Value::integer(m.minute), std::move(second),
                 Value::integer(m.weekday), Value::integer(m.yearday)};
  if (!rest.empty()) parts.push_back(Value::string(std::string(rest)));
  return Value::array(std::move(parts));
}

/// The parts from year to second; missing ones are 0. Nothing when one is no number.
std::optional<Moment> moment_of(const Array& parts) {
  Moment m;
  std::int64_t* const fields[] = {&m.year, &m.month, &m.day, &m.hour, &m.minute, &m.second, &m.weekday, &m.yearday};
  if (parts.empty()) m.year = 1900;
  for (std::size_t i = 0; i < std::size(fields) && i < parts.size(); ++i) {
    if (!parts[i].is_number() || is_nan(parts[i])) return std::nullopt;
    *fields[i] = to_int(parts[i]);
  }
  return to_moment(to_seconds(m));
}

/// The whole second of a number of seconds; nothing when its year would not fit 32 bits.
std::optional<std::int64_t> whole_seconds(const Value& seconds) {
  constexpr double greatest = 67'768'036'191'676'799.0;
  const double number = seconds.as_double();
  if (!(std::abs(number) <= greatest)) return std::nullopt;
  return seconds.is_integer() ? seconds.as_int() : static_cast<std::int64_t>(number);
}

Failure out_of_calendar() { return fail("error converting number of seconds since epoch to datetime"); }

Answer<Value> broken_down(Surroundings& s, const Value& input, std::string_view complaint) {
  if (!input.is_number()) return fail(std::string(complaint));
  const auto seconds = whole_seconds(input);
  if (!seconds) return out_of_calendar();
  const double number = input.as_double();
  return array_of(s, to_moment(*seconds), input.is_integer() ? 0 : number - std::floor(number));
}

Answer<Value> in_utc(Surroundings& s, const Value& input, Arguments) {
  return broken_down(s, input, "gmtime() requires numeric inputs");
}

Answer<Value> in_local_time(Surroundings& s, const Value& input, Arguments) {
  return broken_down(s, input, "localtime() requires numeric inputs");
}

Answer<Value> mktime(Surroundings&, const Value& input, Arguments) {
  if (!input.is_array()) return fail("mktime requires array inputs");
  const auto moment = moment_of(input.as_array());
  if (!moment) return fail("mktime requires parsed datetime inputs");
  return Value::integer(to_seconds(*moment));
}

Answer<Value> format_date(Surroundings& s, const Value& input, const Value& format, std::string_view name) {
  const auto complaint = [&] { return fail(fmt::format("{}/1 requires parsed datetime inputs", name)); };
  if (!input.is_number() && !input.is_array()) return complaint();
  std::optional<Moment> moment;
  if (input.is_number()) {
    const auto seconds = whole_seconds(input);
    if (!seconds) return out_of_calendar();
    moment = to_moment(*seconds);
  }
  if (!format.is_string()) return fail(fmt::format("{}/1 requires a string format", name));
  if (!moment) moment = moment_of(input.as_array());
  if (!moment) return complaint();
  if (!s.budget.spend(1 + format.as_string().size())) return out_of(s.budget);
  auto text = format_moment(*moment, format.as_string(), s.budget.limits().text_bytes);
  if (!text) {
    s.budget.exhaust(Exhausted::text);
    return out_of(s.budget);
  }
  return paid_text(s, *std::move(text));
}

Answer<Value> strftime(Surroundings& s, const Value& input, Arguments arguments) {
  return format_date(s, input, arguments[0], "strftime");
}

Answer<Value> strflocaltime(Surroundings& s, const Value& input, Arguments arguments) {
  return format_date(s, input, arguments[0], "strflocaltime");
}

Answer<Value> todate(Surroundings& s, const Value& input, Arguments) {
  return format_date(s, input, Value::string(std::string(k_iso8601)), "strftime");
}

Answer<Value> parse_date(Surroundings& s, const Value& input, const Value& format) {
  if (!input.is_string() || !format.is_string()) return fail("strptime/1 requires string inputs and arguments");
  if (!pay_reading(s, input.as_string().size() + 64 * format.as_string().size())) return out_of(s.budget);
  const auto parsed = parse_moment(input.as_string(), format.as_string());
  const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  if (!parsed || (!parsed->rest.empty() && !is_blank(parsed->rest.front()))) {
    return fail(fmt::format("date \"{}\" does not match format \"{}\"", input.as_string(), format.as_string()));
  }
  return array_of(s, parsed->moment, 0, parsed->rest);
}

Answer<Value> strptime(Surroundings& s, const Value& input, Arguments arguments) {
  return parse_date(s, input, arguments[0]);
}

Answer<Value> fromdate(Surroundings& s, const Value& input, Arguments arguments) {
  CAIRN_TRY(const Value parts, parse_date(s, input, Value::string(std::string(k_iso8601))));
  return mktime(s, parts, arguments);
}

Answer<Value> dateadd(Surroundings& s, const Value& input, Arguments arguments) { return add(s, input, arguments[1]); }
Answer<Value> datesub(Surroundings& s, const Value& input, Arguments arguments) {
  return subtract(s, input, arguments[1]);
}

constexpr Native k_rows[] = {
    {"gmtime", 0, in_utc, true,
     "Seconds since 1970 as [year, month from 0, day, hour, minute, second with fraction, weekday from Sunday = 0, day "
     "of the year from 0]."},
    {"localtime", 0, in_local_time, true, "The same as `gmtime`: local time is UTC."},
    {"mktime", 0, mktime, true,
     "The seconds since 1970 of an array as `gmtime` gives it; missing parts are 0, a fraction of a second is "
     "dropped."},
    {"strftime", 1, strftime, true,
     "Seconds since 1970, or an array as `gmtime` gives, as text by a C library's format; in UTC.", "format"},
    {"strflocaltime", 1, strflocaltime, true, "The same as `strftime`: local time is UTC.", "format"},
    {"strptime", 1, strptime, true, "The array, as `gmtime` gives it, of a text written by a C library's format.",
     "format"},
    {"todateiso8601", 0, todate, true,
     "Seconds since 1970, or an array as `gmtime` gives it, as text like \"2015-03-05T23:51:47Z\"."},
    {"todate", 0, todate, true, "The same as `todateiso8601`."},
    {"date", 0, todate, true, "The same as `todateiso8601`."},
    {"fromdateiso8601", 0, fromdate, true, "The seconds since 1970 of a text like \"2015-03-05T23:51:47Z\"."},
    {"fromdate", 0, fromdate, true, "The same as `fromdateiso8601`."},
    {"dateadd", 2, dateadd, true, "The input plus `$count`; `$unit` is not looked at.", "unit; count"},
    {"datesub", 2, datesub, true, "The input minus `$count`; `$unit` is not looked at.", "unit; count"},
};

}  // namespace

Rows date_rows() { return k_rows; }

}  // namespace cairn::jq::native
