#include "workflows/expressions/prelude.h"

#include "workflows/expressions/path_use.h"

#include <deque>
#include <vector>

namespace cairn::jq {
namespace {

// Names that begin with '_' are ours: expressions may not call them. A definition sees the ones before it, so `__name`
// keeps libjq's own meaning after `name` got a guard; libjq's operators are calls of `_plus` and the like. Nothing
// binds its input to a variable without need: libjq changes strings and arrays in place only while nothing else refers
// to them. Each definition begins with `def` at the start of a line.

constexpr std::string_view k_time_and_errors = R"jq(
def now: $__now;
def __error(m): error(m);
def error(m): m as $__m | __error(if $__m == null then "null (null) not a string" else $__m end);
def error: error(.);
)jq";

// Operands that make libjq abort, and results without bound.
constexpr std::string_view k_arithmetic = R"jq(
def __bounded: if type == "string" then (if utf8bytelength > 16777216 then error("the text grows beyond 16 MiB") else . end)
  elif type == "array" then (if length > 4194304 then error("the array grows beyond 4194304 items") else . end)
  else . end;
def __repeats($text; $times): if ($times | type) == "number" and $times > 1 and ($text == "" or ($text | utf8bytelength) * $times > 16777216)
  then (if $text == "" then "" else error("the text grows beyond 16 MiB") end) else null end;
def __plus(a; b): a + b;
def _plus(a; b): __plus(a; b) | __bounded;
def __multiply(a; b): a * b;
def _multiply(a; b): b as $__b | a as $__a
  | (if ($__a | type) == "string" then __repeats($__a; $__b) elif ($__b | type) == "string" then __repeats($__b; $__a) else null end)
    // __multiply($__a; $__b);
def __divide(a; b): a / b;
def _divide(a; b): __divide(a; b) | __bounded;
def __mod(a; b): a % b;
def _mod(a; b): b as $__b | a as $__a
  | if ($__a | type) == "number" and ($__b | type) == "number" and $__b < 0 and $__b > -2 then 0 else __mod($__a; $__b) end;
def __tonumber: tonumber;
def __parsed_number($text): if . != . then error("NaN cannot be parsed as a number")
  elif type == "number" and fabs >= 9007199254740992 and ($text | test("^\\s*-?[0-9]+\\s*$"))
  then error("the integer \($text) lies beyond 2^53, where jq would round it") else . end;
def tonumber: if type == "string" then . as $__text | __tonumber | __parsed_number($__text) else __tonumber end;
def __fromjson: fromjson;
def __parsed_json: if any(.. | numbers; . != .) then error("the JSON text holds NaN")
  elif any(.. | numbers; fabs >= 9007199254740992) then error("the JSON text holds a number beyond 2^53, which jq would round")
  else . end;
def fromjson: if type == "string" and test("[0-9]{16}|nan") then __fromjson | __parsed_json else __fromjson end;
)jq";

// On top of these while integers beyond 2^53 are about: what would compute with a rounded one fails; text shows the
// exact one.
constexpr std::string_view k_exact_arithmetic = R"jq(
def __tojson: tojson;
def __is_rounded: type == "number" and (__tojson as $__key | $__exact | has($__key));
def __exactly($x; $y; $what): if ($x | __is_rounded) or ($y | __is_rounded)
  then error("\($what) would round an integer beyond 2^53: jq computes exactly up to there only") else . end;
def __sum(a; b): a + b;
def _plus(a; b): b as $__b | a as $__a | __exactly($__a; $__b; "the sum") | __sum($__a; $__b);
def __minus(a; b): a - b;
def _minus(a; b): b as $__b | a as $__a | __exactly($__a; $__b; "the difference") | __minus($__a; $__b);
def __product(a; b): a * b;
def _multiply(a; b): b as $__b | a as $__a | __exactly($__a; $__b; "the product") | __product($__a; $__b);
def __quotient(a; b): a / b;
def _divide(a; b): b as $__b | a as $__a | __quotient($__a; $__b)
  | if type == "number" and fabs >= 9007199254740992 then __exactly($__a; $__b; "the quotient") else . end;
def __remainder(a; b): a % b;
def _mod(a; b): b as $__b | a as $__a | __exactly($__a; $__b; "the remainder") | __remainder($__a; $__b);
def __join($between): reduce .[] as $__x (null; (if . == null then "" else . + $between end) + $__x) // "";
def tojson: if type == "number" then $__exact[__tojson] // __tojson
  elif type == "array" then "[" + (map(tojson) | __join(",")) + "]"
  elif type == "object" then "{" + ([keys_unsorted[] as $__k | ($__k | __tojson) + ":" + (.[$__k] | tojson)] | __join(",")) + "}"
  else __tojson end;
def tostring: if type == "string" then . else tojson end;
def __format(f): format(f);
def format(f): f as $__f
  | if $__f == "text" then tostring
    elif $__f == "json" then tojson
    elif $__f == "csv" or $__f == "tsv" or $__f == "sh" then
      if any(.[]?, .; __is_rounded) then error("@\($__f) would round an integer beyond 2^53") else __format($__f) end
    else tostring | __format($__f) end;
)jq";

// Strings, arrays, paths.
constexpr std::string_view k_data = R"jq(
def add: reduce .[] as $__x (null; . + $__x);
def join($between): reduce .[] as $__x (null;
  (if . == null then "" else . + $between end)
    + ($__x | if type == "boolean" or type == "number" then tostring else . // "" end)) // "";
def __ltrimstr(x): ltrimstr(x);
def ltrimstr(prefix): prefix as $__p | if type == "string" and ($__p | type) == "string" then __ltrimstr($__p) else . end;
def __rtrimstr(x): rtrimstr(x);
def rtrimstr(suffix): suffix as $__s | if type == "string" and ($__s | type) == "string" then __rtrimstr($__s) else . end;
def __implode: implode;
def implode: if type != "array" then error("implode input must be an array")
  elif all(.[]; type == "number" and . >= 0 and . <= 1114111 and (. < 55296 or . > 57343) and . == floor) then __implode
  else error("implode input must hold Unicode code points") end;
def __cut: if type == "number" and . != . then error("a position in an array or text must be a number, not NaN") else . end;
def __key: if type == "object" then (.start, .end | __cut) as $__x | . else . end;
def __indices(x): indices(x);
def indices($what): if type == "string" and $what == "" then null else __indices($what | __key) end;
def nth($n): .[$n | __key];
def index($what): indices($what) | .[0];
def rindex($what): indices($what) | .[-1:][0];
def __jn(x; y): jn(x; y);
def jn(n; x): n as $__n | x as $__x | if ($__n | type == "number" and (. != . or fabs > 100000)) then error("jn: the order is too large") else __jn($__n; $__x) end;
def __yn(x; y): yn(x; y);
def yn(n; x): n as $__n | x as $__x | if ($__n | type == "number" and (. != . or fabs > 100000)) then error("yn: the order is too large") else __yn($__n; $__x) end;
def limit($n; f): if $n > 0 then label $__done | foreach f as $__x (0; . + 1; $__x, (if . >= $n then break $__done else empty end))
  elif $n == 0 then empty else error("limit does not take a negative count") end;

def __path_guard($path): if ($path | type) == "array" and any($path[] | if type == "object" then (.start, .end) else . end; type == "number" and . != .)
  then error("a path must not hold NaN") else . end;
def __getpath(x): getpath(x);
def getpath(path): path as $__p | __path_guard($__p) | __getpath($__p);
def __delpaths(x): delpaths(x);
def delpaths(paths): paths as $__p | if ($__p | type) == "array" then reduce $__p[] as $__x (.; __path_guard($__x)) else . end | __delpaths($__p);
def del(paths): delpaths([path(paths)]);
def __setpath(x; y): setpath(x; y);
def setpath(path; value): value as $__v | path as $__p | __path_guard($__p)
  | if ($__p | type) == "array" and any($__p[]; type == "number" and . >= 1000000)
    then error("the array index is too large (an index to set must be below 1000000)") else . end
  | __setpath($__p; $__v);
def _assign(paths; value): value as $__v | reduce path(paths) as $__p (.; setpath($__p; $__v));
def _modify(paths; update): reduce path(paths) as $__p (.;
  label $__done | (setpath($__p; getpath($__p) | update) | ., break $__done), delpaths([$__p]));
def map_values(f): .[] |= f;
def truncate_stream(events): __cut as $__n | null | events | if (.[0] | length) > $__n then .[0] |= .[$__n:] else empty end;
def fromstream(events): { value: null, seen: false } as $__start
  | foreach events as $__e ($__start;
      if .done then $__start else . end
      | if ($__e | length) > 1
        then (if ($__e[0] | length) == 0 then .value = $__e[1] | .done = true
              else .value |= setpath($__e[0]; $__e[1]) end)
        else (if ($__e[0] | length) == 1 then .done = true else . end) end;
      if .done then .value else empty end);
)jq";

// Times. libjq's mktime depends on the machine's time zone.
constexpr std::string_view k_times = R"jq(
def __zone_free: if type != "string" then error("a time format must be a string")
  elif utf8bytelength > 4096 then error("the time format is longer than 4096 bytes")
  elif split("%%") | any(.[]; test("%[-_0^#EO+]*[0-9]*[EO]*[sZ]")) then error("a time format with %s or %Z would depend on the machine's time zone")
  else . end;
def __time: if type == "number" then
    if . != . or fabs > 67767976233532799 then error("\(if . != . then "NaN" else . end) is not a time") else gmtime end
  elif type == "array" and length >= 6 and all(.[]; type == "number" and . == . and fabs < 1000000000) then .
  else error("a time must be a number or an array as gmtime gives it") end;
def gmtime: if type != "number" then error("gmtime() requires numeric inputs") else __time end;
def __strftime(x): strftime(x);
def strftime(f): f as $__f | ($__f | __zone_free) as $__format
  | if type == "number" or type == "array" then __time | (if length < 8 then error("strftime/1 requires parsed datetime inputs") else __strftime($__format) end)
    else error("strftime/1 requires parsed datetime inputs") end;
def __strptime(x): strptime(x);
def strptime(f): f as $__f | if type != "string" or ($__f | type) != "string" then error("strptime/1 requires string inputs and arguments")
  else ($__f | __zone_free) as $__format | __strptime($__format) end;
def mktime: if type != "array" then error("mktime requires array inputs")
  elif length < 6 then error("mktime requires parsed datetime inputs")
  else __time | map(if . < 0 then ceil else floor end) | (.[1] / 12 | floor) as $__years
    | (.[1] - 12 * $__years + 1) as $__month
    | (.[0] + $__years - (if $__month > 2 then 0 else 1 end)) as $__year
    | ($__year / 400 | floor) as $__era
    | ($__year - 400 * $__era) as $__of_era
    | ((153 * (if $__month > 2 then $__month - 3 else $__month + 9 end) + 2) / 5 | floor) as $__day
    | (146097 * $__era + 365 * $__of_era + ($__of_era / 4 | floor) - ($__of_era / 100 | floor) + $__day + .[2] - 719469) as $__days
    | 86400 * $__days + 3600 * .[3] + 60 * .[4] + .[5] end;
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def todate: todateiso8601;
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def fromdate: fromdateiso8601;
)jq";

// Regular expressions. libjq runs past the end of the text when a global match is empty and the text is not ASCII, and
// its gsub never ends on an empty match.
constexpr std::string_view k_regular_expressions = R"jq(
def __match($re; $flags): if type != "string" or ($re | type) != "string" or length == utf8bytelength
    or ($flags | type != "string" or (test("g") | not)) then _match_impl($re; $flags; false)
  elif any("", "\u0001", "é"; any(_match_impl($re; null; false)[]; .length == 0)) then error("a regular expression that matches nothing cannot be used with \"g\" on text outside ASCII")
  else _match_impl($re; $flags + "n"; false) end;
def match(re; flags): __match(re; flags) | .[];
def __regex(f): if type == "string" then [., null] | f elif type == "array" and length > 0 then [.[0], .[1]] | f
  else error("\(type) not a string or array") end;
def match($val): . as $__in | $val | __regex(. as [$__re, $__flags] | $__in | match($__re; $__flags));
def __captures: reduce (.captures[] | select(.name != null)) as $__c ({}; . + { ($__c.name): $__c.string });
def capture(re; flags): match(re; flags) | __captures;
def capture($val): match($val) | __captures;
def scan($re): match($re; "g") | if (.captures | length) > 0 then [.captures[].string] else .string end;
def splits($re; flags): . as $__in | [0, (match($re; "g" + flags) | .offset, .offset + .length), length] as $__cuts
  | range(0; $__cuts | length; 2) as $__i | $__in[$__cuts[$__i]:$__cuts[$__i + 1]];
def splits($re): splits($re; null);
def split($re; flags): [splits($re; flags)];
def sub($re; text; $flags): . as $__in
  | def __pieces($edits; $from): if ($edits | length) == 0 then $__in[$from:]
      else $edits[0] as $__e | $__in[$from:$__e.offset] + ($__e | __captures | text) + __pieces($edits[1:]; $__e.offset + $__e.length) end;
    [match($re; $flags)] as $__edits | if ($__edits | length) == 0 then . else __pieces($__edits; 0) end;
def sub($re; text): sub($re; text; null);
def gsub($re; text; $flags): sub($re; text; $flags + "g");
def gsub($re; text): sub($re; text; "g");
)jq";

struct Definition {
  std::string_view name;
  std::string_view text;
  std::set<std::string> mentions;
};

std::vector<Definition> definitions_of(std::initializer_list<std::string_view> parts) {
  constexpr std::string_view k_begin = "\ndef ";
  std::vector<Definition> definitions;
  for (const std::string_view part : parts) {
    for (std::size_t at = part.find(k_begin); at != std::string_view::npos;) {
      const std::size_t next = part.find(k_begin, at + 1);
      const std::string_view text = part.substr(at + 1, next == std::string_view::npos ? next : next - at);
      const std::size_t name = k_begin.size() - 1;
      definitions.push_back(
          {text.substr(name, text.find_first_of("(:", name) - name), text, mentioned_functions(text)});
      at = next;
    }
  }
  return definitions;
}

const std::vector<Definition>& definitions(Numbers numbers) {
  static const auto plain = definitions_of({k_time_and_errors, k_arithmetic, k_data, k_times, k_regular_expressions});
  static const auto exact =
      definitions_of({k_time_and_errors, k_arithmetic, k_exact_arithmetic, k_data, k_times, k_regular_expressions});
  return numbers == Numbers::exact ? exact : plain;
}

}  // namespace

std::set<std::string> mentioned_functions(std::string_view text) {
  const Scan scanned = scan(text);
  std::set<std::string> names;
  for (std::size_t at = 0; at < scanned.tokens.size(); ++at) {
    const Token& token = scanned.tokens[at];
    if (token.kind == TokenKind::Name) names.emplace(token.text);
    if (token.kind == TokenKind::Format || token.kind == TokenKind::StringPart) names.insert({"format", "_plus"});
    if (token.kind != TokenKind::Symbol) continue;
    if (token.text == "+") names.emplace("_plus");
    if (token.text == "-") names.emplace("_minus");
    if (token.text == "*") names.emplace("_multiply");
    if (token.text == "/") names.emplace("_divide");
    if (token.text == "%") names.emplace("_mod");
    if (is_assignment(scanned.tokens, at)) names.insert({"_assign", "_modify"});
  }
  return names;
}

std::string prelude(const std::set<std::string>& names, Numbers numbers) {
  const std::vector<Definition>& all = definitions(numbers);
  std::set<std::string> needed;
  std::deque<std::string> open(names.begin(), names.end());
  while (!open.empty()) {
    const std::string name = std::move(open.front());
    open.pop_front();
    if (!needed.insert(name).second) continue;
    for (const Definition& definition : all) {
      if (definition.name == name) open.insert(open.end(), definition.mentions.begin(), definition.mentions.end());
    }
  }
  std::string text;
  for (const Definition& definition : all) {
    if (needed.contains(std::string(definition.name))) text += definition.text;
  }
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace cairn::jq
