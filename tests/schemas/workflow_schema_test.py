"""schemas/workflow.schema.json accepts what the parser accepts, and nothing else, as far as JSON Schema can say it.

Documents: every workflow of the examples, of the conformance cases and of the standard; what a generator makes of the schema
itself; and all of these with something changed. What only the parser can know (what names refer to, how expressions read,
what is inside texts) is told by its messages: BEYOND is the whole list. A seed and a count may be given:
CAIRN_SCHEMA_SEED, CAIRN_SCHEMA_MUTANTS.
"""
import copy
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    sys.exit(f"{sys.executable} has no jsonschema: install Debian's python3-jsonschema (./dev setup does), or run this with its python3")

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/conformance"))
from values import load_yaml  # noqa: E402

BINARY = pathlib.Path(os.environ.get("CAIRN_BINARY_DIR", ROOT / "build/release")) / "cairn"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
SPEC = pathlib.Path(os.environ.get("OPEN_WORKFLOW_SPEC", ROOT / "../shared/spec"))
SEED = int(os.environ.get("CAIRN_SCHEMA_SEED", "1"))
MUTANTS = int(os.environ.get("CAIRN_SCHEMA_MUTANTS", "200"))

# Messages of what JSON Schema cannot say. Each line is a kind of thing, not a case.
BEYOND = [
    # what names refer to
    r"there is no \w[\w ]* '.*' in use", r"is not in use\.secrets", r"there is no task '", r"a directive may only name a task",
    r"cannot go on at '", r"is a directive, and also the name", r"is in this list already", r"there is no function", r"calls? .* of a catalog",
    r"a timeout's text is the name", r"no catalog", r"is not a cataloged function's name",
    # expressions, URI templates and what may be read where
    r"the expression does not compile", r"is not defined here", r"has no value here", r"cannot be read here", r"\$ENV does not exist",
    r"this '\$\{' is never closed", r"the expression is empty", r"nothing may follow the expression", r"is not a simple expansion",
    r"this '[{}]' (is never closed|closes nothing)", r"a URI cannot hold blanks", r"a URI cannot be empty", r"must be known before",
    r"cannot have expressions", r"what is fetched",
    # what is inside texts
    r"not a regular expression", r"attribute '\w+' ", r"is not a date and time", r"this is not base 64", r"time zone", r"is not a duration", r"is neither a duration nor a time",
    # values beside one another
    r"cannot both be '", r"'to' is shorter than 'from'", r"is the default case already",
    # sums
    r"longer than 100 years", r"a period is longer than nothing", r"an interval is", r"expected an ISO 8601 duration above zero",
]
BEYOND_ALL = re.compile("|".join(BEYOND))
# What has a language of its own: cron expressions, JSON Schemas within the definition.
BEYOND_PLACES = re.compile(r"^/schedule/cron$|/schema/document(/|$)|/with/form(/|$)")


def corpus():
    documents = []
    for folder in [ROOT / "examples", SPEC / "examples", SPEC / "use-cases"]:
        for path in sorted(folder.rglob("*.yaml")):
            if not path.name.endswith(".test.yaml"):
                documents.append((str(path.name), path.read_text()))
    head = "document:\n  dsl: '1.0.3'\n  namespace: test\n  name: case\n  version: '1.0.0'\n"
    for path in sorted((ROOT / "tests/conformance/cases").glob("*.yaml")):
        for case in load_yaml(path.read_text()):
            text = case["workflow"] if case.get("whole") or "document:" in case["workflow"] else head + case["workflow"]
            documents.append((f"{path.stem}: {case['name']}", text))
    found = []
    for name, text in documents:
        try:
            value = load_yaml(text)
            json.dumps(value, allow_nan=False)
        except Exception:  # not YAML, or more than JSON can hold: nothing for a schema
            continue
        if isinstance(value, dict):
            found.append((name, value))
    return found


def around(place, value):
    """The smallest workflow that has `value` at `place`, a pointer."""
    document = {"document": {"dsl": "1.0.3", "namespace": "test", "name": "case", "version": "1.0.0"}, "do": []}
    *way, last = place.split("/")[1:]
    at = document
    for step in way:
        if step == "task":
            at["do"] = [{"a": {}}]
            at = at["do"][0]["a"]
        else:
            at = at.setdefault(step, {})
    at[last] = value
    return document


# Each part of the language by itself: its schema (a definition, or the way to it), where it stands, what stands beside it.
PARTS = [
    ("authenticationPolicy", "/use/authentications/a", None), ("retry", "/use/retries/r", None), ("error", "/use/errors/e", None),
    ("timeout", "/use/timeouts/t", None), ("input", "/input", None), ("output", "/output", None), ("/properties/schedule", "/schedule", None),
    ("/properties/evaluate", "/evaluate", None), ("/properties/document/properties/metadata", "/document/metadata", None),
    ("task/properties/metadata", "/task/metadata", {"run": {"shell": {"command": "ls"}}}),
    ("task/properties/metadata", "/task/metadata", {"listen": {"to": {"any": []}}}), ("export", "/task/export", {"set": {"a": 1}}),
    ("duration", "/task/wait", None), ("run", "/task/run", None), ("task/properties/emit", "/task/emit", None),
    ("task/properties/listen", "/task/listen", None), ("iterator", "/task/foreach", {"listen": {"to": {"any": []}}}),
    ("task/properties/catch", "/task/catch", {"try": []}), ("task/properties/raise", "/task/raise", None),
    ("task/properties/switch", "/task/switch", None), ("task/properties/fork", "/task/fork", None), ("task/properties/for", "/task/for", {"do": []}),
    ("use/properties/extensions", "/use/extensions", None), ("use/properties/catalogs", "/use/catalogs", None),
    *((f"{name}Arguments", "/task/with", {"call": name}) for name in ("http", "openapi", "grpc", "asyncapi", "a2a", "mcp")),
]


class Generator:
    """Documents that a schema accepts: small, and with everything now and then."""

    TEXTS = ["continue", "exit", "end", "${ . }", ".", "PT5S", "a", "name", "1.0.0", "json", "https://example.com", "com.example.type", "http", "run"]

    def __init__(self, schema, seed):
        self.schema = schema
        self.random = random.Random(seed)
        self.validators = {}

    def accepts(self, schema, value):
        key = id(schema)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator({**schema, "$defs": self.schema["$defs"]} if isinstance(schema, dict) else schema)
        return self.validators[key].is_valid(value)

    def make(self, schema, depth=0):
        if schema is True or schema == {}:
            return self.random.choice([1, "x", {"a": 1}, [1], True])
        if "$ref" in schema:
            return self.make(self.schema["$defs"][schema["$ref"].split("/")[-1]], depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = self.random.choice(kind)
        if kind is None and "anyOf" in schema and "properties" not in schema:
            # A name that refers to nothing says nothing about the schema.
            ways = [one for one in schema["anyOf"] if not str(one.get("description")).startswith("The name of")]
            return self.make(self.random.choice(ways), depth)
        if kind == "string":
            return self.text(schema)
        if kind == "integer":
            return max(schema.get("minimum", 0), min(schema.get("maximum", 7), self.random.choice([0, 1, 5, 404])))
        if kind == "number":
            return 5
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "null":
            return None
        if kind == "array":
            count = 0 if depth > 9 else self.random.choice([0, 1, 1, 2])
            items = [self.make(schema.get("items", {}), depth + 1) for _ in range(max(count, schema.get("minItems", 0)))]
            if schema.get("uniqueItems"):
                items = items[:1]
            return items
        if kind == "object" or "properties" in schema:
            return self.object(schema, depth)
        return "x"

    def text(self, schema):
        if schema == self.schema["$defs"]["expression"]:
            return self.random.choice([".", "${ . }", "true"])
        if schema == self.schema["$defs"]["then"]:
            return self.random.choice(["continue", "exit", "end"])
        for text in self.random.sample(self.TEXTS, len(self.TEXTS)):
            if self.accepts(schema, text):
                return text
        return "x"

    def object(self, schema, depth):
        properties = schema.get("properties", {})
        for attempt in range(60):
            chance = 0 if depth > 9 else self.random.choice([0.05, 0.2, 0.5])
            names = set(schema.get("required", []))
            names |= {name for name in properties if self.random.random() < chance}
            if "oneOf" in schema:
                alternatives = [one["required"][0] for one in schema["oneOf"]]
                chosen = self.random.choice(["set", "wait"] if depth > 7 and "set" in alternatives else alternatives)
                names = {n for n in names if n not in alternatives} | {chosen}
                for name, needs in schema.get("dependentRequired", {}).items():
                    if name in names:
                        names |= set(needs)
                names = {n for n in names if not (n in schema.get("dependentRequired", {}) and not set(schema["dependentRequired"][n]) <= names)}
            elif schema.get("maxProperties") == 1 and properties:
                names = {self.random.choice(sorted(properties))}
            elif not names and properties and schema.get("minProperties"):
                names = {self.random.choice(sorted(properties))}
            made = {}
            for name in sorted(names):
                part = properties.get(name, {})
                if part is not False:
                    made[name] = self.make(part, depth + 1)
            if made.get("call") and isinstance(made["call"], str) and "allOf" in schema:
                made["call"] = self.random.choice(["http", "openapi", "grpc", "asyncapi", "a2a", "mcp"])
                made["with"] = self.make(self.schema["$defs"][made["call"] + "Arguments"], depth + 1)
            extra = schema.get("additionalProperties")
            if isinstance(extra, dict) and not properties and (schema.get("minProperties") or self.random.random() < 0.5):
                made[self.random.choice(["a", "b", "c"])] = self.make(extra, depth + 1)
            if self.accepts(schema, made):
                return made
        return {}


def mutated(document, dice):
    """A copy with one thing changed: a key removed, added, renamed or moved in from elsewhere, a value of another type."""
    copied = copy.deepcopy(document)
    places = []

    def walk(value):
        if isinstance(value, dict):
            for key in value:
                places.append((value, key))
                walk(value[key])
        elif isinstance(value, list):
            for index, item in enumerate(value):
                places.append((value, index))
                walk(item)

    walk(copied)
    if not places:
        return copied
    holder, key = dice.choice(places)
    keys = [k for h, k in places if isinstance(k, str)]
    what = dice.choice(["remove", "rename", "add", "type", "swap", "empty"])
    if what == "remove":
        del holder[key]
    elif what == "rename" and isinstance(holder, dict):
        holder[dice.choice([key + "x", key.upper(), dice.choice(keys)])] = holder.pop(key)
    elif what == "add" and isinstance(holder[key], dict):
        holder[key][dice.choice(keys + ["unknown"])] = dice.choice([1, "x", True, [], {}, None])
    elif what == "empty" and isinstance(holder[key], (dict, list, str)):
        holder[key] = type(holder[key])()
    elif what == "swap":
        other, at = dice.choice(places)
        holder[key] = copy.deepcopy(other[at])
    else:
        holder[key] = dice.choice([1, 1.5, -1, "x", True, [], {}, None, "${ . }", [1], {"a": 1}, 70000])
    return copied


def all_mutants(value):
    """Copies of {"it": value} with each place once of another type, removed and renamed, and each object with one key more."""
    places = []

    def walk(inner, way):
        for key in inner if isinstance(inner, dict) else range(len(inner)):
            places.append((*way, key))
            if isinstance(inner[key], (dict, list)):
                walk(inner[key], (*way, key))

    walk({"it": value}, ())
    for *way, last in places:
        def changed(change):
            copied = {"it": copy.deepcopy(value)}
            holder = copied
            for step in way:
                holder = holder[step]
            change(holder)
            return copied

        for other in (1, -1, 1.5, "x", "", True, [], {}, None, [{}], {"a": 1}):
            yield changed(lambda holder, other=other: holder.__setitem__(last, other))
        if way:
            yield changed(lambda holder: holder.__delitem__(last))
            if isinstance(last, str):
                yield changed(lambda holder: holder.__setitem__(last + "x", holder.pop(last)))
                yield changed(lambda holder: holder.__setitem__("unknown", 1))


def judged_by_parser(documents):
    """Of each document its errors."""
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        for begin in range(0, len(documents), 400):
            paths = []
            for number, document in enumerate(documents[begin:begin + 400]):
                path = pathlib.Path(folder) / f"{begin + number}.yaml"
                path.write_text(json.dumps(document))
                paths.append(path)
            answer = subprocess.run([BINARY, "validate", "--offline", "--json", *paths], capture_output=True, text=True, check=False, cwd=folder, env=ENVIRONMENT)
            if answer.returncode not in (0, 2) or not answer.stdout:
                raise AssertionError(f"the parser ended with {answer.returncode} {answer.stderr[-300:]} on one of {documents[begin:begin + 400]}")
            for file in json.loads(answer.stdout)["files"]:
                errors.append([one for one in file["diagnostics"] if one["severity"] == "error"])
    return errors


class WorkflowSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads((ROOT / "schemas/workflow.schema.json").read_text())
        cls.validator = jsonschema.Draft202012Validator(cls.schema)
        cls.documents = corpus()

    def compare(self, documents):
        complaints = []
        for (name, document), errors in zip(documents, judged_by_parser([document for _, document in documents])):
            # A function of the workflow's own by the name of a built-in one takes any arguments; a schema of tasks cannot look there.
            functions = document.get("use", {}).get("functions", {}) if isinstance(document.get("use"), dict) else {}
            if isinstance(functions, dict) and "human.approve" in functions:
                continue
            wrong = next(iter(self.validator.iter_errors(document)), None)
            expressible = [
                f"{one['pointer']}: {one['message']}" for one in errors
                if not BEYOND_ALL.search(one["message"]) and not BEYOND_PLACES.search(one["pointer"])
            ]
            if wrong is not None and not errors:
                place = "/".join(str(part) for part in wrong.absolute_path)
                complaints.append(f"{name}\n    the parser accepts it, the schema does not: /{place}: {wrong.message[:300]}\n    {json.dumps(document)[:1500]}")
            elif wrong is None and expressible:
                complaints.append(f"{name}\n    the schema accepts it, the parser does not: {expressible}\n    {json.dumps(document)[:1500]}")
        if complaints:
            self.fail(f"{len(complaints)} of {len(documents)} differ (seed {SEED}):\n  " + "\n  ".join(complaints[:12]))

    def test_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_has_a_description_for_what_an_editor_offers(self):
        missing = []

        def look(schema, place):
            if not isinstance(schema, dict):
                return
            if schema.get("$ref"):
                schema = {**self.schema["$defs"][schema["$ref"].split("/")[-1]], **schema}
            for name, part in schema.get("properties", {}).items():
                inner = part if not isinstance(part, dict) or "$ref" not in part else {**self.schema["$defs"][part["$ref"].split("/")[-1]], **part}
                if isinstance(inner, dict) and not inner.get("description"):
                    missing.append(f"{place}/{name}")

        for name in ["task", "use", "input", "output", "export", "httpArguments", "run", "retry", "eventStrategy"]:
            look({"$ref": f"#/$defs/{name}"}, name)
        look(self.schema, "")
        self.assertEqual(missing, [])

    def test_judges_all_known_workflows_as_the_parser_does(self):
        self.assertGreater(len(self.documents), 300)
        self.compare(self.documents)

    def test_judges_changed_workflows_as_the_parser_does(self):
        dice = random.Random(SEED)
        sound = [one for one in self.documents if self.validator.is_valid(one[1])]
        self.compare([(f"changed: {name}", mutated(document, dice)) for name, document in dice.choices(sound, k=MUTANTS)])

    def test_accepts_nothing_that_the_parser_does_not_know(self):
        generator = Generator(self.schema, SEED)
        made = [("generated", generator.make(self.schema)) for _ in range(MUTANTS // 3)]
        self.compare([one for one in made if self.validator.is_valid(one[1])])

    def test_judges_changes_of_what_it_has_generated_as_the_parser_does(self):
        # Here are the properties that nobody's workflow has.
        dice = random.Random(SEED)
        generator = Generator(self.schema, SEED + 1)
        self.compare([("generated and changed", mutated(generator.make(self.schema), dice)) for _ in range(MUTANTS)])

    def test_judges_each_part_and_changes_of_it_as_the_parser_does(self):
        dice = random.Random(SEED)
        generator = Generator(self.schema, SEED + 2)
        made = []
        for name, place, beside in PARTS:
            part = self.schema if name.startswith("/") else self.schema["$defs"]
            for step in name.strip("/").split("/"):
                part = part[step]
            values = sorted((generator.make(part) for _ in range(40)), key=lambda value: len(json.dumps(value)))
            for value in [values[0], *values[-MUTANTS // 100:]]:
                changes = list(all_mutants(value))
                for one in [{"it": value}, *dice.sample(changes, min(len(changes), MUTANTS // 3))]:
                    document = around(place, one["it"])
                    if beside:
                        document["do"][0]["a"] |= beside
                    made.append((f"{name} at {place}", document))
        self.compare(made)

    def test_is_what_the_binary_prints(self):
        printed = subprocess.run([BINARY, "schema"], capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout
        self.assertEqual(json.loads(printed), self.schema)


if __name__ == "__main__":
    unittest.main()
