// What a definition takes from outside: functions of catalogs and URLs, and schemas. The text of each is given with the
// definition (bundle.h), or it is told that it is needed; nothing is fetched here.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"
#include "workflows/definition/location.h"
#include "workflows/source/pointer.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

/// Texts are kept as they are: with expressions over secrets, to be evaluated by who fetches. Numbers are as written.
Value Compiler::literal(const Place& place) const {
  const Value& value = place.value();
  if (value.is_object()) {
    std::vector<Member> members;
    for (const SourceMember& member : place.node->members)
      members.push_back({member.key, literal(place.member(member))});
    return Value::object(std::move(members));
  }
  if (value.is_number()) {
    const std::string_view written = findings_.origins().of(place).document->written(*place.node);
    return Value::string(written.empty() ? to_json(value) : std::string(written));
  }
  return value;
}

std::optional<Compiler::Outside> Compiler::outside(const Place& endpoint_place, std::string_view what) {
  const Place* uri_place = &endpoint_place;
  std::optional<Place> member;
  Outside found;
  if (const SourceMember* uri = endpoint_place.node->find("uri")) {
    member = endpoint_place.member(*uri);
    uri_place = &*member;
  }
  if (!uri_place->value().is_string()) return std::nullopt;  // endpoint() has said so
  const std::string& text = uri_place->value().as_string();
  if (text.find("${") != std::string::npos || text.find('{') != std::string::npos) {
    findings_.error(*uri_place, fmt::format("where {} is must be known before a run starts", what),
                    "write a URI without expressions");
    return std::nullopt;
  }
  const Origin& origin = findings_.origins().of(endpoint_place);
  auto resolved = resolve_reference(origin.uri, text);
  if (!resolved) {
    findings_.error(*uri_place, fmt::format("{}: {}", what, resolved.error().message));
    return std::nullopt;
  }
  found.uri = std::move(resolved).value();
  if (scheme_of(text).empty()) found.authentication = origin.authentication;
  if (const SourceMember* policy = endpoint_place.node->find("authentication")) {
    Place place = endpoint_place.member(*policy);
    const SourceMember* use = place.node->find("use");
    const Value name = use == nullptr ? place.value() : use->value->value;
    if (name.is_string()) {
      const auto component = authentications_.find(name.as_string());
      if (component == authentications_.end()) return std::nullopt;  // endpoint() has said so
      place = component->second;
    }
    found.authentication = literal(place);
  }
  return found;
}

const std::string* Compiler::given(const Place& asked_for, const Outside& where, const std::string& what) {
  if (const auto found = resources_.find(where.uri); found != resources_.end()) return &found->second;
  findings_.warning(asked_for, fmt::format("{}{}{}", what, k_not_fetched, where.uri));
  const std::string entry = fmt::format("{} that has not been fetched ({})", what, where.uri);
  if (std::ranges::find(program_.unsupported, entry) == program_.unsupported.end())
    program_.unsupported.push_back(entry);
  if (std::ranges::find(needed_, where.uri, &NeededResource::uri) == needed_.end()) {
    needed_.push_back({where.uri, where.authentication, what, findings_.origins().of(asked_for).uri,
                       asked_for.node->position, asked_for.pointer()});
  }
  return nullptr;
}

std::optional<SchemaId> Compiler::external_schema(const Place& place) {
  resource(place, View::of(Row::workflow_input, {}).with_secrets());
  const SourceMember* member = place.node->find("endpoint");
  if (member == nullptr) return std::nullopt;
  auto where = outside(place.member(*member), "a schema");
  if (!where) return std::nullopt;
  where->uri = raw_uri(where->uri);
  const std::string* text = given(place, *where, "the schema");
  if (text == nullptr) return std::nullopt;
  const SourceDocument* document = parsed(place, where->uri, *text);
  if (document == nullptr) return std::nullopt;
  return compiled_schema(Place::root(document->root()), where->uri);
}

const SourceDocument* Compiler::parsed(const Place& asked_for, const std::string& uri, const std::string& text) {
  if (const auto known = documents_.find(uri); known != documents_.end()) return known->second.get();
  ParsedSource source = parse_source(text);
  for (Diagnostic& one : source.diagnostics) {
    findings_.error_at(one.position, std::move(one.pointer), std::move(one.message), std::move(one.hint), uri);
  }
  if (source.document == nullptr) {
    findings_.error(asked_for, fmt::format("{} cannot be read", uri));
  }
  return documents_.emplace(uri, std::move(source.document)).first->second.get();
}

std::optional<NodeId> Compiler::outside_function(const Place& name_place, const std::string& name) {
  const Origin& origin = findings_.origins().of(name_place);
  OutsideFunction function;
  const bool relative = name.starts_with("./") || name.starts_with("../");
  if (relative || name.find("://") != std::string::npos) {
    auto resolved = resolve_reference(origin.uri, name);
    if (!resolved) {
      findings_.error(name_place, fmt::format("the function {}", resolved.error().message));
      return std::nullopt;
    }
    function.name = resolved.value();
    function.where = {custom_function_uri(function.name), relative ? origin.authentication : Value{}};
    function.catalog = relative ? origin.catalog : std::string();
    return add_outside_function(name_place, std::move(function));
  }
  const auto parsed_name = parse_cataloged_name(name);
  if (!parsed_name) {
    if (name.find('@') != std::string::npos || name.find(':') != std::string::npos) {
      findings_.error(name_place, fmt::format("'{}' is not a cataloged function's name", shown(name)),
                      "write NAME:VERSION@CATALOG");
      return std::nullopt;
    }
    std::vector<std::string_view> candidates(k_protocols.begin(), k_protocols.end());
    candidates.push_back(k_approval_function);
    for (const auto& [known, node] : function_nodes_) candidates.push_back(known);
    findings_.error(name_place, fmt::format("there is no function '{}' in use.functions", shown(name)),
                    did_you_mean_or_list(name, candidates));
    return std::nullopt;
  }
  // A function of a catalog calls the others of its catalog by their bare names.
  const std::string beside = origin.catalog.empty() ? "default" : origin.catalog;
  function.catalog = parsed_name->catalog.empty() ? beside : parsed_name->catalog;
  function.name = fmt::format("{}:{}@{}", parsed_name->name, parsed_name->version, function.catalog);
  Outside root{fmt::format("{}:", k_default_catalog_scheme), {}};
  if (function.catalog != "default" || catalogs_.contains(function.catalog)) {
    const Place* catalog = find_component(catalogs_, name_place, function.catalog, "catalog");
    const SourceMember* endpoint_member = catalog == nullptr ? nullptr : catalog->node->find("endpoint");
    if (endpoint_member == nullptr) return std::nullopt;
    auto found = outside(catalog->member(*endpoint_member), "a catalog");
    if (!found) return std::nullopt;
    root = std::move(*found);
  }
  function.where = {cataloged_function_uri(root.uri, parsed_name->name, parsed_name->version), root.authentication};
  return add_outside_function(name_place, std::move(function));
}

std::optional<NodeId> Compiler::add_outside_function(const Place& asked_for, OutsideFunction function) {
  if (const auto known = function_nodes_.find(function.name); known != function_nodes_.end()) return known->second;
  if (program_.nodes.size() >= limits::k_definition_tasks) {
    findings_.error(asked_for, fmt::format("the definition has more than {} tasks", limits::k_definition_tasks));
    return std::nullopt;
  }
  const NodeId id = new_node();
  program_.nodes[index_of(id)].name = function.name;
  program_.nodes[index_of(id)].reference = "/use/functions";
  append_pointer_segment(program_.nodes[index_of(id)].reference, function.name);
  program_.nodes[index_of(id)].body = UnsupportedBody{"a function that has not been fetched"};
  function_nodes_.emplace(function.name, id);
  const std::string* text = given(asked_for, function.where, fmt::format("the function {}", function.name));
  if (text == nullptr) return id;
  const SourceDocument* document = parsed(asked_for, function.where.uri, *text);
  if (document == nullptr) return id;
  function.id = id;
  function.document = document;
  outside_functions_.push_back(std::move(function));
  return id;
}

void Compiler::compile_outside_functions() {
  const Siblings siblings{Siblings::Kind::function, {}, nullptr};
  const SourcePosition begin{1, 1};
  while (!outside_functions_.empty()) {
    const OutsideFunction function = std::move(outside_functions_.front());
    outside_functions_.pop_front();
    findings_.origins().add({function.document, function.where.uri, function.where.authentication, function.catalog});
    const SourceNode* root = &function.document->root();
    // It is known as if it stood in use.functions.
    const Place top{root, nullptr, {}, 0, begin};
    const Place use{root, &top, "use", 0, begin};
    const Place functions{root, &use, "functions", 0, begin};
    const Place place{root, &functions, function.name, 0, begin};
    task(place, function.name, function.id, std::nullopt, std::nullopt, siblings, {});
  }
}

}  // namespace cairn
