#include "workflows/jq/prelude.h"

#include "workflows/core/assert.h"
#include "workflows/jq/parser.h"

#include <algorithm>
#include <map>
#include <utility>

namespace cairn::jq {
namespace {

/// What takes filters, gives several outputs or is a path. Functions of values are natives.
constexpr std::string_view k_text = R"jq(
# ---- choosing
def select(condition): if condition then . else empty end;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);

# ---- elements
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; g): if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; g)) end;
def isempty(g): first((g | false), true);
def any(g; condition): first((g | if condition then true else empty end), false);
def all(g; condition): first((g | if condition then empty else false end), true);
def any(condition): any(.[]; condition);
def all(condition): all(.[]; condition);
def add(g): reduce g as $x (null; . + $x);
def in(container): . as $key | container | has($key);
def inside(whole): . as $part | whole | contains($part);
def with_entries(f): to_entries | map(f) | from_entries;
def combinations: if length == 0 then [] else .[0][] as $head | (.[1:] | combinations) as $tail | [$head] + $tail end;
def combinations($n): . as $set | [range($n) | $set] | combinations;
def walk(f): def inner: (if type == "object" then map_values(inner) elif type == "array" then map(inner) else . end) | f; inner;

# ---- by a key
def sort_by(f): _sort_by_impl(map([f]));
def group_by(f): _group_by_impl(map([f]));
def unique_by(f): _unique_by_impl(map([f]));
def min_by(f): _min_by_impl(map([f]));
def max_by(f): _max_by_impl(map([f]));
def INDEX(g; key): reduce g as $row ({}; .[$row | key | tostring] = $row);
def INDEX(key): INDEX(.[]; key);
def IN(g): any(g == .; .);
def IN(source; g): any(source == g; .);
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; g; key): g | [., $index[key]];
def JOIN($index; g; key; f): g | [., $index[key]] | f;

# ---- again and again
def recurse(f): def inner: ., (f | inner); inner;
def recurse(f; condition): def inner: ., (f | select(condition) | inner); inner;
def _descend: def inner: ., (.[]? | inner); inner;
def while(condition; f): def inner: if condition then ., (f | inner) else empty end; inner;
def until(condition; f): def inner: if condition then . else (f | inner) end; inner;
def repeat(f): def inner: f, inner; inner;

# ---- paths
def paths: path(..) | select(length > 0);
def paths(condition): path(.. | select(condition)) | select(length > 0);
def del(places): delpaths([path(places)]);
def pick(places): . as $whole | reduce path(places) as $p (null; setpath($p; $whole | getpath($p)));
def tostream: path(def inner: (.[]? | inner), .; inner) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def fromstream(events):
  {whole: null, complete: false} as $begin
  | foreach events as $event ($begin;
      (if .complete then $begin else . end)
      | if $event | length == 2
        then setpath(["complete"]; $event[0] | length == 0) | setpath(["whole"] + $event[0]; $event[1])
        else setpath(["complete"]; $event[0] | length == 1) end;
      if .complete then .whole else empty end);
def truncate_stream(events):
  . as $depth | null | events | . as $event
  | if (.[0] | length) > $depth then setpath([0]; $event[0][$depth:]) else empty end;

# ---- regular expressions
def match(re; flags): _match_impl(re; flags; false) | .[];
def match($val): _regex($val) as [$re, $flags] | match($re; $flags);
def test(re; flags): _match_impl(re; flags; true);
def test($val): _regex($val) as [$re, $flags] | test($re; $flags);
def _regex($val):
  if $val | type == "string" then [$val, null]
  elif $val | type == "array" and length > 0 then [$val[0], $val[1]]
  else error(($val | type) + " not a string or array") end;
def _captures: reduce (.captures[] | select(.name != null)) as $c ({}; .[$c.name] = $c.string);
def capture(re; flags): match(re; flags) | _captures;
def capture($val): match($val) | _captures;
def scan($re; $flags): match($re; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end;
def scan($re): scan($re; null);
def splits($re; $flags):
  .[foreach (match($re; $flags + "g"), null) as {$offset, $length}
      (null; {from: .next, upto: $offset, next: ($offset + $length)}) | {start: .from, end: .upto}];
def splits($re): splits($re; null);
def split($re; $flags): [splits($re; $flags)];
def sub($re; replacement; $flags):
  . as $text
  | [match($re; $flags)] as $matches
  | if $matches == [] then $text else
      reduce $matches[] as $match ({texts: [], next: 0};
        $text[.next:$match.offset] as $before
        | [$match | _captures | replacement] as $new
        | reduce range($new | length) as $i (.; .texts[$i] += $before + $new[$i])
        | .next = $match.offset + $match.length)
      | .texts[] + $text[.next:]
    end;
def sub($re; replacement): sub($re; replacement; "");
def gsub($re; replacement; flags): sub($re; replacement; flags + "g");
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

}  // namespace cairn::jq
