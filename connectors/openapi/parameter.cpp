#include "connectors/openapi/parameter.h"

#include "connectors/http/http_arguments.h"
#include "connectors/http/url.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

namespace {

using Place = OpenApiParameter::Place;
using Encoder = std::string (*)(std::string_view);

std::string as_it_is(std::string_view text) { return std::string(text); }

std::string text_of(const Value& value) { return value.is_string() ? value.as_string() : std::string(); }

OrProblem<Place> read_place(const OpenApiDocument& document, const Value& definition) {
  const std::string in = text_of(definition.get("in"));
  if (in == "path") return Place::path;
  if (in == "query") return Place::query;
  if (in == "header") return Place::header;
  if (in == "cookie") return Place::cookie;
  if (in == "formData") return Place::form_field;
  if (in == "body") return Place::body;
  return document_problem(
      document, fmt::format("puts the parameter '{}' in '{}', which is unknown", text_of(definition.get("name")), in));
}

bool is_form_like(Place place) { return place == Place::query || place == Place::cookie || place == Place::form_field; }

OrProblem<void> read_swagger_style(const OpenApiDocument& document, const Value& definition,
                                   OpenApiParameter& parameter) {
  if (text_of(definition.get("type")) == "file") {
    return document_problem(document,
                            fmt::format("wants a file for '{}'; uploading files is not supported", parameter.name));
  }
  const std::string format = text_of(definition.get("collectionFormat"));
  parameter.style = is_form_like(parameter.place) ? ParameterStyle::form : ParameterStyle::simple;
  parameter.explode = format == "multi";
  if (format == "ssv") parameter.style = ParameterStyle::space_delimited;
  if (format == "tsv") parameter.style = ParameterStyle::tab_delimited;
  if (format == "pipes") parameter.style = ParameterStyle::pipe_delimited;
  return boost::outcome_v2::success();
}

OrProblem<void> read_openapi_style(const OpenApiDocument& document, const Value& definition,
                                   OpenApiParameter& parameter) {
  parameter.json = definition.get("content").is_object();
  std::string style = text_of(definition.get("style"));
  if (style.empty()) style = is_form_like(parameter.place) ? "form" : "simple";
  parameter.explode = definition.get("explode").is_bool() ? definition.get("explode").as_bool() : style == "form";
  if (style == "simple") {
    parameter.style = ParameterStyle::simple;
  } else if (style == "form") {
    parameter.style = ParameterStyle::form;
  } else if (style == "spaceDelimited") {
    parameter.style = ParameterStyle::space_delimited;
  } else if (style == "pipeDelimited") {
    parameter.style = ParameterStyle::pipe_delimited;
  } else if (style == "deepObject") {
    parameter.style = ParameterStyle::deep_object;
  } else {
    return document_problem(document, fmt::format("gives the parameter '{}' the style '{}', which is not supported",
                                                  parameter.name, style));
  }
  return boost::outcome_v2::success();
}

std::string_view delimiter_of(ParameterStyle style, bool encoded) {
  switch (style) {
    case ParameterStyle::space_delimited: return encoded ? "%20" : " ";
    case ParameterStyle::tab_delimited: return encoded ? "%09" : "\t";
    case ParameterStyle::pipe_delimited: return encoded ? "%7C" : "|";
    case ParameterStyle::simple:
    case ParameterStyle::form:
    case ParameterStyle::deep_object: break;
  }
  return ",";
}

/// A scalar, list or flat object as one text: "a", "a,b", "k,v,k,v", or "k=v,k=v" when exploded.
OrProblem<std::string> joined(const OpenApiParameter& parameter, const Value& value, Encoder encode) {
  const std::string what = "the parameter '" + parameter.name + "'";
  if (parameter.json) return encode(to_json(value));
  std::string text;
  const std::string_view delimiter = delimiter_of(parameter.style, encode != &as_it_is);
  const auto add = [&](const std::string& piece) {
    if (!text.empty()) text += delimiter;
    text += piece;
  };
  if (value.is_array()) {
    for (const Value& item : value.as_array()) {
      CONNECTOR_TRY(const auto piece, scalar_text(item, "each item of " + what));
      add(encode(piece));
    }
    return text;
  }
  if (value.is_object()) {
    for (const auto& [name, member] : value.as_object()) {
      CONNECTOR_TRY(const auto piece, scalar_text(member, "each member of " + what));
      add(encode(name) + (parameter.explode ? "=" : std::string(delimiter)) + encode(piece));
    }
    return text;
  }
  CONNECTOR_TRY(const auto piece, scalar_text(value, what));
  return encode(piece);
}

void add_pair(std::string& query, const std::string& name, const std::string& value) {
  if (!query.empty()) query += '&';
  query += name + "=" + value;
}

OrProblem<void> write_query(const OpenApiParameter& parameter, const Value& value, std::string& query) {
  const std::string what = "the parameter '" + parameter.name + "'";
  const std::string name = percent_encode(parameter.name);
  const bool deep = parameter.style == ParameterStyle::deep_object;
  if (deep && !value.is_object()) return invalid_argument(what + " is an object");
  if (value.is_object() && !parameter.json && (deep || parameter.explode)) {
    for (const auto& [member, item] : value.as_object()) {
      CONNECTOR_TRY(const auto piece, scalar_text(item, "each member of " + what));
      add_pair(query, deep ? name + "%5B" + percent_encode(member) + "%5D" : percent_encode(member),
               percent_encode(piece));
    }
    return boost::outcome_v2::success();
  }
  if (value.is_array() && !parameter.json && parameter.explode) {
    for (const Value& item : value.as_array()) {
      CONNECTOR_TRY(const auto piece, scalar_text(item, "each item of " + what));
      add_pair(query, name, percent_encode(piece));
    }
    return boost::outcome_v2::success();
  }
  CONNECTOR_TRY(const auto text, joined(parameter, value, &percent_encode));
  add_pair(query, name, text);
  return boost::outcome_v2::success();
}

OrProblem<void> write_path(const OpenApiParameter& parameter, const Value& value, std::string& path) {
  CONNECTOR_TRY(const auto text, joined(parameter, value, &percent_encode));
  if (text.empty()) return invalid_argument(fmt::format("the path parameter '{}' must not be empty", parameter.name));
  // A dot segment would be taken out of the URL: the call would reach another operation.
  if (text == "." || text == "..") {
    return invalid_argument(fmt::format("the path parameter '{}' cannot be '{}'", parameter.name, text));
  }
  const std::string placeholder = "{" + parameter.name + "}";
  for (auto at = path.find(placeholder); at != std::string::npos; at = path.find(placeholder, at + text.size())) {
    path.replace(at, placeholder.size(), text);
  }
  return boost::outcome_v2::success();
}

}  // namespace

OrProblem<OpenApiParameter> OpenApiParameter::read(const OpenApiDocument& document, const Value& definition) {
  OpenApiParameter parameter;
  parameter.name = text_of(definition.get("name"));
  if (parameter.name.empty()) return document_problem(document, "has a parameter without a name");
  CONNECTOR_TRY(parameter.place, read_place(document, definition));
  const Value required = definition.get("required");
  parameter.required = parameter.place == Place::path || (required.is_bool() && required.as_bool());
  if (document.version == OpenApiDocument::Version::swagger_2) {
    CONNECTOR_TRY(read_swagger_style(document, definition, parameter));
  } else {
    CONNECTOR_TRY(read_openapi_style(document, definition, parameter));
  }
  return parameter;
}

OrProblem<void> write_parameter(const OpenApiParameter& parameter, const Value& value, WrittenParameters& written) {
  switch (parameter.place) {
    case Place::path: return write_path(parameter, value, written.path);
    case Place::query: return write_query(parameter, value, written.query);
    case Place::header: {
      CONNECTOR_TRY(auto text, joined(parameter, value, &as_it_is));
      return add_header(written.headers, parameter.name, Value::string(std::move(text)));
    }
    case Place::cookie: {
      CONNECTOR_TRY(const auto text, joined(parameter, value, &percent_encode));
      if (!written.cookies.empty()) written.cookies += "; ";
      written.cookies += percent_encode(parameter.name) + "=" + text;
      return boost::outcome_v2::success();
    }
    case Place::form_field: {
      if (value.is_array() && !parameter.explode) {
        CONNECTOR_TRY(auto text, joined(parameter, value, &as_it_is));
        written.form_fields.push_back({parameter.name, Value::string(std::move(text))});
      } else {
        written.form_fields.push_back({parameter.name, value});
      }
      return boost::outcome_v2::success();
    }
    case Place::body: break;
  }
  return boost::outcome_v2::success();
}

}  // namespace cairn
