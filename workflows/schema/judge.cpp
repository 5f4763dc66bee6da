#include "workflows/schema/judge.h"

#include "workflows/core/assert.h"
#include "workflows/core/suggest.h"
#include "workflows/schema/numbers.h"
#include "workflows/schema/pattern.h"
#include "workflows/schema/pointer.h"
#include "workflows/schema/unique.h"
#include "workflows/schema/value_constraint.h"
#include "workflows/value/json.h"

#include <fmt/format.h>
#include <valijson/constraints/constraint_visitor.hpp>

#include <algorithm>
#include <set>

namespace cairn::schema {
namespace {

using valijson::Subschema;
namespace constraints = valijson::constraints;

// A few references to one another make a schema that takes for ever, or nests without need. Enough for any honest one.
constexpr std::size_t k_steps = 1'000'000;
constexpr std::size_t k_steps_a_byte = 4;  // more for large values
constexpr std::size_t k_depth = 2'000;

// Where in the value we are, from the inside out; text only when something is wrong.
struct Path {
  const Path* outer = nullptr;
  std::string_view name;
  std::optional<std::size_t> index;

  [[nodiscard]] std::string text() const {
    if (outer == nullptr) return {};
    return outer->text() + (index ? fmt::format("/{}", *index) : pointer_step(name));
  }
};

// What is most useful to hear first.
enum class Rank : std::uint8_t { type, members, own, inside, combination };

struct Violation {
  Rank rank;
  std::string where;
  std::string message;

  [[nodiscard]] std::string text() const { return where.empty() ? message : fmt::format("{}: {}", where, message); }
};

struct Session {
  const CompiledSchema& schema;
  std::size_t steps_left;
  std::size_t depth = 0;
  std::string given_up;  // why the verdict does not count, whatever it is
};

std::string shown(const Value& value) {
  constexpr std::size_t k_longest = 60;
  if (value.approximate_bytes() > 16 * k_longest) return std::string(value.type_name());
  std::string text = to_json(value);
  if (text.size() <= k_longest) return text;
  return value.is_string() ? "a longer string" : std::string(value.type_name());
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view name_of(constraints::TypeConstraint::JsonType type) {
  switch (type) {
    case constraints::TypeConstraint::kAny: return "anything";
    case constraints::TypeConstraint::kArray: return "array";
    case constraints::TypeConstraint::kBoolean: return "boolean";
    case constraints::TypeConstraint::kInteger: return "integer";
    case constraints::TypeConstraint::kNull: return "null";
    case constraints::TypeConstraint::kNumber: return "number";
    case constraints::TypeConstraint::kObject: return "object";
    case constraints::TypeConstraint::kString: return "string";
  }
  return "";
}

// One subschema on one value. Every constraint is visited; the violation of the best rank is kept.
class Visitor final : public constraints::ConstraintVisitor {
 public:
  Visitor(Session& session, const Value& value, const Path& path, bool verdict_only)
      : session_(session), value_(value), path_(path), verdict_only_(verdict_only) {}

  std::optional<Violation> run(const Subschema& subschema) {
    if (subschema.getAlwaysInvalid()) return Violation{Rank::own, path_.text(), "nothing is allowed here"};
    Subschema::ApplyFunction visit_one = [this](const constraints::Constraint& constraint) {
      if (!session_.given_up.empty()) return false;
      if (session_.steps_left-- == 0) session_.given_up = "the schema takes too many steps to check";
      return constraint.accept(*this) || !verdict_only_;
    };
    if (++session_.depth > k_depth)
      session_.given_up = fmt::format("{}: checking nests deeper than {} schemas", path_.text(), k_depth);
    subschema.applyStrict(visit_one);
    --session_.depth;
    return std::move(found_);
  }

  bool visit(const TypeConstraint& constraint) override {
    bool right = false;
    std::string expected;
    constraint.applyToNamedTypes([&](TypeConstraint::JsonType type) {
      right = right || has_type(type);
      expected += fmt::format("{}{}", expected.empty() ? "" : " or ", name_of(type));
      return true;
    });
    if (right) return true;
    const bool fraction = value_.is_number() && expected == "integer";
    return fail(Rank::type, [&] {
      return fmt::format("expected {}, got {}", expected, fraction ? shown(value_) : value_.type_name());
    });
  }

  bool visit(const PolyConstraint& constraint) override {
    if (const auto* contains = dynamic_cast<const CountedContains*>(&constraint)) return counts(*contains);
    return compare(dynamic_cast<const ValueConstraint&>(constraint));
  }

  bool visit(const PatternConstraint& constraint) override {
    if (!value_.is_string()) return true;
    std::string pattern;
    constraint.getPattern(pattern);
    if (matches(*session_.schema.patterns.find(pattern)->second, value_.as_string())) return true;
    return fail(Rank::own, [&] { return fmt::format("{} does not match the pattern '{}'", shown(value_), pattern); });
  }

  bool visit(const MinLengthConstraint& c) override {
    return at_least(value_.is_string(), c.getMinLength(), "characters");
  }
  bool visit(const MaxLengthConstraint& c) override {
    return at_most(value_.is_string(), c.getMaxLength(), "characters");
  }
  bool visit(const MinItemsConstraint& c) override { return at_least(value_.is_array(), c.getMinItems(), "items"); }
  bool visit(const MaxItemsConstraint& c) override { return at_most(value_.is_array(), c.getMaxItems(), "items"); }
  bool visit(const MinPropertiesConstraint& c) override {
    return at_least(value_.is_object(), c.getMinProperties(), "properties");
  }
  bool visit(const MaxPropertiesConstraint& c) override {
    return at_most(value_.is_object(), c.getMaxProperties(), "properties");
  }

  bool visit(const UniqueItemsConstraint&) override {
    if (!value_.is_array()) return true;
    const auto equal = first_equal_items(value_.as_array());
    if (!equal) return true;
    return fail(Rank::own, [&] { return fmt::format("items {} and {} are equal", equal->first, equal->second); });
  }

  bool visit(const RequiredConstraint& constraint) override {
    if (!value_.is_object()) return true;
    std::optional<std::string> missing;
    constraint.applyToRequiredProperties([&](const auto& name) {
      if (value_.find(name) == nullptr) missing = name;
      return !missing.has_value();
    });
    if (!missing) return true;
    return fail(Rank::members, [&] { return fmt::format("missing required property '{}'", *missing); });
  }

  bool visit(const PropertiesConstraint& constraint) override {
    if (!value_.is_object()) return true;
    std::set<std::string_view> matched;
    bool right = true;
    constraint.applyToProperties([&](const auto& name, const Subschema* subschema) {
      const Value* member = value_.find(name);
      if (member == nullptr) return true;
      const std::string_view key(name.c_str(), name.size());
      matched.insert(key);
      right = inside(*subschema, *member, {&path_, key, {}}) && right;
      return right || !verdict_only_;
    });
    constraint.applyToPatternProperties([&](const auto& name, const Subschema* subschema) {
      const auto& pattern = *session_.schema.patterns.find(std::string_view(name.c_str(), name.size()))->second;
      for (const Member& member : value_.as_object()) {
        if (!matches(pattern, member.name)) continue;
        matched.insert(member.name);
        right = inside(*subschema, member.value, {&path_, member.name, {}}) && right;
      }
      return right || !verdict_only_;
    });
    const Subschema* additional = constraint.getAdditionalPropertiesSubschema();
    if (additional == nullptr) return right;
    for (const Member& member : value_.as_object()) {
      if (matched.contains(member.name)) continue;
      if (additional->getAlwaysInvalid())
        return fail(Rank::members, [&] { return fmt::format("property '{}' is not allowed", member.name); });
      right = inside(*additional, member.value, {&path_, member.name, {}}) && right;
    }
    return right;
  }

  bool visit(const PropertyNamesConstraint& constraint) override {
    if (!value_.is_object()) return true;
    for (const Member& member : value_.as_object()) {
      const Value name = Value::string(member.name);
      if (auto wrong = apply(*constraint.getSubschema(), name, path_, verdict_only_)) {
        return fail(Rank::members, [&] { return fmt::format("property name '{}': {}", member.name, wrong->message); });
      }
    }
    return true;
  }

  bool visit(const SingularItemsConstraint& constraint) override {
    return !value_.is_array() || items(0, [&](std::size_t) { return constraint.getItemsSubschema(); });
  }

  bool visit(const LinearItemsConstraint& constraint) override {
    if (!value_.is_array()) return true;
    std::vector<const Subschema*> first;
    constraint.applyToItemSubschemas([&](unsigned int, const Subschema* subschema) {
      first.push_back(subschema);
      return true;
    });
    return items(0, [&](std::size_t index) {
      return index < first.size() ? first[index] : constraint.getAdditionalItemsSubschema();
    });
  }

  bool visit(const ContainsConstraint& constraint) override {
    if (!value_.is_array()) return true;
    for (const Value& item : value_.as_array()) {
      if (!apply(*constraint.getSubschema(), item, path_, true)) return true;
    }
    return fail(Rank::own, [] { return std::string("no item fits the schema under 'contains'"); });
  }

  bool visit(const DependenciesConstraint& constraint) override {
    if (!value_.is_object()) return true;
    bool right = true;
    constraint.applyToPropertyDependencies([&](const auto& name, const auto& required) {
      if (value_.find(name) == nullptr) return true;
      for (const auto& other : required) {
        if (value_.find(other) != nullptr) continue;
        right = fail(Rank::members,
                     [&] { return fmt::format("property '{}' requires property '{}'", name.c_str(), other.c_str()); });
        return false;
      }
      return true;
    });
    constraint.applyToSchemaDependencies([&](const auto& name, const Subschema* subschema) {
      if (value_.find(name) != nullptr) right = here(*subschema) && right;
      return true;
    });
    return right;
  }

  bool visit(const AllOfConstraint& constraint) override {
    bool right = true;
    constraint.applyToSubschemas([&](unsigned int, const Subschema* subschema) {
      right = here(*subschema) && right;
      return right || !verdict_only_;
    });
    return right;
  }

  bool visit(const AnyOfConstraint& constraint) override {
    bool right = false;
    std::vector<std::string> reasons;
    constraint.applyToSubschemas([&](unsigned int, const Subschema* subschema) {
      right = alternative(*subschema, reasons);
      return !right;
    });
    if (right) return true;
    return fail(Rank::combination, [&] { return none_of(reasons); });
  }

  bool visit(const OneOfConstraint& constraint) override {
    std::vector<unsigned int> fitting;
    std::vector<std::string> reasons;
    constraint.applyToSubschemas([&](unsigned int index, const Subschema* subschema) {
      if (alternative(*subschema, reasons)) fitting.push_back(index);
      return fitting.size() < 2;
    });
    if (fitting.size() == 1) return true;
    if (fitting.empty()) return fail(Rank::combination, [&] { return none_of(reasons); });
    return fail(Rank::combination, [&] {
      return fmt::format("fits more than one of the alternatives under 'oneOf' (numbers {} and {})", fitting[0],
                         fitting[1]);
    });
  }

  bool visit(const NotConstraint& constraint) override {
    if (apply(*constraint.getSubschema(), value_, path_, true)) return true;
    return fail(Rank::combination, [] { return std::string("fits the schema under 'not'"); });
  }

  bool visit(const ConditionalConstraint& constraint) override {
    const bool holds = !apply(*constraint.getIfSubschema(), value_, path_, true);
    const Subschema* branch = holds ? constraint.getThenSubschema() : constraint.getElseSubschema();
    return branch == nullptr || here(*branch);
  }

  // ValueConstraint stands for these, and `format` is an annotation.
  bool visit(const ConstConstraint&) override { return unexpected(); }
  bool visit(const EnumConstraint&) override { return unexpected(); }
  bool visit(const FormatConstraint&) override { return unexpected(); }
  bool visit(const MaximumConstraint&) override { return unexpected(); }
  bool visit(const MinimumConstraint&) override { return unexpected(); }
  bool visit(const MultipleOfDoubleConstraint&) override { return unexpected(); }
  bool visit(const MultipleOfIntConstraint&) override { return unexpected(); }

 private:
  std::optional<Violation> apply(const Subschema& subschema, const Value& value, const Path& path, bool verdict_only) {
    return Visitor(session_, value, path, verdict_only).run(subschema);
  }

  void keep(Violation violation) {
    if (!found_ || violation.rank < found_->rank) found_ = std::move(violation);
  }

  // Keeps a violation of this value; the message is only made when someone will read it.
  template <class Message>
  bool fail(Rank rank, const Message& message) {
    if (found_ && found_->rank <= rank) return false;
    keep(verdict_only_ ? Violation{rank, {}, {}} : Violation{rank, path_.text(), message()});
    return false;
  }

  // The same value, another subschema.
  bool here(const Subschema& subschema) {
    auto wrong = apply(subschema, value_, path_, verdict_only_);
    if (!wrong) return true;
    keep(*std::move(wrong));
    return false;
  }

  // A value inside of this one.
  bool inside(const Subschema& subschema, const Value& value, const Path& path) {
    auto wrong = apply(subschema, value, path, verdict_only_);
    if (!wrong) return true;
    wrong->rank = Rank::inside;
    keep(*std::move(wrong));
    return false;
  }

  template <class SubschemaOf>
  bool items(std::size_t begin, const SubschemaOf& subschema_of) {
    const Array& array = value_.as_array();
    for (std::size_t i = begin; i < array.size(); ++i) {
      const Subschema* subschema = subschema_of(i);
      if (subschema != nullptr && !inside(*subschema, array[i], {&path_, {}, i})) return false;
    }
    return true;
  }

  bool alternative(const Subschema& subschema, std::vector<std::string>& reasons) {
    auto wrong = apply(subschema, value_, path_, verdict_only_);
    if (!wrong) return true;
    if (verdict_only_) return false;
    std::string reason = wrong->where == path_.text() ? std::move(wrong->message) : wrong->text();
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) reasons.push_back(std::move(reason));
    return false;
  }

  static std::string none_of(const std::vector<std::string>& reasons) {
    constexpr std::size_t k_most = 3;
    if (reasons.size() == 1) return reasons.front();
    std::string text;
    for (std::size_t i = 0; i < std::min(reasons.size(), k_most); ++i)
      text += fmt::format("{}{}", i == 0 ? "" : "; or ", reasons[i]);
    return fmt::format("fits none of the alternatives ({}{})", text, reasons.size() > k_most ? "; …" : "");
  }

  bool has_type(TypeConstraint::JsonType type) const {
    switch (type) {
      case TypeConstraint::kAny: return true;
      case TypeConstraint::kArray: return value_.is_array();
      case TypeConstraint::kBoolean: return value_.is_bool();
      case TypeConstraint::kInteger: return value_.is_number() && is_whole(value_);
      case TypeConstraint::kNull: return value_.is_null();
      case TypeConstraint::kNumber: return value_.is_number();
      case TypeConstraint::kObject: return value_.is_object();
      case TypeConstraint::kString: return value_.is_string();
    }
    return false;
  }

  bool compare(const ValueConstraint& constraint) {
    const std::string_view keyword = constraint.keyword();
    const Value& operand = constraint.operand();
    if (keyword == "const") {
      return value_ == operand ||
             fail(Rank::own, [&] { return fmt::format("must be {}, got {}", shown(operand), shown(value_)); });
    }
    if (keyword == "enum") return is_one_of(operand.as_array());
    if (!value_.is_number()) return true;
    if (keyword == "multipleOf") {
      return is_multiple(value_, operand) ||
             fail(Rank::own, [&] { return fmt::format("{} is not a multiple of {}", shown(value_), shown(operand)); });
    }
    const int order = compare_numbers(value_, operand);
    const auto out_of_bounds = [&](std::string_view relation) {
      return fail(Rank::own, [&] { return fmt::format("{} is {} {}", shown(value_), relation, shown(operand)); });
    };
    if (keyword == "minimum" && order < 0) return out_of_bounds("less than the minimum");
    if (keyword == "maximum" && order > 0) return out_of_bounds("greater than the maximum");
    if (keyword == "exclusiveMinimum" && order <= 0) return out_of_bounds("not greater than the exclusive minimum");
    if (keyword == "exclusiveMaximum" && order >= 0) return out_of_bounds("not less than the exclusive maximum");
    return true;
  }

  bool counts(const CountedContains& constraint) {
    if (!value_.is_array()) return true;
    std::uint64_t fitting = 0;
    for (const Value& item : value_.as_array()) {
      if (!apply(constraint.subschema(), item, path_, true)) ++fitting;
    }
    if (fitting < constraint.least()) {
      return fail(Rank::own, [&] {
        return fmt::format("{} items fit the schema under 'contains', fewer than the minimum {}", fitting,
                           constraint.least());
      });
    }
    if (constraint.most() && fitting > *constraint.most()) {
      return fail(Rank::own, [&] {
        return fmt::format("{} items fit the schema under 'contains', more than the maximum {}", fitting,
                           *constraint.most());
      });
    }
    return true;
  }

  bool is_one_of(const Array& values) {
    if (std::find(values.begin(), values.end(), value_) != values.end()) return true;
    return fail(Rank::own, [&] {
      constexpr std::size_t k_most = 8;
      std::string list;
      for (std::size_t i = 0; i < std::min(values.size(), k_most); ++i)
        list += fmt::format("{}{}", i == 0 ? "" : ", ", shown(values[i]));
      return fmt::format("must be one of {}{}, got {}", list, values.size() > k_most ? ", …" : "", shown(value_));
    });
  }

  [[nodiscard]] std::size_t size() const {
    return value_.is_string()  ? characters(value_.as_string())
           : value_.is_array() ? value_.as_array().size()
                               : value_.as_object().size();
  }
  bool at_least(bool applies, std::uint64_t minimum, std::string_view unit) {
    if (!applies || size() >= minimum) return true;
    return fail(Rank::own, [&] { return fmt::format("has {} {}, fewer than the minimum {}", size(), unit, minimum); });
  }
  bool at_most(bool applies, std::uint64_t maximum, std::string_view unit) {
    if (!applies || size() <= maximum) return true;
    return fail(Rank::own, [&] { return fmt::format("has {} {}, more than the maximum {}", size(), unit, maximum); });
  }

  static bool unexpected() {
    CAIRN_ASSERT(false, "the compiler makes no such constraint");
    return false;
  }

  Session& session_;
  const Value& value_;
  const Path& path_;
  bool verdict_only_;
  std::optional<Violation> found_;
};

}  // namespace

std::optional<std::string> judge(const CompiledSchema& schema, const Value& value) {
  Session session{schema, k_steps + k_steps_a_byte * value.approximate_bytes()};
  const Path root;
  const auto violation = Visitor(session, value, root, false).run(*schema.root);
  if (!session.given_up.empty()) return session.given_up;
  return violation ? std::optional(violation->text()) : std::nullopt;
}

}  // namespace cairn::schema
