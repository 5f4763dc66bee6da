#include "tests/differential/outcome.h"

#include "workflows/value/json.h"

#include <algorithm>
#include <cmath>

namespace cairn::differential {
namespace {

bool same(const Value& a, const Value& b);

bool same_numbers(double a, double b) {
  constexpr double exact_below = 9007199254740992.0;
  constexpr double rounding = 1e-15;
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  // Beyond 2^53 one side computes with integers, the other with their nearest doubles.
  return std::abs(a) >= exact_below && std::abs(a - b) <= std::abs(a) * rounding;
}

bool same(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return same_numbers(a.as_double(), b.as_double());
  if (a.is_array() && b.is_array()) {
    return std::equal(a.as_array().begin(), a.as_array().end(), b.as_array().begin(), b.as_array().end(), same);
  }
  if (a.is_object() && b.is_object()) {
    const auto in_b = [&](const Member& member) {
      const Value* other = b.find(member.name);
      return other != nullptr && same(member.value, *other);
    };
    return a.as_object().size() == b.as_object().size() &&
           std::all_of(a.as_object().begin(), a.as_object().end(), in_b);
  }
  return a == b;
}

/// `message` without its excerpts of values, which 1.6 cuts after 11 bytes.
std::string without_excerpts(const std::string& message) {
  std::string plain;
  for (std::size_t at = 0; at < message.size(); ++at) {
    if (message[at] != '(' || message.compare(at, 2, "()") == 0) {
      plain += message[at];
      continue;
    }
    // To the bracket that a word or the end follows: values hold brackets, too.
    std::size_t end = message.find(')', at);
    while (end != std::string::npos && end + 1 < message.size() && message[end + 1] != ' ')
      end = message.find(')', end + 1);
    plain += "()";
    at = std::min(end, message.size());
  }
  return plain;
}

}  // namespace

std::string Outcome::text() const {
  std::string all;
  for (const auto& output : outputs) all += to_json(output) + " ";
  switch (end) {
    case End::done: return all + ".";
    case End::failed: return all + "error: " + error;
    case End::cut: return all + "…";
    case End::not_compiled: return "does not compile: " + error;
    case End::gave_up: return all + "gave up";
    case End::divided: return error;
  }
  return all;
}

bool failed_alike(const Outcome& ours, const Outcome& theirs) {
  return ours.end == Outcome::End::failed && theirs.end == Outcome::End::failed &&
         std::equal(ours.outputs.begin(), ours.outputs.end(), theirs.outputs.begin(), theirs.outputs.end(), same);
}

bool agree(const Outcome& ours, const Outcome& theirs) {
  using End = Outcome::End;
  if (ours.end == End::divided) return false;
  if (ours.end == End::gave_up || theirs.end == End::gave_up) return true;
  if (ours.end != theirs.end) return false;
  switch (ours.end) {
    case End::not_compiled: return true;
    case End::failed:
      return failed_alike(ours, theirs) && without_excerpts(ours.error) == without_excerpts(theirs.error);
    default:
      return std::equal(ours.outputs.begin(), ours.outputs.end(), theirs.outputs.begin(), theirs.outputs.end(), same);
  }
}

}  // namespace cairn::differential
