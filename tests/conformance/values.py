"""Expected values: YAML with a few tags, compared with what came out.

  !any              anything at all
  !any string       anything of that JSON type (string, number, integer, boolean, object, array, null)
  !matches REGEX    a string the expression matches as a whole
  !contains TEXT    a string with that text somewhere in it
  !subset {…}       an object with at least these members, compared the same way further down
"""
import re
import sys

try:
    import yaml
except ImportError:
    sys.exit(f"{sys.executable} has no PyYAML: install Debian's python3-yaml (./dev setup does), or run these with its python3")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CaseLoader(_Loader):
    """PyYAML's safe loader with the tags above; on, off, yes and no are strings, and dates too, as in YAML 1.2."""


CaseLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int")
    ]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
CaseLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
CaseLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))


def load_yaml(text):
    return yaml.load(text, CaseLoader)


def kind_of(value):
    if value is None:
        return "null"
    for type_, name in ((bool, "boolean"), (str, "string"), ((int, float), "number"), (dict, "object"), (list, "array")):
        if isinstance(value, type_):
            return name
    raise TypeError(f"not a JSON value: {value!r}")


class Matcher:
    def __init__(self, argument):
        self.argument = argument

    def __repr__(self):
        return f"!{type(self).__name__.lower()} {self.argument}"


class Any(Matcher):
    def difference(self, actual, where):
        wanted = self.argument
        if not wanted or kind_of(actual) == wanted or (wanted == "integer" and type(actual) is int):
            return None
        return f"{where}: expected any {wanted}, got {show(actual)}"


class Matches(Matcher):
    def difference(self, actual, where):
        if isinstance(actual, str) and re.fullmatch(self.argument, actual, re.S):
            return None
        return f"{where}: expected a string that matches {self.argument}, got {show(actual)}"


class Contains(Matcher):
    def difference(self, actual, where):
        if isinstance(actual, str) and self.argument in actual:
            return None
        return f"{where}: expected a string with {self.argument!r} in it, got {show(actual)}"


class Subset(Matcher):
    def difference(self, actual, where):
        if not isinstance(actual, dict):
            return f"{where}: expected an object, got {show(actual)}"
        for name, wanted in self.argument.items():
            if name not in actual:
                return f"{where}: there is no member '{name}' in {show(actual)}"
            wanted = Subset(wanted) if isinstance(wanted, dict) else wanted
            if found := difference(wanted, actual[name], f"{where}/{name}"):
                return found
        return None


for _matcher in (Any, Matches, Contains):
    CaseLoader.add_constructor(f"!{_matcher.__name__.lower()}", lambda loader, node, m=_matcher: m(loader.construct_scalar(node)))
CaseLoader.add_constructor("!subset", lambda loader, node: Subset(loader.construct_mapping(node, deep=True)))


def show(value):
    text = repr(value)
    return text if len(text) <= 600 else text[:600] + "…"


def difference(expected, actual, where=""):
    """The first difference, in words; None when `actual` is as expected. Members of objects have no order."""
    if isinstance(expected, Matcher):
        return expected.difference(actual, where or "/")
    here = where or "/"
    if kind_of(expected) != kind_of(actual):
        return f"{here}: expected {show(expected)}, got {show(actual)}"
    if isinstance(expected, dict):
        for name in expected:
            if name not in actual:
                return f"{here}: there is no member '{name}' in {show(actual)}"
        for name in actual:
            if name not in expected:
                return f"{here}: unexpected member '{name}' in {show(actual)}"
        pairs = [(f"{where}/{name}", expected[name], actual[name]) for name in expected]
    elif isinstance(expected, list):
        if len(expected) != len(actual):
            return f"{here}: expected {len(expected)} items {show(expected)}, got {len(actual)}: {show(actual)}"
        pairs = [(f"{where}/{index}", *both) for index, both in enumerate(zip(expected, actual))]
    else:
        return None if expected == actual else f"{here}: expected {show(expected)}, got {show(actual)}"
    for place, wanted, found in pairs:
        if text := difference(wanted, found, place):
            return text
    return None
