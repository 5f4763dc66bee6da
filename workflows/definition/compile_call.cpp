// call: http, openapi and functions of the definition.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"
#include "workflows/definition/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn {

namespace {

using Members = std::vector<std::pair<std::string, Draft>>;

bool is_method(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

NodeBody Compiler::call_task(Fields& fields, const TaskContext& context) {
  const Place call = *fields.take("call");
  const auto name = read_string(findings_, call, "what to call (a string)");
  const bool protocol = name && std::find(k_protocols.begin(), k_protocols.end(), *name) != k_protocols.end();
  const auto with = protocol ? fields.require("with") : fields.take("with");
  if (!name) return UnsupportedBody{"an invalid call"};
  if (!protocol) return function_call(call, with, context);

  const View view = context.view().with_secrets();
  if (*name == "http" || *name == "openapi") {
    const View authorized = context.view().with_secrets_and_authorization();
    EffectBody body;
    body.connector = *name;
    if (with)
      body.arguments = keep(*name == "http" ? http_arguments(*with, authorized) : openapi_arguments(*with, authorized));
    return body;
  }
  if (with && *name == "grpc") grpc_arguments(*with, view);
  if (with && *name == "asyncapi") asyncapi_arguments(*with, context);
  if (with && *name == "a2a") a2a_arguments(*with, view);
  if (with && *name == "mcp") mcp_arguments(*with, view);
  not_run_yet(call, "call: " + *name);
  return UnsupportedBody{"call: " + *name};
}

NodeBody Compiler::function_call(const Place& name_place, std::optional<Place> with, const TaskContext& context) {
  const std::string& name = name_place.value().as_string();
  if (name == k_approval_function && !function_nodes_.contains(name)) return approval_call(with, context);
  std::optional<TemplateId> arguments;
  if (with && is_object(findings_, *with, "an object (the function's arguments)"))
    arguments = keep(free_value(*with, context.view()));
  if (const auto function = function_nodes_.find(name); function != function_nodes_.end()) {
    return CallFunctionBody{function->second, arguments};
  }
  if (const auto function = outside_function(name_place, name)) return CallFunctionBody{*function, arguments};
  return UnsupportedBody{"call of an unknown function"};
}

std::optional<Draft> Compiler::named_values(const std::optional<Place>& place, const View& view,
                                            std::string_view what) {
  if (!place) return std::nullopt;
  if (place->value().is_string()) {
    if (find_expressions(place->value().as_string(), Dialect::text).whole) return free_string(*place, view);
    findings_.error(*place, fmt::format("expected {} (an object or ${{ expression }}), got a string", what));
    return std::nullopt;
  }
  if (!is_object(findings_, *place, fmt::format("{} (an object or ${{ expression }})", what))) return std::nullopt;
  return free_value(*place, view);
}

void Compiler::http_output_members(Fields& fields, Members& members) {
  std::string output = "content";
  if (const auto found = fields.take("output"))
    output = read_choice(findings_, *found, {"raw", "content", "response"}).value_or(output);
  bool redirect = false;
  if (const auto found = fields.take("redirect")) redirect = read_boolean(findings_, *found).value_or(false);
  members.emplace_back("output", Draft::constant(Value::string(output)));
  members.emplace_back("redirect", Draft::constant(Value::boolean(redirect)));
}

Draft Compiler::http_arguments(const Place& place, const View& view) {
  Members members;
  Fields fields(findings_, place, "the arguments of call: http");
  if (const auto method = fields.require("method")) {
    if (const auto text = read_string(findings_, *method, "an HTTP method (a string)")) {
      Draft draft = free_string(*method, view, Dialect::text, false);
      if (std::holds_alternative<Value>(draft.form) && !is_method(*text)) {
        findings_.error(*method, fmt::format("'{}' is not an HTTP method", shown(*text)));
      }
      members.emplace_back("method", std::move(draft));
    }
  }
  if (const auto found = fields.require("endpoint")) members.emplace_back("endpoint", endpoint(*found, view));
  const auto headers = fields.take("headers");
  if (auto draft = named_values(headers, view, "headers")) {
    for (const SourceMember& member : headers->node->members) {
      const Place header = headers->member(member);
      if (header.value().is_object() || header.value().is_array()) wrong_type(findings_, header, "a string");
    }
    members.emplace_back("headers", *std::move(draft));
  }
  if (auto draft = named_values(fields.take("query"), view, "query parameters"))
    members.emplace_back("query", *std::move(draft));
  if (const auto body = fields.take("body")) members.emplace_back("body", free_value(*body, view));
  http_output_members(fields, members);
  fields.done();
  return object_draft(std::move(members));
}

Draft Compiler::openapi_arguments(const Place& place, const View& view) {
  Members members;
  Fields fields(findings_, place, "the arguments of call: openapi");
  if (const auto document = fields.require("document")) {
    Draft checked = resource(*document, view);
    const SourceMember* endpoint_member = document->node->find("endpoint");
    const Value uri = endpoint_member == nullptr ? Value{} : endpoint_member->value->value;
    const bool beside =
        !findings_.origins().of(*document).uri.empty() && uri.is_string() && is_relative_reference(uri.as_string());
    const auto where = beside ? outside(document->member(*endpoint_member), "an OpenAPI document") : std::nullopt;
    if (where && scheme_of(where->uri) != k_default_catalog_scheme && !scheme_of(where->uri).empty()) {
      checked = Draft::constant(Value::object({{"endpoint", Value::object({{"uri", Value::string(where->uri)}})}}));
    } else if (where) {
      findings_.error(*document, "a document beside a function in a folder cannot be read when the function runs",
                      "give its whole URI");
    }
    members.emplace_back("document", std::move(checked));
  }
  if (const auto operation = fields.require("operationId")) {
    if (read_string(findings_, *operation))
      members.emplace_back("operationId", free_string(*operation, view, Dialect::text, false));
  }
  if (auto draft = named_values(fields.take("parameters"), view, "parameters"))
    members.emplace_back("parameters", *std::move(draft));
  if (const auto policy = fields.take("authentication"))
    members.emplace_back("authentication", authentication(*policy, view));
  http_output_members(fields, members);
  fields.done();
  return object_draft(std::move(members));
}

}  // namespace cairn
