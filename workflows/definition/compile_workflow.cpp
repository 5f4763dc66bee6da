// The definition's top level, and the order of the walk.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"
#include "workflows/definition/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

Compiler::Compiler(const SourceDocument& document, const Resources& resources, LooseText& loose_text)
    : source_(document), resources_(resources), loose_text_(loose_text) {
  findings_.origins().add({&document, {}, {}, {}});
}

void Compiler::run() {
  const Place root = Place::root(source_.root());
  workflow(root);
  compile_all_expressions();
}

void Compiler::not_run_yet(const Place& place, const std::string& what) {
  findings_.warning(place, fmt::format("{}: valid, but not run by this version of cairn", what));
  std::string entry = fmt::format("{} ({})", what, place.pointer());
  // A shared component is met at each of its uses.
  if (std::find(program_.unsupported.begin(), program_.unsupported.end(), entry) == program_.unsupported.end()) {
    program_.unsupported.push_back(std::move(entry));
  }
}

void Compiler::workflow(const Place& root) {
  if (!root.value().is_object()) {
    findings_.error(root,
                    fmt::format("a definition is an object with 'document' and 'do', not {}", kind_of(root.value())));
    return;
  }
  program_.definition = root.value();
  Fields fields(findings_, root, "the definition");
  if (const auto found = fields.require("document")) document_section(*found);
  if (const auto found = fields.take("evaluate"))
    evaluate_section(*found);  // first of the rest: it says how to read them
  const auto use = fields.take("use");
  if (use) {
    kept_places_.push_back(*use);
    collect_use(kept_places_.back());
  }
  allocate_functions();
  if (const auto found = fields.take("input")) {
    program_.input = data_spec(*found, "input", "from", View::of(Row::workflow_input, {}));
  }
  if (const auto found = fields.require("do")) program_.tasks = task_list(*found, std::nullopt, {});
  if (const auto found = fields.take("timeout"))
    program_.timeout = timeout(*found, View::of(Row::workflow_timeout, {}));
  if (const auto found = fields.take("output")) {
    program_.output = data_spec(*found, "output", "as", View::of(Row::workflow_output, {}));
  }
  const auto schedule = fields.take("schedule");
  if (schedule) schedule_section(*schedule);
  fields.done();
  compile_functions();
  if (extensions_place_ != nullptr) extensions(*extensions_place_);
  compile_outside_functions();
  if (schedule) settle_event_read(*schedule);
  check_unused_components();
  report_unknown_targets();
}

void Compiler::document_section(const Place& place) {
  Fields fields(findings_, place, "'document'");
  const auto text = [&](std::string_view key) {
    const auto found = fields.require(key);
    return found ? read_string(findings_, *found) : std::nullopt;
  };
  if (const auto dsl = text("dsl")) {
    const Place at = *fields.take("dsl");
    if (!is_semantic_version(*dsl)) {
      findings_.error(at, fmt::format("'{}' is not a semantic version", shown(*dsl)), "write '1.0.3'");
    } else if (!dsl->starts_with("1.0.") || dsl->find('-') != std::string::npos) {
      findings_.error(at, fmt::format("version {} of the DSL is not supported", shown(*dsl)),
                      "this version of cairn runs 1.0.0 to 1.0.3, and later 1.0.x");
    }
  }
  const auto name = [&](std::string_view key, std::string& into) {
    const auto value = text(key);
    if (!value) return;
    into = *value;
    if (!is_workflow_name(*value)) {
      findings_.error(*fields.take(key), fmt::format("'{}' is not a workflow's {}", shown(*value), key),
                      std::string(k_name_rule));
    }
  };
  name("namespace", program_.identity.workflow_namespace);
  name("name", program_.identity.name);
  if (const auto version = text("version")) {
    program_.identity.version = *version;
    if (!is_semantic_version(*version)) {
      findings_.error(*fields.take("version"), fmt::format("'{}' is not a semantic version", shown(*version)),
                      "write MAJOR.MINOR.PATCH, as in '1.0.0'");
    }
  }
  for (const std::string_view key : {"title", "summary"}) {
    if (const auto found = fields.take(key)) read_string(findings_, *found);
  }
  if (const auto tags = fields.take("tags")) is_object(findings_, *tags);
  if (const auto metadata = fields.take("metadata"); metadata && is_object(findings_, *metadata)) {
    if (const SourceMember* ours = metadata->node->find("cairn")) {
      document_metadata(metadata->member(*ours));
    }
  }
  fields.done();
}

void Compiler::evaluate_section(const Place& place) {
  Fields fields(findings_, place, "'evaluate'");
  if (const auto language = fields.take("language")) {
    const auto name = read_string(findings_, *language);
    if (name && *name != "jq")
      findings_.error(*language, fmt::format("expressions in '{}' are not supported", shown(*name)),
                      "cairn evaluates jq");
  }
  if (const auto mode = fields.take("mode"))
    program_.loose = read_choice(findings_, *mode, {"strict", "loose"}) == "loose";
  fields.done();
}

}  // namespace cairn
