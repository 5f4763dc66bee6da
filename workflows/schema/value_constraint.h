#pragma once
// Constraints that valijson does not have, or has with bounds as doubles. Judge (judge.h) applies them.

#include "workflows/schema/keywords.h"
#include "workflows/value/value.h"

#include <valijson/constraints/concrete_constraints.hpp>

#include <cstdint>
#include <new>
#include <optional>

namespace cairn::schema {

/// minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, const or enum, exactly.
class ValueConstraint final : public valijson::constraints::PolyConstraint {
 public:
  /// `keyword` lives for ever (keywords.h).
  ValueConstraint(const Keyword& keyword, Value operand) : keyword_(&keyword), operand_(std::move(operand)) {}

  [[nodiscard]] std::string_view keyword() const { return keyword_->name; }
  [[nodiscard]] const Value& operand() const { return operand_; }

  /// valijson's own validator, which would call this, is not used: it knows doubles and std::regex only.
  bool validate(const valijson::adapters::Adapter&, const std::vector<std::string>&,
                valijson::ValidationResults*) const override {
    return false;
  }

 private:
  [[nodiscard]] Constraint* cloneInto(void* place) const override { return new (place) ValueConstraint(*this); }
  [[nodiscard]] std::size_t sizeOf() const override { return sizeof(ValueConstraint); }

  const Keyword* keyword_;
  Value operand_;
};

/// contains with minContains or maxContains.
class CountedContains final : public valijson::constraints::PolyConstraint {
 public:
  CountedContains(const valijson::Subschema* subschema, std::uint64_t least, std::optional<std::uint64_t> most)
      : subschema_(subschema), least_(least), most_(most) {}

  [[nodiscard]] const valijson::Subschema& subschema() const { return *subschema_; }
  [[nodiscard]] std::uint64_t least() const { return least_; }
  [[nodiscard]] std::optional<std::uint64_t> most() const { return most_; }

  bool validate(const valijson::adapters::Adapter&, const std::vector<std::string>&,
                valijson::ValidationResults*) const override {
    return false;
  }

 private:
  [[nodiscard]] Constraint* cloneInto(void* place) const override { return new (place) CountedContains(*this); }
  [[nodiscard]] std::size_t sizeOf() const override { return sizeof(CountedContains); }

  const valijson::Subschema* subschema_;
  std::uint64_t least_;
  std::optional<std::uint64_t> most_;
};

}  // namespace cairn::schema
