#include "connectors/openapi/document.h"

#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/source/source.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace cairn {

namespace {

constexpr int k_longest_reference_chain = 32;
constexpr std::size_t k_document_nodes = 1'000'000;

Problem not_readable(const Url& url, std::string_view why) {
  return make_problem(StandardError::configuration, "Invalid OpenAPI document",
                      fmt::format("{}: {}", url.for_message(), why));
}

Result<Value> parse_text(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') return parse_json(text);
  SourceLimits limits;
  limits.bytes = limits::k_effect_result_bytes;
  limits.nodes = k_document_nodes;
  return parse_yaml(text, limits);
}

/// One step of a JSON pointer, with its escapes undone.
std::string pointer_segment(std::string_view text) {
  std::string segment = percent_decode(text);
  const auto replace = [&segment](std::string_view what, std::string_view by) {
    for (auto at = segment.find(what); at != std::string::npos; at = segment.find(what, at + by.size())) {
      segment.replace(at, what.size(), by);
    }
  };
  replace("~1", "/");
  replace("~0", "~");
  return segment;
}

const Value* step(const Value& node, const std::string& segment) {
  if (node.is_object()) return node.find(segment);
  if (!node.is_array()) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
  if (error != std::errc() || end != segment.data() + segment.size() || index >= node.as_array().size()) return nullptr;
  return &node.as_array()[index];
}

const Value* at_pointer(const Value& root, std::string_view pointer) {
  const Value* node = &root;
  while (node != nullptr && !pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const auto end = std::min(pointer.find('/'), pointer.size());
    node = step(*node, pointer_segment(pointer.substr(0, end)));
    pointer.remove_prefix(end);
  }
  return node;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

OrProblem<void> add_parameters(const OpenApiDocument& document, const Value& list, std::vector<Value>& parameters) {
  if (!list.is_array()) return boost::outcome_v2::success();
  for (const Value& item : list.as_array()) {
    CONNECTOR_TRY(auto parameter, document.resolve(item));
    const auto same = std::find_if(parameters.begin(), parameters.end(), [&](const Value& known) {
      return known.get("name") == parameter.get("name") && known.get("in") == parameter.get("in");
    });
    if (same != parameters.end()) {
      *same = std::move(parameter);
    } else {
      parameters.push_back(std::move(parameter));
    }
  }
  return boost::outcome_v2::success();
}

OrProblem<OpenApiOperation> read_operation(const OpenApiDocument& document, const std::string& path,
                                           const Value& path_item, const std::string& method, const Value& definition) {
  OpenApiOperation operation{definition.get("operationId").as_string(), upper(method), path, path_item, definition, {}};
  CONNECTOR_TRY(add_parameters(document, path_item.get("parameters"), operation.parameters));
  CONNECTOR_TRY(add_parameters(document, definition.get("parameters"), operation.parameters));
  return operation;
}

bool is_method(std::string_view name) {
  static constexpr std::array<std::string_view, 8> k_methods = {"get",     "put",  "post",  "delete",
                                                                "options", "head", "patch", "trace"};
  return std::find(k_methods.begin(), k_methods.end(), name) != k_methods.end();
}

}  // namespace

Problem document_problem(const OpenApiDocument& document, std::string_view what) {
  return not_readable(document.url, what);
}

OrProblem<OpenApiDocument> OpenApiDocument::parse(Url url, std::string_view text) {
  auto parsed = parse_text(text);
  if (!parsed) return not_readable(url, parsed.error().to_string());
  OpenApiDocument document{std::move(url), std::move(parsed).value(), Version::openapi_3};
  const auto version = [&](std::string_view member) {
    const Value value = document.root.get(member);
    if (value.is_string()) return value.as_string();
    return value.is_number() ? to_json(value) : std::string();  // an unquoted 2.0 in YAML
  };
  if (const std::string swagger = version("swagger"); swagger == "2.0" || swagger == "2") {
    document.version = Version::swagger_2;
  } else if (const std::string openapi = version("openapi"); !openapi.starts_with("3.")) {
    return document_problem(document, "is no OpenAPI document of version 2.0, 3.0 or 3.1");
  }
  if (!document.root.get("paths").is_object()) return document_problem(document, "has no 'paths'");
  return document;
}

OrProblem<Value> OpenApiDocument::resolve(const Value& node) const {
  Value current = node;
  for (int hops = 0; hops < k_longest_reference_chain; ++hops) {
    const Value reference = current.get("$ref");
    if (!reference.is_string()) return current;
    const std::string& text = reference.as_string();
    if (!text.starts_with('#')) {
      return document_problem(*this, fmt::format("refers to another document ({}), which is not supported", text));
    }
    const Value* target = at_pointer(root, std::string_view(text).substr(1));
    if (target == nullptr) return document_problem(*this, fmt::format("refers to {}, which it does not have", text));
    current = *target;
  }
  return document_problem(*this, "has references that lead in a circle");
}

OrProblem<OpenApiOperation> find_operation(const OpenApiDocument& document, const std::string& id) {
  const Value paths = document.root.get("paths");
  std::vector<Value> ids;
  for (const auto& [path, item] : paths.as_object()) {
    CONNECTOR_TRY(const auto path_item, document.resolve(item));
    if (!path_item.is_object()) continue;
    for (const auto& [method, definition] : path_item.as_object()) {
      const Value operation_id = definition.get("operationId");
      if (!is_method(method) || !operation_id.is_string()) continue;
      if (operation_id.as_string() == id) return read_operation(document, path, path_item, method, definition);
      ids.push_back(operation_id);
    }
  }
  std::vector<std::string_view> names;
  names.reserve(ids.size());
  for (const Value& known : ids) names.push_back(known.as_string());
  std::string detail = fmt::format("has no operation '{}'", id);
  if (const auto hint = did_you_mean_or_list(id, names); !hint.empty()) detail += "; " + hint;
  return document_problem(document, detail);
}

}  // namespace cairn
