#include "workflows/schema/schema_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

namespace cairn {
namespace {

constexpr std::array<std::string_view, 3> k_dialects{
    "json-schema.org/draft-07/schema", "json-schema.org/draft/2019-09/schema", "json-schema.org/draft/2020-12/schema"};

/// Keywords that say something about a schema and ask nothing of a value.
const std::set<std::string_view> k_annotations{
    "$schema",         "$id",      "$comment", "$defs",  "definitions", "title",      "description",
    "default",         "example",  "examples", "format", "readOnly",    "deprecated", "contentMediaType",
    "contentEncoding", "writeOnly"};

/// Keywords of the standard that cannot be checked here.
const std::set<std::string_view> k_unsupported{"unevaluatedProperties", "unevaluatedItems", "$anchor",
                                               "$dynamicRef",           "$dynamicAnchor",   "$recursiveRef",
                                               "$recursiveAnchor",      "$vocabulary",      "contentSchema"};

const std::set<std::string_view> k_types{"null", "boolean", "object", "array", "number", "string", "integer"};

std::string escaped(std::string_view token) {
  std::string out;
  for (const char c : token) out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return out;
}

std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool pair = token[i] == '~' && i + 1 < token.size();
    if (pair && token[i + 1] == '0') {
      out += '~';
      ++i;
    } else if (pair && token[i + 1] == '1') {
      out += '/';
      ++i;
    } else {
      out += token[i];
    }
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The value a JSON pointer names, and its pointer in normal form.
const Value* at_pointer(const Value& root, std::string_view pointer) {
  const Value* here = &root;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto slash = pointer.find('/');
    const std::string token = unescaped(pointer.substr(0, slash));
    pointer = slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash);
    if (here->is_array()) {
      const auto& items = here->as_array();
      if (token.empty() || token.size() > 9 || !std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; }))
        return nullptr;
      const auto index = static_cast<std::size_t>(std::stoul(token));
      if (index >= items.size()) return nullptr;
      here = &items[index];
    } else {
      here = here->find(token);
      if (here == nullptr) return nullptr;
    }
  }
  return here;
}

/// Turns a document into nodes. A schema that several references name is compiled once.
class SchemaCompiler {
 public:
  explicit SchemaCompiler(const Value& document) : document_(document), impl_(std::make_unique<JsonSchema::Impl>()) {}

  Result<std::unique_ptr<const JsonSchema::Impl>> run() {
    CAIRN_TRY(impl_->root, compile(document_, ""));
    CAIRN_TRY(refuse_endless_references());
    return std::unique_ptr<const JsonSchema::Impl>(std::move(impl_));
  }

 private:
  static Error wrong(std::string message, const std::string& pointer) {
    return make_error(ErrorCode::invalid_definition, std::move(message), pointer);
  }

  Result<SchemaNodeId> compile(const Value& schema, const std::string& pointer) {
    if (const auto known = compiled_.find(pointer); known != compiled_.end()) return known->second;
    const SchemaNodeId id{static_cast<std::uint32_t>(impl_->nodes.size())};
    impl_->nodes.emplace_back();
    pointers_.push_back(pointer);
    compiled_.emplace(pointer, id);
    SchemaNode node;
    if (schema.is_bool()) {
      node.verdict = schema.as_bool();
    } else if (schema.is_object()) {
      for (const auto& [keyword, value] : schema.as_object()) {
        CAIRN_TRY(read_keyword(node, schema, keyword, value, pointer));
      }
    } else {
      return wrong("a schema is an object, true or false; this is " + std::string(schema.type_name()), pointer);
    }
    impl_->nodes[static_cast<std::size_t>(id)] = std::move(node);
    return id;
  }

  Result<void> read_keyword(SchemaNode& node, const Value& schema, const std::string& keyword, const Value& value,
                            const std::string& pointer) {
    const std::string here = pointer + "/" + escaped(keyword);
    CAIRN_TRY(const bool any, read_any_type(node, keyword, value, here));
    if (any) return success();
    CAIRN_TRY(const bool combined, read_combination(node, keyword, value, here));
    if (combined) return success();
    CAIRN_TRY(const bool scalar, read_scalar(node, keyword, value, here));
    if (scalar) return success();
    CAIRN_TRY(const bool array, read_array(node, schema, keyword, value, here));
    if (array) return success();
    CAIRN_TRY(const bool object, read_object(node, keyword, value, here));
    if (object) return success();
    if (keyword == "$schema") return check_dialect(value, here);
    if (keyword == "$id" && !pointer.empty())
      return wrong("'$id' inside a schema is not supported: it would move what '$ref' means", here);
    if (k_annotations.contains(keyword) || keyword.starts_with("x-")) return success();
    if (k_unsupported.contains(keyword))
      return wrong("'" + keyword + "' is not supported, and a schema is never half-checked", here);
    return wrong("'" + keyword + "' is not a JSON Schema keyword", here);
  }

  static Result<void> check_dialect(const Value& value, const std::string& here) {
    if (value.is_string()) {
      std::string_view uri = value.as_string();
      if (uri.ends_with('#')) uri.remove_suffix(1);
      for (const auto dialect : k_dialects) {
        if (uri == fmt::format("http://{}", dialect) || uri == fmt::format("https://{}", dialect)) return success();
      }
    }
    return wrong("this '$schema' is not supported; draft-07, 2019-09 and 2020-12 are", here);
  }

  // ---- keywords for any type
  // -------------------------------------------------------------------------------------------
  Result<bool> read_any_type(SchemaNode& node, const std::string& keyword, const Value& value,
                             const std::string& here) {
    if (keyword == "type") {
      const Array names = value.is_array() ? value.as_array() : Array{value};
      for (const auto& name : names) {
        if (!name.is_string() || !k_types.contains(name.as_string())) {
          return wrong("'type' is one or several of null, boolean, object, array, number, string, integer", here);
        }
        node.types.push_back(name.as_string());
      }
      if (names.empty()) return wrong("'type' names no type", here);
      return true;
    }
    if (keyword == "const") {
      node.constant = value;
      return true;
    }
    if (keyword == "enum") {
      if (!value.is_array()) return wrong("'enum' is an array", here);
      node.enumeration = value.as_array();
      return true;
    }
    if (keyword == "$ref") {
      if (!value.is_string()) return wrong("'$ref' is a string", here);
      const std::string& reference = value.as_string();
      if (reference != "#" && !reference.starts_with("#/")) {
        return wrong("'$ref' may only point into the same document ('#/…'), not to '" + reference + "'", here);
      }
      const std::string target = percent_decoded(std::string_view(reference).substr(1));
      const Value* schema = at_pointer(document_, target);
      if (schema == nullptr) return wrong("'$ref' points to '" + reference + "', which is not there", here);
      CAIRN_TRY(node.reference, compile(*schema, target));
      return true;
    }
    return false;
  }

  Result<bool> read_combination(SchemaNode& node, const std::string& keyword, const Value& value,
                                const std::string& here) {
    std::vector<SchemaNodeId>* list = keyword == "allOf"   ? &node.all_of
                                      : keyword == "anyOf" ? &node.any_of
                                      : keyword == "oneOf" ? &node.one_of
                                                           : nullptr;
    if (list != nullptr) {
      if (!value.is_array() || value.as_array().empty())
        return wrong("'" + keyword + "' is an array of at least one schema", here);
      for (std::size_t i = 0; i < value.as_array().size(); ++i) {
        CAIRN_TRY(const auto part, compile(value.as_array()[i], here + "/" + std::to_string(i)));
        list->push_back(part);
      }
      return true;
    }
    std::optional<SchemaNodeId>* single = keyword == "not"    ? &node.negated
                                          : keyword == "if"   ? &node.condition
                                          : keyword == "then" ? &node.then_branch
                                          : keyword == "else" ? &node.else_branch
                                                              : nullptr;
    if (single == nullptr) return false;
    CAIRN_TRY(*single, compile(value, here));
    return true;
  }

  // ---- numbers and strings
  // ---------------------------------------------------------------------------------------------
  Result<bool> read_scalar(SchemaNode& node, const std::string& keyword, const Value& value, const std::string& here) {
    std::optional<Value>* number = keyword == "minimum"            ? &node.minimum
                                   : keyword == "maximum"          ? &node.maximum
                                   : keyword == "exclusiveMinimum" ? &node.exclusive_minimum
                                   : keyword == "exclusiveMaximum" ? &node.exclusive_maximum
                                   : keyword == "multipleOf"       ? &node.multiple_of
                                                                   : nullptr;
    if (number != nullptr) {
      if (!value.is_number()) return wrong("'" + keyword + "' is a number", here);
      if (keyword == "multipleOf" && !(value.as_double() > 0)) return wrong("'multipleOf' is greater than 0", here);
      *number = value;
      return true;
    }
    if (keyword == "pattern") {
      if (!value.is_string()) return wrong("'pattern' is a string", here);
      CAIRN_TRY(node.pattern, compile_pattern(value.as_string(), here));
      return true;
    }
    std::optional<std::uint64_t>* count = keyword == "minLength"       ? &node.min_length
                                          : keyword == "maxLength"     ? &node.max_length
                                          : keyword == "minItems"      ? &node.min_items
                                          : keyword == "maxItems"      ? &node.max_items
                                          : keyword == "minContains"   ? &node.min_contains
                                          : keyword == "maxContains"   ? &node.max_contains
                                          : keyword == "minProperties" ? &node.min_properties
                                          : keyword == "maxProperties" ? &node.max_properties
                                                                       : nullptr;
    if (count == nullptr) return false;
    // 2.0 counts as an integer; beyond 2^53 a count is nonsense anyway.
    const double size = value.is_number() ? value.as_double() : -1;
    if (!(size >= 0 && size <= 9007199254740992.0 && size == std::floor(size)))
      return wrong("'" + keyword + "' is an integer that is not negative", here);
    *count = static_cast<std::uint64_t>(size);
    return true;
  }

  static Result<std::shared_ptr<const re2::RE2>> compile_pattern(const std::string& text, const std::string& here) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_shared<const re2::RE2>(text, options);
    if (!pattern->ok()) {
      return wrong("pattern '" + text + "' cannot be used: " + pattern->error() +
                       " (patterns are RE2's: no look-around, no back-references)",
                   here);
    }
    return pattern;
  }

  // ---- arrays
  // ----------------------------------------------------------------------------------------------------------
  Result<bool> read_array(SchemaNode& node, const Value& schema, const std::string& keyword, const Value& value,
                          const std::string& here) {
    if (keyword == "uniqueItems") {
      if (!value.is_bool()) return wrong("'uniqueItems' is true or false", here);
      node.unique_items = value.as_bool();
      return true;
    }
    if (keyword == "contains") {
      CAIRN_TRY(node.contains, compile(value, here));
      return true;
    }
    // Draft 7 writes tuples as an array under `items` and the rest as `additionalItems`; 2020-12 as `prefixItems` and
    // `items`.
    const bool tuple = keyword == "prefixItems" || (keyword == "items" && value.is_array());
    if (tuple) {
      if (!value.is_array()) return wrong("'prefixItems' is an array of schemas", here);
      for (std::size_t i = 0; i < value.as_array().size(); ++i) {
        CAIRN_TRY(const auto item, compile(value.as_array()[i], here + "/" + std::to_string(i)));
        node.prefix_items.push_back(item);
      }
      return true;
    }
    if (keyword == "items") {
      CAIRN_TRY(node.items, compile(value, here));
      return true;
    }
    if (keyword == "additionalItems") {
      const Value* items = schema.find("items");
      CAIRN_TRY(const auto rest, compile(value, here));
      if (items != nullptr && items->is_array()) node.items = rest;  // without a tuple the keyword asks nothing
      return true;
    }
    return false;
  }

  // ---- objects
  // ---------------------------------------------------------------------------------------------------------
  static Result<std::vector<std::string>> strings(const std::string& keyword, const Value& value,
                                                  const std::string& here) {
    std::vector<std::string> names;
    if (!value.is_array()) return wrong("'" + keyword + "' is an array of strings", here);
    for (const auto& name : value.as_array()) {
      if (!name.is_string()) return wrong("'" + keyword + "' is an array of strings", here);
      names.push_back(name.as_string());
    }
    return names;
  }

  Result<bool> read_object(SchemaNode& node, const std::string& keyword, const Value& value, const std::string& here) {
    if (keyword == "required") {
      CAIRN_TRY(node.required, strings(keyword, value, here));
      return true;
    }
    if (keyword == "additionalProperties") {
      CAIRN_TRY(node.additional_properties, compile(value, here));
      return true;
    }
    if (keyword == "propertyNames") {
      CAIRN_TRY(node.property_names, compile(value, here));
      return true;
    }
    const bool maps = keyword == "properties" || keyword == "patternProperties" || keyword == "dependencies" ||
                      keyword == "dependentRequired" || keyword == "dependentSchemas" || keyword == "definitions" ||
                      keyword == "$defs";
    if (!maps) return false;
    if (!value.is_object()) return wrong("'" + keyword + "' is an object", here);
    for (const auto& [name, part] : value.as_object()) {
      const std::string below = here + "/" + escaped(name);
      if (keyword == "dependentRequired" || (keyword == "dependencies" && part.is_array())) {
        CAIRN_TRY(node.dependent_required[name], strings(keyword, part, below));
        continue;
      }
      CAIRN_TRY(const auto schema, compile(part, below));
      if (keyword == "properties") {
        node.properties.emplace(name, schema);
      } else if (keyword == "patternProperties") {
        CAIRN_TRY(auto pattern, compile_pattern(name, below));
        node.pattern_properties.emplace_back(std::move(pattern), schema);
      } else if (keyword == "dependencies" || keyword == "dependentSchemas") {
        node.dependent_schemas.emplace(name, schema);
      }
    }
    return true;
  }

  // ---- endless references
  // ----------------------------------------------------------------------------------------------
  /// Schemas that are asked of the very same value as `node`.
  static std::vector<SchemaNodeId> asked_of_the_same(const SchemaNode& node) {
    std::vector<SchemaNodeId> next;
    for (const auto& single : {node.reference, node.negated, node.condition, node.then_branch, node.else_branch}) {
      if (single) next.push_back(*single);
    }
    for (const auto* list : {&node.all_of, &node.any_of, &node.one_of})
      next.insert(next.end(), list->begin(), list->end());
    for (const auto& [name, schema] : node.dependent_schemas) next.push_back(schema);
    return next;
  }

  /// A schema that comes back to itself without going into the value would be checked for ever.
  Result<void> refuse_endless_references() const {
    enum class Mark : std::uint8_t { fresh, open, done };
    std::vector<Mark> marks(impl_->nodes.size(), Mark::fresh);
    for (std::size_t start = 0; start < marks.size(); ++start) {
      std::vector<std::pair<std::size_t, std::vector<SchemaNodeId>>> path;
      const auto open = [&](std::size_t at) {
        marks[at] = Mark::open;
        path.emplace_back(at, asked_of_the_same(impl_->nodes[at]));
      };
      if (marks[start] == Mark::fresh) open(start);
      while (!path.empty()) {
        auto& [at, next] = path.back();
        if (next.empty()) {
          marks[at] = Mark::done;
          path.pop_back();
          continue;
        }
        const auto to = static_cast<std::size_t>(next.back());
        next.pop_back();
        if (marks[to] == Mark::open) return wrong("this schema refers to itself without an end", pointers_[to]);
        if (marks[to] == Mark::fresh) open(to);
      }
    }
    return success();
  }

  const Value& document_;
  std::unique_ptr<JsonSchema::Impl> impl_;
  std::map<std::string, SchemaNodeId, std::less<>> compiled_;  // by pointer
  std::vector<std::string> pointers_;                          // by node
};

}  // namespace

Result<std::unique_ptr<const JsonSchema::Impl>> compile_schema(const Value& document) {
  return SchemaCompiler(document).run();
}

}  // namespace cairn
