#include "workflows/jq/builtins.h"

#include "workflows/jq/native.h"
#include "workflows/jq/prelude.h"

#include <algorithm>
#include <tuple>

namespace cairn::jq {
namespace {

/// What the compiler itself makes code for; lowering_calls.cpp has their names.
struct Special {
  std::string_view name;
  std::string_view parameters;
  std::string_view documentation;
};
constexpr Special k_specials[] = {
    {"empty", "", "No output."},
    {"error", "", "The input as an error, for `try` and `?` to catch."},
    {"error", "$message", "`$message`, any value, as an error."},
    {"not", "", "true for false and null, false for everything else."},
    {"path", "places", "The paths of `places`, each an array of names and indices: `path(.a[0].b)`."},
    {"getpath", "$path", "What is at `$path`, an array of names and indices; null where it leads nowhere."},
    {"first", "g", "The first output of `g`; no further ones are asked for."},
    {"last", "g", "The last output of `g`."},
    {"limit", "$n; g", "The first `$n` outputs of `g`; no further ones are asked for."},
    {"skip", "$n; g", "The outputs of `g` without the first `$n`."},
    {"recurse", "", "The input and every value inside it, outer ones first; `..` is the same."},
    {"range", "$upto", "The numbers from 0 to below `$upto`, in steps of 1."},
    {"range", "$from; $upto", "The numbers from `$from` to below `$upto`, in steps of 1."},
    {"range", "$from; $upto; $by",
     "The numbers from `$from` on in steps of `$by`, as long as they are below `$upto`; above it, when `$by` is "
     "negative."},
    {"builtins", "", "The names of all builtins, each with its number of parameters: \"map/1\"."},
    {"have_decnum", "", "true: a number keeps the digits of its literal."},
    {"have_literal_numbers", "", "true: a number that is only moved is written as its literal was."},
};

std::vector<std::string> split(std::string_view names, std::string_view prefix) {
  constexpr std::string_view separator = "; ";
  std::vector<std::string> parameters;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(separator), names.size());
    parameters.push_back(std::string(prefix) + std::string(names.substr(0, end)));
    names.remove_prefix(std::min(end + separator.size(), names.size()));
  }
  return parameters;
}

Builtin described(const syntax::Definition& definition) {
  Builtin builtin{definition.name, {}, documentation(definition)};
  for (const auto& parameter : definition.parameters) {
    builtin.parameters.push_back((parameter.is_value ? "$" : "") + parameter.name);
  }
  return builtin;
}

}  // namespace

std::vector<Builtin> builtins() {
  std::vector<Builtin> all;
  const auto add = [&](Builtin builtin) {
    const auto same = [&](const Builtin& other) {
      return other.name == builtin.name && other.parameters.size() == builtin.parameters.size();
    };
    const bool is_internal = builtin.name.starts_with('_');
    if (!is_internal && std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(builtin));
  };
  // In the order in which the compiler looks for a name.
  for (const auto& special : k_specials) {
    add({std::string(special.name), split(special.parameters, ""), std::string(special.documentation)});
  }
  for (const auto* definition : prelude()) add(described(*definition));
  for (const auto& native : natives()) {
    add({std::string(native.name), split(native.parameters, "$"), std::string(native.documentation), native.pure});
  }
  std::sort(all.begin(), all.end(), [](const Builtin& a, const Builtin& b) {
    return std::tuple(a.name, a.parameters.size()) < std::tuple(b.name, b.parameters.size());
  });
  return all;
}

}  // namespace cairn::jq
