#pragma once
// Shape: a value of a file of tests in which jq expressions may stand as `${ … }`. Of what is expected such an expression
// is a test of the actual value in its place; of what is given it makes the value.

#include "workflows/expressions/expression.h"
#include "workflows/source/position.h"
#include "workflows/value/value.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cairn::authoring {

/// A place in a file of tests.
struct Spot {
  SourcePosition position;
  std::string pointer;
};

/// Names of the variables that expressions of a file of tests may read.
inline const std::vector<std::string> k_test_variables = {"input", "context", "call"};

struct Shape {
  struct Expression {
    ExpressionId id{};
    std::string text;
  };
  struct ObjectOf {
    std::vector<std::pair<std::string, Shape>> members;
  };
  struct ListOf {
    std::vector<Shape> items;
  };
  /// A value without any expression in it is a Value.
  std::variant<Value, Expression, ObjectOf, ListOf> form;

  static Shape of(Value value) { return {std::move(value)}; }
};

/// What expressions of shapes read, and what evaluates them. Borrows the program.
struct ShapeContext {
  const ExpressionProgram* program = nullptr;
  Value input;    ///< $input: the run's input as given
  Value context;  ///< $context: as it is
  Value call;     ///< $call: number of the call, from 1
  double now_s = 0;

  /// The expression's only value, or what went wrong.
  [[nodiscard]] std::variant<Value, std::string> evaluate(ExpressionId id, const Value& dot) const;
};

/// Where an actual value differs from what is expected.
struct Mismatch {
  std::string pointer;   ///< below the value compared; empty: the value itself
  std::string expected;  ///< JSON, or `${ … }` with what it gave
  std::string actual;    ///< JSON, or "nothing"
};

/// How strictly objects are compared: `exact` allows no other members, `includes` does. Lists have their length in both.
enum class Strictness { exact, includes };

/// All differences, in order; none: it matches.
std::vector<Mismatch> compare(const Shape& expected, const Value& actual, Strictness strictness,
                              const ShapeContext& context);

/// The value that a shape makes, its expressions evaluated on `dot`; or what went wrong.
std::variant<Value, std::string> fill(const Shape& shape, const Value& dot, const ShapeContext& context);

/// JSON for people, cut when it is long.
std::string shown_json(const Value& value);

}  // namespace cairn::authoring
