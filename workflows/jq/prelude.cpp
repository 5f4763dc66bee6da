#include "workflows/jq/prelude.h"

#include "workflows/core/assert.h"
#include "workflows/jq/parser.h"

#include <algorithm>
#include <map>
#include <utility>

namespace cairn::jq {
namespace {

/// What takes filters, gives several outputs or is a path. Functions of values are natives. Lines that begin with ##
/// document the definition below them.
constexpr std::string_view k_text = R"jq(
# ---- choosing
## The input as often as `condition` gives neither false nor null for it: once, or not at all, mostly.
def select(condition): if condition then . else empty end;
## The input unless it is null.
def values: select(. != null);
## The input if it is null.
def nulls: select(. == null);
## The input if it is a boolean.
def booleans: select(type == "boolean");
## The input if it is a number.
def numbers: select(type == "number");
## The input if it is a string.
def strings: select(type == "string");
## The input if it is an array.
def arrays: select(type == "array");
## The input if it is an object.
def objects: select(type == "object");
## The input if it is an array or an object.
def iterables: select(type | . == "array" or . == "object");
## The input if it is neither an array nor an object.
def scalars: select(type | . != "array" and . != "object");
## The input if it is a number that is not infinite.
def finites: select(isfinite);
## The input if it is a number for which `isnormal` holds.
def normals: select(isnormal);

# ---- elements
## The array of all that `f` gives for each element, or for each member's value, in turn.
def map(f): [.[] | f];
## The array or object with each value replaced by the first that `f` gives for it; removed where `f` gives none.
def map_values(f): .[] |= f;
## The first element of the array.
def first: .[0];
## The last element of the array.
def last: .[-1];
## The element at index `$n`.
def nth($n): .[$n];
## The output of `g` at index `$n`, counted from 0; none when there are fewer.
def nth($n; g): if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; g)) end;
## Whether `g` gives nothing. Only its first output is asked for.
def isempty(g): first((g | false), true);
## Whether `condition` holds for at least one output of `g`; no further ones are asked for.
def any(g; condition): first((g | if condition then true else empty end), false);
## Whether `condition` holds for every output of `g`; none is asked for after one that fails.
def all(g; condition): first((g | if condition then empty else false end), true);
## Whether `condition` holds for at least one element.
def any(condition): any(.[]; condition);
## Whether `condition` holds for every element.
def all(condition): all(.[]; condition);
## The sum of the outputs of `g`, put together as `+` does; null when there are none.
def add(g): reduce g as $x (null; . + $x);
## Whether the input is a name in the object, or an index in the array, that `container` gives: `has`, turned round.
def in(container): . as $key | container | has($key);
## Whether the input lies within what `whole` gives: `contains`, turned round.
def inside(whole): . as $part | whole | contains($part);
## The object changed entry by entry: `to_entries | map(f) | from_entries`.
def with_entries(f): to_entries | map(f) | from_entries;
## Of an array of arrays, each way to take one element from each, as an array.
def combinations: if length == 0 then [] else .[0][] as $head | (.[1:] | combinations) as $tail | [$head] + $tail end;
## Each way to take `n` elements of the array, one after the other and with repetition, as an array.
def combinations(n): . as $set | [range(n) | $set] | combinations;
## The input with `f` applied to every value in it, inner ones first.
def walk(f): def inner: (if type == "object" then map_values(inner) elif type == "array" then map(inner) else . end) | f; inner;

# ---- by a key
## The array in ascending order of what `f` gives for each element; of several outputs the first that differs decides.
## Equal ones keep their order.
def sort_by(f): _sort_by_impl(map([f]));
## The elements in arrays, one for each different output of `f`, in ascending order of it.
def group_by(f): _group_by_impl(map([f]));
## The first of the elements for each different output of `f`, in ascending order of it.
def unique_by(f): _unique_by_impl(map([f]));
## The element with the least output of `f`, the first of several; null when there is no element.
def min_by(f): _min_by_impl(map([f]));
## The element with the greatest output of `f`, the last of several; null when there is no element.
def max_by(f): _max_by_impl(map([f]));
## An object of the outputs of `g`, each under the text of what `key` gives for it.
def INDEX(g; key): reduce g as $row ({}; .[$row | key | tostring] = $row);
## An object of the elements, each under the text of what `key` gives for it.
def INDEX(key): INDEX(.[]; key);
## Whether the input equals one of the outputs of `g`.
def IN(g): any(g == .; .);
## Whether one of the outputs of `source` equals one of `g`.
def IN(source; g): any(source == g; .);
## An array of pairs: each element, and what `$index` holds under what `key` gives for it.
def JOIN($index; key): [.[] | [., $index[key]]];
## For each output of `g` a pair: it, and what `$index` holds under what `key` gives for it.
def JOIN($index; g; key): g | [., $index[key]];
## `f` of each pair that `JOIN($index; g; key)` gives.
def JOIN($index; g; key; f): g | [., $index[key]] | f;

# ---- again and again
## The input, then what `f` gives for it, then what `f` gives for these, and so on: `recurse(.children[]?)` walks a tree.
def recurse(f): def inner: ., (f | inner); inner;
## As `recurse(f)`, but it goes on only from outputs for which `condition` holds.
def recurse(f; condition): def inner: ., (f | select(condition) | inner); inner;
def _descend: def inner: ., (.[]? | inner); inner;
## The input, `f` of it, `f` of that and so on, as long as `condition` holds.
def while(condition; f): def inner: if condition then ., (f | inner) else empty end; inner;
## The first of the input, `f` of it, `f` of that and so on, for which `condition` holds.
def until(condition; f): def inner: if condition then . else (f | inner) end; inner;
## The outputs of `f` on the same input, again and again without end: for `limit` and `label`.
def repeat(f): def inner: f, inner; inner;

# ---- paths
## The path of every value inside the input, as an array of names and indices.
def paths: path(..) | select(length > 0);
## The paths of those values inside the input for which `condition` holds.
def paths(condition): path(.. | select(condition)) | select(length > 0);
## The input without what is at the paths of `places`: `del(.a, .b[1:])`.
def del(places): delpaths([path(places)]);
## Only what is at the paths of `places`, in the shape of the input: `pick(.a, .b.c)`.
def pick(places): . as $whole | reduce path(places) as $p (null; setpath($p; $whole | getpath($p)));
## The input as a stream of `[path, leaf]`, with `[path]` at the end of each array and object.
def tostream: path(def inner: (.[]? | inner), .; inner) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
## The values of a stream as `tostream` gives it.
def fromstream(events):
  {whole: null, complete: false} as $begin
  | foreach events as $event ($begin;
      (if .complete then $begin else . end)
      | if $event | length == 2
        then setpath(["complete"]; $event[0] | length == 0) | setpath(["whole"] + $event[0]; $event[1])
        else setpath(["complete"]; $event[0] | length == 1) end;
      if .complete then .whole else empty end);
## The events of a stream without the first names of their paths, as many as the input says; those that have no more are
## left out.
def truncate_stream(events):
  . as $depth | null | events | . as $event
  | if (.[0] | length) > $depth then setpath([0]; $event[0][$depth:]) else empty end;

# ---- regular expressions
## For each match `{offset, length, string, captures}`, counted in characters; only the first match without the flag `g`.
def match(re; flags): _match_impl(re; flags; false) | .[];
## As `match(re; flags)`; `$val` is the expression, or an array of it and flags.
def match($val): _regex($val) as [$re, $flags] | match($re; $flags);
## Whether the regular expression matches the string anywhere.
def test(re; flags): _match_impl(re; flags; true);
## As `test(re; flags)`; `$val` is the expression, or an array of it and flags.
def test($val): _regex($val) as [$re, $flags] | test($re; $flags);
def _regex($val):
  if $val | type == "string" then [$val, null]
  elif $val | type == "array" and length > 0 then [$val[0], $val[1]]
  else error(($val | type) + " not a string or array") end;
def _captures: reduce (.captures[] | select(.name != null)) as $c ({}; .[$c.name] = $c.string);
## For each match an object of its named groups: `capture("(?<year>\\d+)")`.
def capture(re; flags): match(re; flags) | _captures;
## As `capture(re; flags)`; `$val` is the expression, or an array of it and flags.
def capture($val): match($val) | _captures;
## Each match: its text, or the array of its groups when the expression has some.
def scan($re; $flags): match($re; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end;
## As `scan($re; $flags)`, without flags.
def scan($re): scan($re; null);
## The parts of the string between matches, one by one.
def splits($re; $flags):
  .[foreach (match($re; $flags + "g"), null) as {$offset, $length}
      (null; {from: .next, upto: $offset, next: ($offset + $length)}) | {start: .from, end: .upto}];
## As `splits($re; $flags)`, without flags.
def splits($re): splits($re; null);
## The array of the parts of the string between matches. With one argument, `split` takes no regular expression.
def split($re; $flags): [splits($re; $flags)];
## The string with its first match replaced (with the flag `g` all of them) by what `replacement` gives for the object of
## its named groups.
def sub($re; replacement; $flags):
  . as $text
  | [match($re; $flags)] as $matches
  | if $matches == [] then $text else
      reduce $matches[] as $match ({texts: [], next: 0};
        $text[.next:$match.offset] as $before
        | [$match | _captures | replacement] as $new
        | reduce range($new | length) as $i (.; .texts[$i] += $before + $new[$i])
        | .next = $match.offset + $match.length)
      | if .texts == [] then $text else .texts[] + $text[.next:] end
    end;
## As `sub($re; replacement; $flags)`, without flags.
def sub($re; replacement): sub($re; replacement; "");
## As `sub`, for every match.
def gsub($re; replacement; flags): sub($re; replacement; flags + "g");
## As `sub`, for every match.
def gsub($re; replacement): sub($re; replacement; "g");
)jq";

struct Prelude {
  Library library;
  std::map<std::pair<std::string_view, std::size_t>, const syntax::Definition*> by_name;
};

const Prelude& parsed() {
  static const Prelude made = [] {
    auto library = parse_library(k_text);
    CAIRN_ASSERT(library.has_value(), "the prelude does not parse");
    Prelude prelude{std::move(library).value(), {}};
    for (const auto* definition : prelude.library.outer) {
      prelude.by_name[{definition->name, definition->parameters.size()}] = definition;
    }
    return prelude;
  }();
  return made;
}

}  // namespace

std::span<const syntax::Definition* const> prelude() { return parsed().library.outer; }

const syntax::Definition* find_in_prelude(std::string_view name, std::size_t arity) {
  const auto& by_name = parsed().by_name;
  const auto found = by_name.find({name, arity});
  return found == by_name.end() ? nullptr : found->second;
}

std::string documentation(const syntax::Definition& definition) {
  constexpr std::string_view mark = "## ";
  std::string text;
  for (std::size_t begin = k_text.rfind('\n', definition.offset); begin > 0;) {
    const std::size_t end = begin;
    begin = k_text.rfind('\n', end - 1);
    std::string_view line = k_text.substr(begin + 1, end - begin - 1);
    if (!line.starts_with(mark)) break;
    line.remove_prefix(mark.size());
    text = text.empty() ? std::string(line) : std::string(line) + " " + text;
  }
  return text;
}

}  // namespace cairn::jq
