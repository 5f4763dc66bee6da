#pragma once
// Typed reading of a mapping whose keys are known.

#include "workflows/definition/findings.h"
#include "workflows/definition/place.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn {

/// "a string", "a list", "nothing" …: what stands at a place, for messages.
std::string_view kind_of(const Value& value);

/// Says that a place holds something else than `expected`. Numbers and booleans where a text belongs get the hint to
/// quote.
void wrong_type(Findings& findings, const Place& place, std::string_view expected);

/// The value when it has the type; else an error is found and nothing is returned.
std::optional<std::string> read_string(Findings& findings, const Place& place, std::string_view expected = "a string");
std::optional<std::int64_t> read_integer(Findings& findings, const Place& place,
                                         std::string_view expected = "an integer");
std::optional<bool> read_boolean(Findings& findings, const Place& place);
/// One of a closed set of strings.
std::optional<std::string> read_choice(Findings& findings, const Place& place,
                                       std::initializer_list<std::string_view> choices);
bool is_object(Findings& findings, const Place& place, std::string_view expected = "an object");
bool is_list(Findings& findings, const Place& place, std::string_view expected = "a list");

/// A mapping's members, taken by name. Every name asked for is known; done(), to be called last, reports what is
/// missing and what is unknown.
class Fields {
 public:
  /// `what` names the mapping in messages: "a task", "the document". Reports when the place is no mapping.
  Fields(Findings& findings, const Place& place, std::string what);

  std::optional<Place> take(std::string_view key);
  /// When it is missing, done() reports it; not beside an unknown key that was probably meant to be it.
  std::optional<Place> require(std::string_view key);
  /// Of keys that exclude one another: reports when there are several, or, if `one_needed`, none. Names the first there
  /// is.
  std::string_view exactly_one(std::initializer_list<std::string_view> keys, bool one_needed = true);
  /// For when it turns out later what the mapping is.
  void rename(std::string what) { what_ = std::move(what); }
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool is_mapping() const { return mapping_; }
  [[nodiscard]] const Place& place() const { return place_; }
  void done();

 private:
  Findings& findings_;
  const Place& place_;
  std::string what_;
  bool mapping_;
  std::vector<std::string_view> known_;
  std::vector<std::string_view> missing_;
};

}  // namespace cairn
