#include "authoring/testing/suite_reader.h"

#include "workflows/core/suggest.h"
#include "workflows/source/source.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <set>

namespace cairn::authoring {
namespace {

/// `base` with what `change` has: objects member by member, anything else as a whole.
Value changed(const Value& base, const Value& change) {
  if (!base.is_object() || !change.is_object()) return change;
  Value result = base;
  for (const auto& [name, value] : change.as_object()) {
    const Value* before = base.find(name);
    result = result.with(name, before == nullptr ? value : changed(*before, value));
  }
  return result;
}

}  // namespace

Spot SuiteReader::spot_of(const Place& place) {
  return {place.is_item() ? place.node->position : place.key_position, place.pointer()};
}

std::vector<Diagnostic> SuiteReader::read_all(TestSuite& suite) {
  const Place root = Place::root(document_.root());
  Fields fields(findings_, root, "a file of tests");
  suite.workflow = usual_workflow_;
  suite.workflow_spot = {root.node->position, {}};
  if (const auto place = fields.take("workflow")) {
    suite.workflow = read_string(findings_, *place, "a string (the path of the workflow)").value_or("");
    suite.workflow_spot = {place->node->position, place->pointer()};
  } else if (usual_workflow_.empty() && fields.is_mapping() && fields.has("cases")) {
    findings_.error(root, "'workflow' is missing: the path of the workflow, relative to this file");
  }
  if (const auto place = fields.take("with")) paths(*place, suite.with, suite.with_spots);
  TestCase usual;
  usual.clock = k_usual_start;
  if (const auto place = fields.take("defaults")) {
    Fields defaults(findings_, *place, "the defaults");
    circumstances(defaults, usual);
    defaults.done();
  }
  if (const auto place = fields.require("cases")) cases(*place, usual, suite);
  fields.done();
  suite.expressions = compile_expressions_of_tests();
  return findings_.take();
}

void SuiteReader::paths(const Place& place, std::vector<std::string>& into, std::vector<Spot>& spots) {
  if (!is_list(findings_, place, "a list of paths")) return;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    if (auto path = read_string(findings_, item, "a string (the path of a workflow)")) {
      into.push_back(*std::move(path));
      spots.push_back(spot_of(item));
    }
  }
}

void SuiteReader::cases(const Place& place, const TestCase& usual, TestSuite& suite) {
  if (!is_list(findings_, place, "a list of cases")) return;
  if (place.node->items.empty()) findings_.error(place, "there are no cases", "add one: - name: …, expect: …");
  if (place.node->items.size() > k_most_cases) {
    findings_.error(place,
                    fmt::format("a file has at most {} cases, this one {}", k_most_cases, place.node->items.size()));
    return;
  }
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < place.node->items.size(); ++i) {
    const Place item = place.item(i);
    Fields fields(findings_, item, "a case");
    TestCase one = usual;
    one.spot = spot_of(item);
    if (const auto name = fields.require("name")) {
      one.name = read_string(findings_, *name, "a string (what the case shows)").value_or("");
      if (one.name.empty() && name->value().is_string()) findings_.error(*name, "a case needs a name");
      if (!one.name.empty() && !names.insert(one.name).second) {
        findings_.error(*name, fmt::format("there is a case '{}' already", shown(one.name)));
      }
    }
    circumstances(fields, one);
    if (const auto expect = fields.require("expect")) one.expect = expectation(*expect);
    fields.done();
    suite.cases.push_back(std::move(one));
  }
}

void SuiteReader::circumstances(Fields& fields, TestCase& into) {
  given_input(fields, into);
  if (const auto place = fields.take("context")) into.context = place->value();
  if (const auto place = fields.take("from")) {
    if (auto name = read_string(findings_, *place, "a string (a task of the top level)")) {
      into.from = TaskName{*std::move(name), {place->node->position, place->pointer()}};
    }
  }
  const auto merged = [&](std::string_view key, Value& value) {
    const auto place = fields.take(key);
    if (!place || !is_object(findings_, *place)) return;
    for (const auto& [name, member] : place->value().as_object()) value = value.with(name, member);
  };
  merged("secrets", into.secrets);
  merged("environment", into.environment);
  if (const auto place = fields.take("clock")) {
    if (const auto text = read_string(findings_, *place, "a string (a time such as 2026-01-01T00:00:00Z)")) {
      if (const auto time = parse_timestamp(*text)) {
        into.clock = time.value();
      } else {
        findings_.error(*place, fmt::format("'{}' is no time", shown(*text)), "write it as 2026-01-01T00:00:00Z");
      }
    }
  }
  if (const auto place = fields.take("unmocked")) {
    if (const auto choice = read_choice(findings_, *place, {"fail", "real"})) into.unmocked_is_real = *choice == "real";
  }
  if (const auto place = fields.take("mocks")) mocks(*place, into.mocks);
  if (const auto place = fields.take("events")) {
    into.events.clear();
    events(*place, into.events);
  }
}

void SuiteReader::given_input(Fields& fields, TestCase& into) {
  const std::string_view given = fields.exactly_one({"input", "inputFile"}, false);
  if (given == "input") {
    into.input = fields.take("input")->value();
  } else if (given == "inputFile") {
    if (auto value = value_file(*fields.take("inputFile"))) into.input = *std::move(value);
  }
  if (const auto place = fields.take("inputChanges")) {
    if (is_object(findings_, *place)) into.input = changed(into.input, place->value());
  }
}

std::optional<Value> SuiteReader::value_file(const Place& place) {
  const auto path = read_string(findings_, place, "a string (the path of a JSON or YAML file)");
  if (!path) return std::nullopt;
  const auto text = read_(*path);
  if (!text) {
    findings_.error(place, fmt::format("'{}' cannot be read: {}", shown(*path), text.error().message));
    return std::nullopt;
  }
  auto value = path->ends_with(".json") ? parse_json(text.value()) : parse_yaml(text.value());
  if (value) return std::move(value.value());
  findings_.error(place, fmt::format("{}: {}", shown(*path), value.error().to_string()));
  return std::nullopt;
}

}  // namespace cairn::authoring
