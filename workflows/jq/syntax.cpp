#include "workflows/jq/syntax.h"

#include <algorithm>

namespace cairn::jq::syntax {
namespace {

bool mentions(const Expression* in, std::string_view name, std::size_t arity) {
  return in != nullptr && mentions(*in, name, arity);
}

bool mentions(const Pattern& pattern, std::string_view name, std::size_t arity) {
  return std::any_of(pattern.elements.begin(), pattern.elements.end(),
                     [&](const Pattern* element) { return mentions(*element, name, arity); }) ||
         std::any_of(pattern.entries.begin(), pattern.entries.end(), [&](const Pattern::Entry& entry) {
           return mentions(entry.key, name, arity) || (entry.inner != nullptr && mentions(*entry.inner, name, arity));
         });
}

}  // namespace

bool mentions(const Expression& in, std::string_view name, std::size_t arity) {
  if (in.form == Form::call && in.name == name && in.list.size() == arity) return true;
  const auto there = [&](const Expression* e) { return mentions(e, name, arity); };
  return there(in.a) || there(in.b) || there(in.c) || there(in.d) ||
         std::any_of(in.list.begin(), in.list.end(), there) ||
         (in.definition != nullptr && there(in.definition->body)) ||
         std::any_of(in.patterns.begin(), in.patterns.end(),
                     [&](const Pattern* pattern) { return mentions(*pattern, name, arity); });
}

}  // namespace cairn::jq::syntax
