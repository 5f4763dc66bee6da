// Workflows: what is deployed, and whether a text could be.

#include "server/api/api.h"
#include "server/api/input.h"
#include "workflows/definition/bundle.h"
#include "workflows/diagram/diagram.h"

#include <fmt/format.h>

#include <utility>

namespace cairn::server {
namespace {

Value text_or_null(const Value& value) { return value.is_string() ? value : Value::null(); }

Value view_of(const DefinitionText& workflow) {
  const auto& program = *workflow.program;
  const Value document = program.definition.get("document");
  const std::string self = fmt::format("/v1/workflows/{}/{}/{}", program.identity.workflow_namespace,
                                       program.identity.name, program.identity.version);
  return Value::object({{"namespace", Value::string(program.identity.workflow_namespace)},
                        {"name", Value::string(program.identity.name)},
                        {"version", Value::string(program.identity.version)},
                        {"title", text_or_null(document.get("title"))},
                        {"summary", text_or_null(document.get("summary"))},
                        {"tags", document.get("tags")},
                        {"schedule", program.definition.get("schedule")},
                        {"hash", Value::string(program.hash.hex())},
                        {"links", Value::object({{"self", Value::string(self)},
                                                 {"text", Value::string(self + "/text")},
                                                 {"diagram", Value::string(self + "/diagram")},
                                                 {"runs", Value::string(self + "/runs")}})}});
}

void list_workflows(const Request& request, Reply reply, const Api& api) {
  if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
  Array list;
  for (const auto& workflow : api.deployed->all()) list.push_back(view_of(*workflow));
  reply(json_response(200, Value::object({{"workflows", Value::array(std::move(list))}})));
}

/// Passes the workflow that the path names on.
template <class Show>
void show_workflow(const Request& request, Reply reply, const Api& api, Show show) {
  if (auto checked = check_query(request, {}); !checked) return reply(problem(checked.error()));
  const auto workflow =
      api.deployed->find(request.parameter("namespace"), request.parameter("name"), request.parameter("version"));
  if (workflow == nullptr) {
    return reply(problem(
        make_error(ErrorCode::not_found, "there is no such workflow", {}, "GET /v1/workflows lists what is deployed")));
  }
  // A program's hash is that of its text: what has the same one need not be sent again.
  const std::string tag = '"' + workflow->program->hash.hex() + '"';
  if (request.field("If-None-Match") == tag) {
    Response response = empty_response(304);
    response.add("ETag", tag);
    return reply(std::move(response));
  }
  Response response = show(*workflow);
  response.add("ETag", tag);
  reply(std::move(response));
}

Response text_of(const DefinitionText& workflow) {
  auto bundle = read_bundle(workflow.text);
  if (!bundle) return problem(bundle.error());
  return text_response(200, "application/yaml; charset=utf-8", std::move(bundle.value().text));
}

Response diagram_of(const DefinitionText& workflow) {
  return text_response(200, "text/vnd.mermaid; charset=utf-8", to_mermaid(*workflow.program));
}

Value finding(const Diagnostic& diagnostic) {
  return Value::object({{"severity", Value::string(diagnostic.severity == Severity::error ? "error" : "warning")},
                        {"line", Value::unsigned_integer(diagnostic.position.line)},
                        {"column", Value::unsigned_integer(diagnostic.position.column)},
                        {"pointer", Value::string(diagnostic.pointer)},
                        {"message", Value::string(diagnostic.message)},
                        {"hint", Value::string(diagnostic.hint)}});
}

void validate(const Request& request, Reply reply) {
  const std::string type = media_type_of(request);
  const bool fits = type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml" ||
                    type == "text/x-yaml" || type == "application/json";
  if (!fits) {
    return reply(problem(make_error(ErrorCode::invalid_usage, "the body is a definition", {},
                                    "Send it with Content-Type: application/yaml")));
  }
  const auto loaded = load_definition(request.body);
  Array findings;
  for (const auto& diagnostic : loaded.diagnostics) findings.push_back(finding(diagnostic));
  reply(json_response(200, Value::object({{"valid", Value::boolean(loaded.ok())},
                                          {"workflow", loaded.ok() ? Value::string(loaded.program->identity.to_string())
                                                                   : Value::null()},
                                          {"diagnostics", Value::array(std::move(findings))}})));
}

}  // namespace

void add_workflow_routes(Router& router, const Api& api) {
  router.add("GET", "/v1/workflows",
             [api](const Request& request, Reply reply) { list_workflows(request, std::move(reply), api); });
  router.add("POST", "/v1/workflows:validate",
             [](const Request& request, Reply reply) { validate(request, std::move(reply)); });
  const auto add = [&](const std::string& pattern, auto show) {
    router.add("GET", pattern, [api, show](const Request& request, Reply reply) {
      show_workflow(request, std::move(reply), api, show);
    });
  };
  const std::string named = "/v1/workflows/{namespace}/{name}";
  add(named, [](const DefinitionText& workflow) { return json_response(200, view_of(workflow)); });
  add(named + "/{version}", [](const DefinitionText& workflow) { return json_response(200, view_of(workflow)); });
  add(named + "/{version}/text", text_of);
  add(named + "/{version}/diagram", diagram_of);
}

}  // namespace cairn::server
