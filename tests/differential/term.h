#pragma once
// A generated program as a tree, so that it can be shrunk: a term is text with terms in between.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cairn::differential {

struct Term {
  std::vector<std::string> pieces;  ///< one more than children
  std::vector<Term> children;

  Term() : pieces(1) {}
  explicit Term(std::string text) : pieces{std::move(text)} {}
  /// `pattern` with each '@' replaced by one of `parts`, in order. ("\x01" stands for an '@' of the program.)
  Term(const std::string& pattern, std::vector<Term> parts);

  [[nodiscard]] std::string text() const;
};

/// Terms that are simpler by one step: a term inside replaced by one of its children, or by `.`, `null` or 1.
std::vector<Term> simpler(const Term& term);

}  // namespace cairn::differential
