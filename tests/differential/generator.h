#pragma once
// Random programs that end soon, and random inputs for them.

#include "tests/differential/random.h"
#include "tests/differential/term.h"
#include "workflows/value/value.h"

#include <string>
#include <vector>

namespace cairn::differential {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}
  Term program();
  Value input();

 private:
  /// An expression that is wanted as `kind` (builtins.h); most of the time it is that.
  Term expression(char kind, int depth);
  Term any(int depth);
  Term leaf(char kind);
  Term number_leaf();
  Term builtin(char kind, int depth);
  Term operation(char kind, int depth);
  Term form(int depth);
  Term binding(int depth);
  Term loop(int depth);
  Term definition(int depth);
  Term call(int depth);
  Term update(int depth);
  Term construction(char kind, int depth);
  Term interpolation(int depth);
  Term path(int depth);
  Term keys();
  Term in_parentheses(Term term);
  std::string pattern(int depth, std::vector<std::string>& variables);
  Value value(int depth);

  /// What can be named where the next term stands.
  struct Function {
    std::string name;
    std::string parameters;  ///< a letter each: `f`ilter or `v`alue
  };
  Random random_;
  std::vector<std::string> variables_;
  std::vector<Function> functions_;
  std::vector<std::string> labels_;
  int names_ = 0;
};

}  // namespace cairn::differential
