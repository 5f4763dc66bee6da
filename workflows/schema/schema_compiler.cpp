#include "workflows/schema/compiled_schema.h"
#include "workflows/schema/keywords.h"
#include "workflows/schema/operands.h"
#include "workflows/schema/pattern.h"
#include "workflows/schema/pointer.h"
#include "workflows/schema/value_constraint.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cairn::schema {
namespace {

using valijson::Subschema;
namespace constraints = valijson::constraints;

// Compiles subschema after subschema from a list of the places still to do, so that neither depth nor a cycle of
// references can overflow anything. A place is named by its JSON pointer and compiled once.
class SchemaCompiler {
 public:
  explicit SchemaCompiler(const Value& document) : document_(document), compiled_(std::make_unique<CompiledSchema>()) {}

  Result<std::unique_ptr<const CompiledSchema>> run() {
    CAIRN_TRY(draft_, draft_of(document_));
    compiled_->root = subschema_at("", document_);
    for (std::size_t at = 0; at < places_.size(); ++at) {
      current_ = at;
      CAIRN_TRY(compile_place());
    }
    CAIRN_TRY(refuse_cycles());
    return std::unique_ptr<const CompiledSchema>(std::move(compiled_));
  }

 private:
  struct Place {
    std::string pointer;
    const Value* value;
    const Subschema* subschema;
    std::vector<std::size_t> in_place;  // places that judge the same value as this one
  };

  const Subschema* subschema_at(const std::string& pointer, const Value& value) {
    return places_[place_at(pointer, value)].subschema;
  }

  std::size_t place_at(const std::string& pointer, const Value& value) {
    const auto [found, added] = by_pointer_.try_emplace(pointer, places_.size());
    if (added) places_.push_back({pointer, &value, compiled_->schemas.createSubschema(), {}});
    return found->second;
  }

  // ---- one subschema
  // -------------------------------------------------------------------------------------------------

  // A child that judges another value (a member, an item) than the subschema it stands in.
  const Subschema* child(const std::string& path, const Value& value) {
    return subschema_at(places_[current_].pointer + path, value);
  }
  // A child that judges the same value.
  const Subschema* child_in_place(const std::string& path, const Value& value) {
    const std::size_t place = place_at(places_[current_].pointer + path, value);
    places_[current_].in_place.push_back(place);
    return places_[place].subschema;
  }

  void add(const constraints::Constraint& constraint) {
    compiled_->schemas.addConstraintToSubschema(constraint, places_[current_].subschema);
  }

  Result<void> compile_place() {
    const std::string where = places_[current_].pointer;
    const Value& schema = *places_[current_].value;
    if (schema.is_bool()) {
      compiled_->schemas.setAlwaysInvalid(places_[current_].subschema, !schema.as_bool());
      return success();
    }
    if (!schema.is_object()) return wrong_operand(where, "a schema (an object, true or false)", schema);
    for (const Member& member : schema.as_object()) {
      CAIRN_TRY(check_keyword(where, member));
    }
    if (const Value* reference = schema.find("$ref")) {
      CAIRN_TRY(add_reference(where, reference->as_string()));
      // Up to draft 7, what stands beside $ref says nothing.
      if (draft_ == Draft::draft_6 || draft_ == Draft::draft_7) return success();
    }
    add_type(schema);
    add_values(schema);
    add_sizes(schema);
    add_combinations(schema);
    add_members(schema);
    CAIRN_TRY(add_items(where, schema));
    add_dependencies(schema);
    return success();
  }

  Result<void> check_keyword(const std::string& where, const Member& member) {
    const std::string here = where + pointer_step(member.name);
    const Keyword* keyword = find_keyword(member.name);
    if (keyword == nullptr) {
      return make_error(ErrorCode::invalid_definition,
                        fmt::format("unknown keyword '{}'{}", member.name, did_you_mean_keyword(member.name)), here);
    }
    if (keyword->operand == Operand::unsupported) {
      return make_error(ErrorCode::invalid_definition,
                        fmt::format("the keyword '{}' cannot be checked by cairn", member.name), here);
    }
    const bool too_new = draft_ != Draft::any && keyword->since > draft_;
    const bool too_old = keyword->until != Draft::any && draft_ > keyword->until;
    if (too_new || too_old) {
      return make_error(ErrorCode::invalid_definition,
                        fmt::format("'{}' is no keyword of {}, which $schema names", member.name, name_of(draft_)),
                        here);
    }
    if (keyword->operand == Operand::dialect && !where.empty()) {
      return make_error(ErrorCode::invalid_definition, "$schema inside of a schema cannot be checked by cairn", here);
    }
    if (keyword->operand == Operand::id && !where.empty()) {
      return make_error(ErrorCode::invalid_definition, "$id inside of a schema cannot be checked by cairn", here);
    }
    CAIRN_TRY(check_operand(*keyword, member.value, here));
    if (keyword->operand == Operand::pattern) return add_pattern(here, member.value.as_string());
    if (keyword->operand == Operand::patterned_schemas) {
      for (const Member& pattern : member.value.as_object()) {
        CAIRN_TRY(add_pattern(here + pointer_step(pattern.name), pattern.name));
      }
    }
    return success();
  }

  Result<void> add_pattern(const std::string& where, const std::string& pattern) {
    if (compiled_->patterns.contains(pattern)) return success();
    auto compiled = compile_pattern(pattern);
    if (!compiled) {
      Error error = std::move(compiled).error();
      error.where = where;
      return error;
    }
    compiled_->patterns.emplace(pattern, std::move(compiled).value());
    return success();
  }

  Result<void> add_reference(const std::string& where, std::string_view reference) {
    const std::string here = where + "/$ref";
    const Value* id = document_.find("$id");
    if (id != nullptr && reference.starts_with(id->as_string())) reference.remove_prefix(id->as_string().size());
    if (!reference.starts_with('#') && !reference.empty()) {
      return make_error(ErrorCode::invalid_definition,
                        fmt::format("$ref '{}' leads out of this schema; cairn follows '#…' only", reference), here);
    }
    const auto pointer = pointer_of_fragment(reference);
    if (!pointer) {
      return make_error(ErrorCode::invalid_definition,
                        fmt::format("$ref '{}' is no JSON pointer; anchors cannot be checked by cairn", reference),
                        here);
    }
    const auto target = resolve_pointer(document_, *pointer);
    if (!target)
      return make_error(ErrorCode::invalid_definition, fmt::format("$ref '{}' points at nothing", reference), here);
    const std::size_t place = place_at(*pointer, *target.value());
    places_[current_].in_place.push_back(place);
    constraints::AllOfConstraint constraint;
    constraint.addSubschema(places_[place].subschema);
    add(constraint);
    return success();
  }

  // ---- keywords
  // ------------------------------------------------------------------------------------------------------

  void add_type(const Value& schema) {
    const Value* type = schema.find("type");
    if (type == nullptr) return;
    constraints::TypeConstraint constraint;
    const auto add_name = [&](const Value& name) {
      constraint.addNamedType(constraints::TypeConstraint::jsonTypeFromString(name.as_string()));
    };
    if (type->is_string()) add_name(*type);
    if (type->is_array()) std::for_each(type->as_array().begin(), type->as_array().end(), add_name);
    add(constraint);
  }

  void add_values(const Value& schema) {
    for (const char* name :
         {"const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) {
      if (const Value* operand = schema.find(name)) add(ValueConstraint(*find_keyword(name), *operand));
    }
    if (const Value* pattern = schema.find("pattern")) {
      constraints::PatternConstraint constraint;
      constraint.setPattern(pattern->as_string());
      add(constraint);
    }
  }

  template <class Constraint, class Number>
  void add_size(const Value& schema, std::string_view keyword, void (Constraint::*set)(Number)) {
    const Value* operand = schema.find(keyword);
    if (operand == nullptr) return;
    Constraint constraint;
    (constraint.*set)(count_of(*operand));
    add(constraint);
  }

  void add_sizes(const Value& schema) {
    add_size(schema, "minLength", &constraints::MinLengthConstraint::setMinLength);
    add_size(schema, "maxLength", &constraints::MaxLengthConstraint::setMaxLength);
    add_size(schema, "minItems", &constraints::MinItemsConstraint::setMinItems);
    add_size(schema, "maxItems", &constraints::MaxItemsConstraint::setMaxItems);
    add_size(schema, "minProperties", &constraints::MinPropertiesConstraint::setMinProperties);
    add_size(schema, "maxProperties", &constraints::MaxPropertiesConstraint::setMaxProperties);
    if (schema.get("uniqueItems").truthy()) add(constraints::UniqueItemsConstraint());
  }

  template <class Constraint>
  void add_alternatives(const Value& schema, const std::string& keyword) {
    const Value* list = schema.find(keyword);
    if (list == nullptr) return;
    Constraint constraint;
    for (std::size_t i = 0; i < list->as_array().size(); ++i) {
      constraint.addSubschema(child_in_place(fmt::format("/{}/{}", keyword, i), list->as_array()[i]));
    }
    add(constraint);
  }

  void add_combinations(const Value& schema) {
    add_alternatives<constraints::AllOfConstraint>(schema, "allOf");
    add_alternatives<constraints::AnyOfConstraint>(schema, "anyOf");
    add_alternatives<constraints::OneOfConstraint>(schema, "oneOf");
    if (const Value* negated = schema.find("not")) {
      constraints::NotConstraint constraint;
      constraint.setSubschema(child_in_place("/not", *negated));
      add(constraint);
    }
    const Value* condition = schema.find("if");
    for (const char* branch : {"then", "else"}) {
      // Without `if` these say nothing, but must still be schemas.
      if (const Value* value = schema.find(branch); value != nullptr && condition == nullptr)
        child(fmt::format("/{}", branch), *value);
    }
    if (condition == nullptr) return;
    constraints::ConditionalConstraint constraint;
    constraint.setIfSubschema(child_in_place("/if", *condition));
    if (const Value* then = schema.find("then")) constraint.setThenSubschema(child_in_place("/then", *then));
    if (const Value* otherwise = schema.find("else")) constraint.setElseSubschema(child_in_place("/else", *otherwise));
    add(constraint);
  }

  void add_members(const Value& schema) {
    for (const char* keyword : {"definitions", "$defs"}) {
      for_each_member(schema, keyword, [&](const Member& member) {
        child(fmt::format("/{}{}", keyword, pointer_step(member.name)), member.value);
      });
    }
    if (const Value* names = schema.find("required")) {
      constraints::RequiredConstraint constraint;
      for (const Value& name : names->as_array()) constraint.addRequiredProperty(name.as_string().c_str());
      add(constraint);
    }
    constraints::PropertiesConstraint properties;
    for_each_member(schema, "properties", [&](const Member& member) {
      properties.addPropertySubschema(member.name, child("/properties" + pointer_step(member.name), member.value));
    });
    for_each_member(schema, "patternProperties", [&](const Member& member) {
      properties.addPatternPropertySubschema(member.name,
                                             child("/patternProperties" + pointer_step(member.name), member.value));
    });
    const Value* additional = schema.find("additionalProperties");
    if (additional != nullptr) properties.setAdditionalPropertiesSubschema(child("/additionalProperties", *additional));
    if (additional != nullptr || schema.find("properties") != nullptr || schema.find("patternProperties") != nullptr)
      add(properties);
    if (const Value* names = schema.find("propertyNames")) {
      constraints::PropertyNamesConstraint constraint;
      constraint.setSubschema(child("/propertyNames", *names));
      add(constraint);
    }
  }

  void add_contains(const Value& schema) {
    const Value* wanted = schema.find("contains");
    if (wanted == nullptr) return;
    const Subschema* subschema = child("/contains", *wanted);
    const Value* least = schema.find("minContains");
    const Value* most = schema.find("maxContains");
    if (least != nullptr || most != nullptr) {
      add(CountedContains(subschema, least != nullptr ? count_of(*least) : 1,
                          most != nullptr ? std::optional(count_of(*most)) : std::nullopt));
      return;
    }
    constraints::ContainsConstraint constraint;
    constraint.setSubschema(subschema);
    add(constraint);
  }

  // A list of schemas for the first items and one schema for the rest: `items` and `additionalItems` until 2019-09,
  // `prefixItems` and `items` since.
  Result<void> add_items(const std::string& where, const Value& schema) {
    add_contains(schema);
    const Value* items = schema.find("items");
    const Value* prefix = schema.find("prefixItems");
    const Value* additional = schema.find("additionalItems");
    if (items != nullptr && items->is_array() && (prefix != nullptr || draft_ == Draft::draft_2020)) {
      return make_error(ErrorCode::invalid_definition,
                        "'items' is one schema since draft 2020-12; the list goes into 'prefixItems'",
                        where + "/items");
    }
    if (prefix != nullptr && additional != nullptr) {
      return make_error(ErrorCode::invalid_definition,
                        "'additionalItems' says nothing beside 'prefixItems'; use 'items'", where + "/additionalItems");
    }
    const bool new_style = prefix != nullptr;
    const Value* list = new_style ? prefix : items != nullptr && items->is_array() ? items : nullptr;
    if (list == nullptr) {
      if (additional != nullptr) child("/additionalItems", *additional);
      if (items == nullptr) return success();
      constraints::SingularItemsConstraint constraint;
      constraint.setItemsSubschema(child("/items", *items));
      add(constraint);
      return success();
    }
    constraints::LinearItemsConstraint constraint;
    for (std::size_t i = 0; i < list->as_array().size(); ++i) {
      constraint.addItemSubschema(
          child(fmt::format("/{}/{}", new_style ? "prefixItems" : "items", i), list->as_array()[i]));
    }
    const Value* rest = new_style ? items : additional;
    if (rest != nullptr)
      constraint.setAdditionalItemsSubschema(child(new_style ? "/items" : "/additionalItems", *rest));
    add(constraint);
    return success();
  }

  void add_dependencies(const Value& schema) {
    for (const char* keyword : {"dependencies", "dependentRequired", "dependentSchemas"}) {
      if (schema.find(keyword) == nullptr) continue;
      constraints::DependenciesConstraint constraint;
      for_each_member(schema, keyword, [&](const Member& member) {
        if (!member.value.is_array()) {
          const std::string path = fmt::format("/{}{}", keyword, pointer_step(member.name));
          constraint.addSchemaDependency(member.name, child_in_place(path, member.value));
          return;
        }
        std::vector<std::string> names;
        for (const Value& name : member.value.as_array()) names.push_back(name.as_string());
        constraint.addPropertyDependencies(member.name, names);
      });
      add(constraint);
    }
  }

  template <class Function>
  static void for_each_member(const Value& schema, std::string_view keyword, const Function& function) {
    const Value* members = schema.find(keyword);
    if (members == nullptr) return;
    for (const Member& member : members->as_object()) function(member);
  }

  // ---- cycles
  // --------------------------------------------------------------------------------------------------------

  // A schema that needs itself to judge the same value would never be done. Depth first, without recursion.
  Result<void> refuse_cycles() {
    enum class State : std::uint8_t { fresh, open, done };
    std::vector<State> states(places_.size(), State::fresh);
    struct Visit {
      std::size_t place;
      std::size_t next;
    };
    for (std::size_t start = 0; start < places_.size(); ++start) {
      std::vector<Visit> path;
      if (states[start] == State::fresh) path.push_back({start, 0});
      while (!path.empty()) {
        Visit& visit = path.back();
        states[visit.place] = State::open;
        const std::vector<std::size_t>& targets = places_[visit.place].in_place;
        if (visit.next == targets.size()) {
          states[visit.place] = State::done;
          path.pop_back();
          continue;
        }
        const std::size_t target = targets[visit.next++];
        if (states[target] == State::open) {
          return make_error(ErrorCode::invalid_definition,
                            "the schema refers to itself for the same value, without end",
                            places_[visit.place].pointer);
        }
        if (states[target] == State::fresh) path.push_back({target, 0});
      }
    }
    return success();
  }

  const Value& document_;
  std::unique_ptr<CompiledSchema> compiled_;
  Draft draft_ = Draft::any;
  std::vector<Place> places_;
  std::map<std::string, std::size_t> by_pointer_;
  std::size_t current_ = 0;
};

}  // namespace

Result<std::unique_ptr<const CompiledSchema>> compile_schema(const Value& document) {
  return SchemaCompiler(document).run();
}

}  // namespace cairn::schema
