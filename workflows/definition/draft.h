#pragma once
// A template under construction: as long as nothing in it is an expression, it is only a value.

#include "workflows/program/template.h"
#include "workflows/value/value.h"

#include <variant>

namespace cairn {

struct Draft {
  std::variant<Value, TemplateId> form;
  bool confidential = false;  ///< see Template::confidential

  static Draft constant(Value value) { return {std::move(value), false}; }
};

}  // namespace cairn
