#include "tests/differential/term.h"

#include "workflows/core/assert.h"

#include <algorithm>

namespace cairn::differential {
namespace {

void append(const Term& term, std::string& out) {
  for (std::size_t i = 0; i < term.pieces.size(); ++i) {
    if (i > 0) append(term.children[i - 1], out);
    for (const char c : term.pieces[i]) out += c == '\x01' ? '@' : c;
  }
}

}  // namespace

Term::Term(const std::string& pattern, std::vector<Term> parts) : children(std::move(parts)) {
  std::size_t begin = 0;
  for (std::size_t at = pattern.find('@'); at != std::string::npos; at = pattern.find('@', begin)) {
    pieces.push_back(pattern.substr(begin, at - begin));
    begin = at + 1;
  }
  pieces.push_back(pattern.substr(begin));
  CAIRN_ASSERT(pieces.size() == children.size() + 1, "a pattern and its parts differ in number");
}

std::string Term::text() const {
  std::string out;
  append(*this, out);
  return out;
}

std::vector<Term> simpler(const Term& term) {
  std::vector<Term> all = term.children;
  const std::string own = term.text();
  for (const char* leaf : {".", "null", "1"}) {
    if (own.size() > std::string_view(leaf).size()) all.emplace_back(leaf);
  }
  for (std::size_t i = 0; i < term.children.size(); ++i) {
    for (auto& inner : simpler(term.children[i])) {
      Term changed = term;
      changed.children[i] = std::move(inner);
      all.push_back(std::move(changed));
    }
  }
  return all;
}

}  // namespace cairn::differential
