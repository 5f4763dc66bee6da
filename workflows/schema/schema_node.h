#pragma once
// The compiled form of a schema: nodes that refer to one another by index. Private to workflows/schema.

#include "workflows/schema/json_schema.h"
#include "workflows/value/value.h"

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cairn {

enum class SchemaNodeId : std::uint32_t {};

/// One schema object (or `true`/`false`). What is not set is not asked for.
struct SchemaNode {
  std::optional<bool> verdict;  ///< a boolean schema
  std::optional<SchemaNodeId> reference;

  std::vector<std::string> types;
  std::optional<Value> constant;
  std::optional<Array> enumeration;

  std::optional<Value> minimum;
  std::optional<Value> maximum;
  std::optional<Value> exclusive_minimum;
  std::optional<Value> exclusive_maximum;
  std::optional<Value> multiple_of;

  std::optional<std::uint64_t> min_length;
  std::optional<std::uint64_t> max_length;
  std::shared_ptr<const re2::RE2> pattern;

  std::vector<SchemaNodeId> prefix_items;
  std::optional<SchemaNodeId> items;
  std::optional<SchemaNodeId> contains;
  std::optional<std::uint64_t> min_contains;
  std::optional<std::uint64_t> max_contains;
  std::optional<std::uint64_t> min_items;
  std::optional<std::uint64_t> max_items;
  bool unique_items = false;

  std::vector<std::string> required;
  std::map<std::string, SchemaNodeId, std::less<>> properties;
  std::vector<std::pair<std::shared_ptr<const re2::RE2>, SchemaNodeId>> pattern_properties;
  std::optional<SchemaNodeId> additional_properties;
  std::optional<SchemaNodeId> property_names;
  std::optional<std::uint64_t> min_properties;
  std::optional<std::uint64_t> max_properties;
  std::map<std::string, std::vector<std::string>, std::less<>> dependent_required;
  std::map<std::string, SchemaNodeId, std::less<>> dependent_schemas;

  std::vector<SchemaNodeId> all_of;
  std::vector<SchemaNodeId> any_of;
  std::vector<SchemaNodeId> one_of;
  std::optional<SchemaNodeId> negated;
  std::optional<SchemaNodeId> condition;
  std::optional<SchemaNodeId> then_branch;
  std::optional<SchemaNodeId> else_branch;
};

struct JsonSchema::Impl {
  std::vector<SchemaNode> nodes;
  SchemaNodeId root{};

  [[nodiscard]] const SchemaNode& node(SchemaNodeId id) const { return nodes[static_cast<std::size_t>(id)]; }
};

/// Compiles a document: SchemaCompiler in schema_compiler.cpp.
Result<std::unique_ptr<const JsonSchema::Impl>> compile_schema(const Value& document);

/// The first thing wrong with `value`, with its pointer; nothing when it conforms.
std::optional<std::string> check_schema(const JsonSchema::Impl& schema, const Value& value);

}  // namespace cairn
