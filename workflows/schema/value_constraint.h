#pragma once
// Constraints that compare with a Value of the schema. valijson's own keep bounds as doubles; these keep them exact.

#include "workflows/schema/keywords.h"
#include "workflows/value/value.h"

#include <new>
#include <valijson/constraints/concrete_constraints.hpp>

namespace cairn::schema {

/// minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, const or enum. Judge (judge.h) applies it.
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

}  // namespace cairn::schema
