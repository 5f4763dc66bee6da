#include "connectors/openapi/body.h"

#include "connectors/http/http_arguments.h"
#include "connectors/http/media_type.h"
#include "workflows/core/sha256.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

bool is_multipart(std::string_view type) { return MediaType::parse(type).name == "multipart/form-data"; }

/// JSON before forms before text before anything else; "" when any will do.
OrProblem<std::string> choose_media_type(const OpenApiDocument& document, const std::vector<std::string>& offered) {
  if (offered.empty()) return std::string();
  const auto first = [&](auto matches) {
    const auto found = std::find_if(offered.begin(), offered.end(), matches);
    return found == offered.end() ? std::string() : *found;
  };
  if (auto type = first([](const auto& t) { return MediaType::parse(t).is_json(); }); !type.empty()) return type;
  if (auto type = first([](const auto& t) { return MediaType::parse(t).is_form(); }); !type.empty()) return type;
  if (auto type = first(is_multipart); !type.empty()) return type;
  if (auto type = first([](const auto& t) { return MediaType::parse(t).is_text(); }); !type.empty()) return type;
  if (offered.front().find('*') != std::string::npos) return std::string();
  if (MediaType::parse(offered.front()).name.starts_with("multipart/")) {
    return document_problem(document, fmt::format("wants a body of {}; of these only multipart/form-data is supported",
                                                  MediaType::parse(offered.front()).name));
  }
  return offered.front();
}

bool is_composite(const Value& value) { return value.is_object() || value.is_array(); }

/// Quotes and line breaks would end the name (as browsers write them).
std::string quoted_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '"') {
      result += "%22";
    } else if (c == '\r' || c == '\n') {
      result += c == '\r' ? "%0D" : "%0A";
    } else {
      result += c;
    }
  }
  return result;
}

/// Names of the members that the schema of a media type describes as bytes.
std::vector<std::string> files_in(const OpenApiDocument& document, const Value& media_type) {
  std::vector<std::string> files;
  const auto schema = document.resolve(media_type.get("schema"));
  if (!schema || !schema.value().get("properties").is_object()) return files;
  const auto is_bytes = [](const Value& part) {
    return part.get("format") == Value::string("binary") || !part.get("contentMediaType").is_null();
  };
  const Value properties = schema.value().get("properties");
  for (const auto& [name, property] : properties.as_object()) {
    const auto resolved = document.resolve(property);
    if (resolved && (is_bytes(resolved.value()) || is_bytes(resolved.value().get("items")))) files.push_back(name);
  }
  return files;
}

}  // namespace

OrProblem<void> write_form(const Value& fields, HttpRequest& request) {
  std::vector<Member> flat;
  for (const auto& [name, value] : fields.as_object()) {
    const auto text = [](const Value& item) { return is_composite(item) ? Value::string(to_json(item)) : item; };
    if (!value.is_array()) {
      flat.push_back({name, text(value)});
      continue;
    }
    Array items;
    for (const Value& item : value.as_array()) items.push_back(text(item));
    flat.push_back({name, Value::array(std::move(items))});
  }
  CONNECTOR_TRY(request.body, form_encode(Value::object(std::move(flat))));
  return boost::outcome_v2::success();
}

OrProblem<void> write_multipart(const Value& fields, const Value& encoding, const std::vector<std::string>& files,
                                HttpRequest& request) {
  struct Part {
    std::string head;
    std::string text;
  };
  std::vector<Part> parts;
  std::string whole;
  for (const auto& [name, value] : fields.as_object()) {
    if (value.is_null()) continue;
    const bool file = std::ranges::find(files, name) != files.end();
    const Value content_type = encoding.get(name).get("contentType");
    const auto add = [&](const Value& item) -> OrProblem<void> {
      Part part;
      part.head = fmt::format("Content-Disposition: form-data; name=\"{}\"{}\r\n", quoted_name(name),
                              file ? fmt::format("; filename=\"{}\"", quoted_name(name)) : "");
      std::string type = is_composite(item) ? "application/json" : file ? "application/octet-stream" : "";
      if (content_type.is_string()) type = content_type.as_string().substr(0, content_type.as_string().find(','));
      if (type.find_first_of("\r\n") != std::string::npos) return invalid_argument("a content type holds a line break");
      if (!type.empty()) part.head += "Content-Type: " + type + "\r\n";
      if (is_composite(item)) {
        part.text = to_json(item);
      } else {
        CONNECTOR_TRY(part.text, scalar_text(item, "the part '" + name + "'"));
      }
      whole += part.head + part.text;
      parts.push_back(std::move(part));
      return boost::outcome_v2::success();
    };
    if (!value.is_array()) {
      CONNECTOR_TRY(add(value));
      continue;
    }
    for (const Value& item : value.as_array()) {
      CONNECTOR_TRY(add(item));
    }
  }
  // The same body each time it is sent, and a boundary that is not in it.
  std::string boundary = "cairn-" + sha256(whole).hex();
  while (whole.find(boundary) != std::string::npos) boundary = "cairn-" + sha256(boundary + whole).hex();
  std::string body;
  for (const Part& part : parts) body += fmt::format("--{}\r\n{}\r\n{}\r\n", boundary, part.head, part.text);
  request.body = body + "--" + boundary + "--\r\n";
  std::erase_if(request.headers, [](const auto& header) { return same_header_name(header.first, "Content-Type"); });
  request.headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
  return boost::outcome_v2::success();
}

OrProblem<void> write_described_body(const OpenApiDocument& document, const BodyDescription& description,
                                     const Value& body, HttpRequest& request) {
  std::string type;
  if (const std::string* own = find_header(request.headers, "Content-Type")) {
    type = *own;
  } else {
    CONNECTOR_TRY(type, choose_media_type(document, description.media_types));
    if (!type.empty()) {
      CONNECTOR_TRY(add_header(request.headers, "Content-Type", Value::string(type)));
    }
  }
  if (body.is_object() && is_multipart(type)) {
    const Value media_type = description.content.get(type);
    return write_multipart(body, media_type.get("encoding"), files_in(document, media_type), request);
  }
  if (body.is_object() && MediaType::parse(type).is_form()) return write_form(body, request);
  return set_body(request, &body);
}

}  // namespace cairn
