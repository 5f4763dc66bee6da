#include "connectors/openapi/openapi_call.h"

#include "connectors/http/media_type.h"
#include "connectors/openapi/body.h"
#include "connectors/openapi/parameter.h"
#include "connectors/openapi/security.h"
#include "workflows/core/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace cairn {

namespace {

constexpr std::string_view k_body = "body";

std::vector<std::string> strings_of(const Value& list) {
  std::vector<std::string> texts;
  if (!list.is_array()) return texts;
  for (const Value& item : list.as_array()) {
    if (item.is_string()) texts.push_back(item.as_string());
  }
  return texts;
}

std::vector<std::string> swagger_consumes(const OpenApiDocument& document, const OpenApiOperation& operation) {
  const Value own = operation.definition.get("consumes");
  return strings_of(own.is_array() ? own : document.root.get("consumes"));
}

OrProblem<std::optional<BodyDescription>> openapi_body(const OpenApiDocument& document,
                                                       const OpenApiOperation& operation) {
  if (operation.definition.get("requestBody").is_null()) return std::optional<BodyDescription>();
  CONNECTOR_TRY(const auto definition, document.resolve(operation.definition.get("requestBody")));
  BodyDescription body{std::string(k_body), definition.get("required") == Value::boolean(true), {}, {}};
  if (const Value content = definition.get("content"); content.is_object()) {
    body.content = content;
    for (const auto& [type, ignored] : content.as_object()) body.media_types.push_back(type);
  }
  return std::optional(std::move(body));
}

/// The request under construction.
class Plan {
 public:
  Plan(const OpenApiDocument& document, const OpenApiOperation& operation)
      : document_(document), operation_(operation) {
    written_.path = operation.path;
  }

  OrProblem<HttpRequest> build(const Value& given) {
    CONNECTOR_TRY(read_description());
    CONNECTOR_TRY(refuse_unknown(given));
    HttpRequest request;
    request.method = operation_.method;
    for (const auto& parameter : parameters_) {
      const Value value = given.get(parameter.name);
      if (value.is_null()) {
        if (parameter.required) return missing(parameter.name);
        continue;
      }
      CONNECTOR_TRY(write_parameter(parameter, value, written_));
    }
    CONNECTOR_TRY(auto url, server_of(document_, operation_));
    if (const auto open = written_.path.find('{'); open != std::string::npos) {
      return document_problem(
          document_,
          fmt::format("describes no parameter for {} in {}",
                      written_.path.substr(open, written_.path.find('}', open) - open + 1), operation_.path));
    }
    url.path += written_.path;
    url.query = written_.query;
    request.url = url.to_string();
    request.headers = std::move(written_.headers);
    if (!written_.cookies.empty()) request.headers.emplace_back("Cookie", written_.cookies);
    CONNECTOR_TRY(write_body(given, request));
    return request;
  }

 private:
  OrProblem<void> read_description() {
    for (const Value& definition : operation_.parameters) {
      CONNECTOR_TRY(auto parameter, OpenApiParameter::read(document_, definition));
      if (parameter.place == OpenApiParameter::Place::body) {
        body_ = BodyDescription{parameter.name, parameter.required, swagger_consumes(document_, operation_), {}};
      } else {
        parameters_.push_back(std::move(parameter));
      }
    }
    CONNECTOR_TRY(add_api_keys(document_, operation_, parameters_));
    if (document_.version == OpenApiDocument::Version::openapi_3) {
      CONNECTOR_TRY(body_, openapi_body(document_, operation_));
    }
    return boost::outcome_v2::success();
  }

  OrProblem<void> refuse_unknown(const Value& given) const {
    if (given.is_null()) return boost::outcome_v2::success();
    if (!given.is_object()) return invalid_argument("'parameters' is a map of names to values");
    std::vector<std::string_view> names;
    names.reserve(parameters_.size() + 1);
    for (const auto& parameter : parameters_) names.push_back(parameter.name);
    if (body_) names.push_back(body_->name);
    for (const auto& [name, value] : given.as_object()) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      std::string detail = fmt::format("the operation '{}' has no parameter '{}'", operation_.id, name);
      if (const auto hint = did_you_mean_or_list(name, names); !hint.empty()) detail += "; " + hint;
      return invalid_argument(detail);
    }
    return boost::outcome_v2::success();
  }

  [[nodiscard]] Problem missing(const std::string& name) const {
    return invalid_argument(fmt::format("the operation '{}' needs the parameter '{}'", operation_.id, name));
  }

  OrProblem<void> write_body(const Value& given, HttpRequest& request) {
    if (!written_.form_fields.empty()) {
      const auto consumes = swagger_consumes(document_, operation_);
      const auto is_form = [](const std::string& type) { return MediaType::parse(type).is_form(); };
      const Value fields = Value::object(std::move(written_.form_fields));
      if (written_.has_file || (!consumes.empty() && std::none_of(consumes.begin(), consumes.end(), is_form))) {
        std::vector<std::string> files;
        for (const auto& parameter : parameters_) {
          if (parameter.file) files.push_back(parameter.name);
        }
        return write_multipart(fields, {}, files, request);
      }
      request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
      return write_form(fields, request);
    }
    if (!body_) return boost::outcome_v2::success();
    const Value body = given.get(body_->name);
    if (body.is_null()) return body_->required ? OrProblem<void>(missing(body_->name)) : boost::outcome_v2::success();
    return write_described_body(document_, *body_, body, request);
  }

  const OpenApiDocument& document_;
  const OpenApiOperation& operation_;
  std::vector<OpenApiParameter> parameters_;
  std::optional<BodyDescription> body_;
  WrittenParameters written_;
};

}  // namespace

OrProblem<HttpCall> plan_operation(const OpenApiDocument& document, const Value& arguments,
                                   const Credentials& credentials, const std::string& idempotency_key,
                                   const HttpOptions& options) {
  HttpCall call;
  const Value id = arguments.get("operationId");
  if (!id.is_string()) return invalid_argument("'operationId' is a string");
  CONNECTOR_TRY(call.output, read_output(arguments));
  CONNECTOR_TRY(const auto redirect, read_redirect(arguments));
  CONNECTOR_TRY(const auto operation, find_operation(document, id.as_string()));
  Plan plan(document, operation);
  CONNECTOR_TRY(call.request, plan.build(arguments.get("parameters")));
  call.request.follow_redirects = redirect;
  CONNECTOR_TRY(add_standard_headers(call.request, credentials, idempotency_key, options));
  return call;
}

}  // namespace cairn
