#include "connectors/openapi/parameter.h"

#include "connectors/http/http_arguments.h"
#include "connectors/http/media_type.h"
#include "connectors/http/url.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

void read_swagger_style(const Value& definition, OpenApiParameter& parameter) {
  parameter.file = text_of(definition.get("type")) == "file";
  const std::string format = text_of(definition.get("collectionFormat"));
  parameter.style = is_form_like(parameter.place) ? ParameterStyle::form : ParameterStyle::simple;
  parameter.explode = format == "multi";
  if (format == "ssv") parameter.style = ParameterStyle::space_delimited;
  if (format == "tsv") parameter.style = ParameterStyle::tab_delimited;
  if (format == "pipes") parameter.style = ParameterStyle::pipe_delimited;
}

OrProblem<void> read_openapi_style(const OpenApiDocument& document, const Value& definition,
                                   OpenApiParameter& parameter) {
  if (const Value content = definition.get("content"); content.is_object()) {
    // One media type; what is not JSON is given as the text to be sent.
    parameter.json = content.as_object().empty() || MediaType::parse(content.as_object().begin()->name).is_json();
    parameter.style = is_form_like(parameter.place) ? ParameterStyle::form : ParameterStyle::simple;
    parameter.explode = false;
    return boost::outcome_v2::success();
  }
  parameter.allow_reserved = definition.get("allowReserved") == Value::boolean(true);
  std::string style = text_of(definition.get("style"));
  if (style.empty()) style = is_form_like(parameter.place) ? "form" : "simple";
  parameter.explode = definition.get("explode").is_bool() ? definition.get("explode").as_bool() : style == "form";
  struct Known {
    std::string_view name;
    ParameterStyle style;
    std::array<bool, 4> places;  // path, query, header, cookie
  };
  static constexpr std::array<Known, 7> k_styles{{
      {"simple", ParameterStyle::simple, {true, false, true, false}},
      {"label", ParameterStyle::label, {true, false, false, false}},
      {"matrix", ParameterStyle::matrix, {true, false, false, false}},
      {"form", ParameterStyle::form, {false, true, false, true}},
      {"spaceDelimited", ParameterStyle::space_delimited, {false, true, false, false}},
      {"pipeDelimited", ParameterStyle::pipe_delimited, {false, true, false, false}},
      {"deepObject", ParameterStyle::deep_object, {false, true, false, false}},
  }};
  const auto known = std::ranges::find(k_styles, style, &Known::name);
  if (known == k_styles.end()) {
    return document_problem(
        document, fmt::format("gives the parameter '{}' the style '{}', which is unknown", parameter.name, style));
  }
  const auto place = static_cast<std::size_t>(parameter.place);
  if (place < known->places.size() && !known->places.at(place)) {
    return document_problem(document, fmt::format("gives the parameter '{}' the style '{}', which is not for its place",
                                                  parameter.name, style));
  }
  parameter.style = known->style;
  return boost::outcome_v2::success();
}

std::string_view delimiter_of(ParameterStyle style, bool encoded) {
  switch (style) {
    case ParameterStyle::space_delimited: return encoded ? "%20" : " ";
    case ParameterStyle::tab_delimited: return encoded ? "%09" : "\t";
    case ParameterStyle::pipe_delimited: return encoded ? "%7C" : "|";
    case ParameterStyle::simple:
    case ParameterStyle::label:
    case ParameterStyle::matrix:
    case ParameterStyle::form:
    case ParameterStyle::deep_object: break;
  }
  return ",";
}

/// A scalar, list or flat object as one text: "a", "a,b", "k,v,k,v", or "k=v,k=v" when exploded.
OrProblem<std::string> joined(const OpenApiParameter& parameter, const Value& value, Encoder encode,
                              std::string_view delimiter) {
  const std::string what = "the parameter '" + parameter.name + "'";
  if (parameter.json) return encode(to_json(value));
  std::string text;
  bool first = true;
  const auto add = [&](const std::string& piece) {
    if (!std::exchange(first, false)) text += delimiter;
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

OrProblem<std::string> joined(const OpenApiParameter& parameter, const Value& value, Encoder encode) {
  return joined(parameter, value, encode, delimiter_of(parameter.style, encode != &as_it_is));
}

/// RFC 6570's {+x}: reserved characters stay, but for those that would end the query or a parameter of it.
std::string encode_reserved(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool stays = std::string_view(":/?@!$'()*,;[]").find(c) != std::string_view::npos;
    result += stays ? std::string(1, c) : percent_encode(std::string_view(&c, 1));
  }
  return result;
}

void add_pair(std::string& query, const std::string& name, const std::string& value) {
  if (!query.empty()) query += '&';
  query += name + "=" + value;
}

OrProblem<void> write_query(const OpenApiParameter& parameter, const Value& value, std::string& query) {
  const std::string what = "the parameter '" + parameter.name + "'";
  const std::string name = percent_encode(parameter.name);
  const Encoder encode = parameter.allow_reserved ? &encode_reserved : &percent_encode;
  const bool deep = parameter.style == ParameterStyle::deep_object;
  if (deep && !value.is_object()) return invalid_argument(what + " is an object");
  if (value.is_object() && !parameter.json && (deep || parameter.explode)) {
    for (const auto& [member, item] : value.as_object()) {
      CONNECTOR_TRY(const auto piece, scalar_text(item, "each member of " + what));
      add_pair(query, deep ? name + "%5B" + percent_encode(member) + "%5D" : percent_encode(member), encode(piece));
    }
    return boost::outcome_v2::success();
  }
  if (value.is_array() && !parameter.json && parameter.explode) {
    for (const Value& item : value.as_array()) {
      CONNECTOR_TRY(const auto piece, scalar_text(item, "each item of " + what));
      add_pair(query, name, encode(piece));
    }
    return boost::outcome_v2::success();
  }
  CONNECTOR_TRY(const auto text, joined(parameter, value, encode));
  add_pair(query, name, text);
  return boost::outcome_v2::success();
}

/// What stands in the path: styles label and matrix begin with their mark.
OrProblem<std::string> path_text(const OpenApiParameter& parameter, const Value& value) {
  const std::string name = percent_encode(parameter.name);
  const bool list = value.is_array() || value.is_object();
  if (parameter.style == ParameterStyle::label) {
    CONNECTOR_TRY(const auto text, joined(parameter, value, &percent_encode, parameter.explode ? "." : ","));
    return "." + text;
  }
  if (parameter.style != ParameterStyle::matrix) return joined(parameter, value, &percent_encode);
  if (parameter.explode && list && !parameter.json) {
    CONNECTOR_TRY(const auto text,
                  joined(parameter, value, &percent_encode, value.is_array() ? ";" + name + "=" : ";"));
    return (value.is_array() ? ";" + name + "=" : ";") + text;
  }
  CONNECTOR_TRY(const auto text, joined(parameter, value, &percent_encode));
  return ";" + name + (text.empty() ? "" : "=" + text);
}

/// One cookie, or, exploded, one for each item or member.
OrProblem<void> write_cookie(const OpenApiParameter& parameter, const Value& value, std::string& cookies) {
  const std::string name = percent_encode(parameter.name);
  const bool apart = parameter.explode && !parameter.json && (value.is_array() || value.is_object());
  if (!cookies.empty()) cookies += "; ";
  if (!apart) {
    CONNECTOR_TRY(const auto text, joined(parameter, value, &percent_encode));
    cookies += name + "=" + text;
    return boost::outcome_v2::success();
  }
  CONNECTOR_TRY(const auto text,
                joined(parameter, value, &percent_encode, value.is_array() ? "; " + name + "=" : "; "));
  cookies += (value.is_array() ? name + "=" : std::string()) + text;
  return boost::outcome_v2::success();
}

OrProblem<void> write_path(const OpenApiParameter& parameter, const Value& value, std::string& path) {
  CONNECTOR_TRY(const auto text, path_text(parameter, value));
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
    read_swagger_style(definition, parameter);
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
    case Place::cookie: return write_cookie(parameter, value, written.cookies);
    case Place::form_field: {
      written.has_file = written.has_file || parameter.file;
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
