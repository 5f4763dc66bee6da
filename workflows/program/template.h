#pragma once
// Template: a value of the definition in which expressions may stand. Compiled once, filled in at run time.

#include "workflows/expressions/expression.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cairn {

/// Index of a template in Program::templates.
enum class TemplateId : std::uint32_t {};
constexpr std::size_t index_of(TemplateId id) { return static_cast<std::size_t>(id); }

struct Template {
  /// No expression anywhere below: the value itself.
  struct Constant {
    Value value;
  };
  /// `${ … }` and nothing else (or a field that is always an expression): the expression's result, of any type.
  /// In loose mode a failure gives `text`.
  struct Expression {
    ExpressionId expression{};
    std::string text;  ///< as written
  };
  /// Text around one or more `${ … }`: strings are inserted as they are, null as nothing, anything else as compact
  /// JSON.
  struct Interpolation {
    std::vector<std::variant<std::string, ExpressionId>> parts;
  };
  /// A URI template (RFC 6570 level 1): `{name}` is a top-level member of the task's transformed input,
  /// percent-encoded; absent or null gives nothing; anything but string, number, boolean, null is an expression error.
  /// Parts may be `${ … }` too.
  struct UriTemplate {
    struct Variable {
      std::string name;
    };
    std::vector<std::variant<std::string, Variable, ExpressionId>> parts;
  };
  struct ObjectOf {
    std::vector<std::pair<std::string, TemplateId>> members;
  };
  struct ArrayOf {
    std::vector<TemplateId> items;
  };

  std::variant<Constant, Expression, Interpolation, UriTemplate, ObjectOf, ArrayOf> form;
  /// An expression at or below this template reads $secrets or $authorization, or this is an `authentication` policy:
  /// it is evaluated at dispatch only, and the log holds a redacted mark in its place. Only effect arguments may hold
  /// such.
  bool confidential = false;
};

}  // namespace cairn
