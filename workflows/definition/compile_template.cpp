// Values with expressions in them → templates.

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cairn {

namespace {

constexpr std::string_view k_unterminated_hint = "close it with '}'; a literal '${' is written ${ \"${\" }";

}  // namespace

TemplateId Compiler::keep(decltype(Template::form) form, bool confidential) {
  program_.templates.push_back({std::move(form), confidential});
  return TemplateId{static_cast<std::uint32_t>(program_.templates.size() - 1)};
}

TemplateId Compiler::keep(Draft draft) {
  if (const auto* id = std::get_if<TemplateId>(&draft.form)) return *id;
  return keep(Template::Constant{std::get<Value>(std::move(draft.form))}, draft.confidential);
}

Draft Compiler::object_draft(std::vector<std::pair<std::string, Draft>> members) {
  const auto plain = [](const auto& member) {
    return std::holds_alternative<Value>(member.second.form) && !member.second.confidential;
  };
  if (std::all_of(members.begin(), members.end(), plain)) {
    std::vector<Member> values;
    for (auto& [name, draft] : members) values.push_back({name, std::get<Value>(std::move(draft.form))});
    return Draft::constant(Value::object(std::move(values)));
  }
  Template::ObjectOf object;
  bool confidential = false;
  for (auto& [name, draft] : members) {
    confidential |= draft.confidential;
    object.members.emplace_back(name, keep(std::move(draft)));
  }
  return {keep(std::move(object), confidential), confidential};
}

Draft Compiler::array_draft(std::vector<Draft> items) {
  const auto plain = [](const Draft& item) { return std::holds_alternative<Value>(item.form) && !item.confidential; };
  if (std::all_of(items.begin(), items.end(), plain)) {
    Array values;
    for (Draft& item : items) values.push_back(std::get<Value>(std::move(item.form)));
    return Draft::constant(Value::array(std::move(values)));
  }
  Template::ArrayOf array;
  bool confidential = false;
  for (Draft& item : items) {
    confidential |= item.confidential;
    array.items.push_back(keep(std::move(item)));
  }
  return {keep(std::move(array), confidential), confidential};
}

Draft Compiler::free_value(const Place& place, const View& view) {
  const Value& value = place.value();
  if (value.is_string()) return free_string(place, view);
  if (value.is_array()) {
    std::vector<Draft> items;
    for (std::size_t i = 0; i < place.node->items.size(); ++i) items.push_back(free_value(place.item(i), view));
    return array_draft(std::move(items));
  }
  if (value.is_object()) {
    std::vector<std::pair<std::string, Draft>> members;
    for (const SourceMember& member : place.node->members) {
      members.emplace_back(member.key, free_value(place.member(member), view));
    }
    return object_draft(std::move(members));
  }
  return Draft::constant(value);
}

Draft Compiler::free_string(const Place& place, const View& view, Dialect dialect, bool loose_allowed) {
  const std::string& text = place.value().as_string();
  const ExpressionParts parts = find_expressions(text, dialect);
  if (parts.unterminated) {
    findings_.error_in(place, *parts.unterminated, "this '${' is never closed", std::string(k_unterminated_hint));
    for (const EmbeddedExpression& part : parts.expressions) expression(place, part.inner_begin, part.inner_end, view);
    return Draft::constant(place.value());
  }
  if (parts.expressions.empty()) {
    if (!program_.loose || !loose_allowed || loose_text_.contains(place.pointer()))
      return Draft::constant(place.value());
    // Loose mode tries every text. What is longer than an expression may be, or blank, is text.
    if (text.size() > limits::k_expression_bytes || text.find_first_not_of(" \t\r\n") == std::string::npos) {
      return Draft::constant(place.value());
    }
    const Expression tried = expression(place, 0, text.size(), view, true);
    return {keep(Template::Expression{tried.id, text}, tried.confidential), tried.confidential};
  }
  if (parts.whole) {
    const EmbeddedExpression& only = parts.expressions.front();
    const Expression found = expression(place, only.inner_begin, only.inner_end, view);
    return {keep(Template::Expression{found.id, text}, found.confidential), found.confidential};
  }
  Template::Interpolation interpolation;
  bool confidential = false;
  std::size_t done = 0;
  for (const EmbeddedExpression& part : parts.expressions) {
    if (part.begin > done) interpolation.parts.emplace_back(text.substr(done, part.begin - done));
    const Expression found = expression(place, part.inner_begin, part.inner_end, view);
    confidential |= found.confidential;
    interpolation.parts.emplace_back(found.id);
    done = part.end;
  }
  if (done < text.size()) interpolation.parts.emplace_back(text.substr(done));
  return {keep(std::move(interpolation), confidential), confidential};
}

Draft Compiler::script_code(const Place& place, const View& view) {
  const std::string& text = place.value().as_string();
  const ExpressionParts parts = find_expressions(text, Dialect::text);
  if (!parts.whole) return Draft::constant(place.value());
  return free_string(place, view, Dialect::text, false);
}

Draft Compiler::uri(const Place& place, const View& view) {
  const auto text = read_string(findings_, place, "a URI (a string)");
  if (!text) return Draft::constant(Value::null());
  return uri_text(place, *text, view);
}

Draft Compiler::uri_text(const Place& place, const std::string& text, const View& view) {
  const ExpressionParts found = find_expressions(text, Dialect::text);
  if (found.unterminated || found.whole) return free_string(place, view, Dialect::text, false);
  const auto complain = [&](std::size_t offset, std::string message, std::string hint = {}) {
    findings_.error_in(place, offset, std::move(message), std::move(hint));
  };
  if (text.empty()) {
    findings_.error(place, "a URI cannot be empty");
    return Draft::constant(place.value());
  }
  Template::UriTemplate uri;
  bool confidential = false;
  std::string literal;
  const auto flush = [&] {
    if (!literal.empty()) uri.parts.emplace_back(std::exchange(literal, {}));
  };
  std::size_t at = 0;
  auto next = found.expressions.begin();
  while (at < text.size()) {
    if (next != found.expressions.end() && at == next->begin) {
      flush();
      const Expression part = expression(place, next->inner_begin, next->inner_end, view);
      confidential |= part.confidential;
      uri.parts.emplace_back(part.id);
      at = next->end;
      ++next;
      continue;
    }
    const char c = text[at];
    if (c == '{') {
      const std::size_t end = text.find('}', at);
      const std::string name = end == std::string::npos ? "" : text.substr(at + 1, end - at - 1);
      if (end == std::string::npos) {
        complain(at, "this '{' is never closed", "a URI template holds {name}");
        return Draft::constant(place.value());
      }
      if (name.empty() || name.find_first_of("{,*:+#./;?&=!@| \t") == 0 ||
          name.find_first_of("{,*: \t\r\n") != std::string::npos) {
        complain(at, fmt::format("'{{{}}}' is not a simple expansion", shown(name)),
                 "only {name} is; for more, use ${ expression }");
      }
      flush();
      uri.parts.emplace_back(Template::UriTemplate::Variable{name});
      at = end + 1;
      continue;
    }
    if (c == '}' || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      complain(at, c == '}' ? "this '}' closes nothing" : "a URI cannot hold blanks",
               c == '}' ? "write %7D" : "write %20");
      return Draft::constant(place.value());
    }
    literal += c;
    ++at;
  }
  flush();
  if (uri.parts.size() == 1 && std::holds_alternative<std::string>(uri.parts.front()))
    return Draft::constant(place.value());
  return {keep(std::move(uri), confidential), confidential};
}

std::optional<Compiler::Range> Compiler::expression_range(const Place& place) {
  const std::string& text = place.value().as_string();
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return Range{0, 0, false};
  if (text.compare(first, 2, "${") != 0) return Range{first, text.find_last_not_of(" \t\r\n") + 1, false};
  const ExpressionParts parts = find_expressions(text, Dialect::text);
  if (parts.whole) return Range{parts.expressions.front().inner_begin, parts.expressions.front().inner_end, true};
  const auto complain = [&](std::size_t offset, std::string message, std::string hint) {
    findings_.error_in(place, offset, std::move(message), std::move(hint));
  };
  if (parts.unterminated) {
    complain(*parts.unterminated, "this '${' is never closed", std::string(k_unterminated_hint));
  } else {
    complain(parts.expressions.front().end, "nothing may follow the expression's '}' here",
             "put all of it inside one ${ }, or leave ${ } out");
  }
  return std::nullopt;
}

Draft Compiler::always_expression(const Place& place, const View& view) {
  const auto range = expression_range(place);
  if (!range) return Draft::constant(place.value());
  const bool loose = program_.loose && !range->marked && range->begin < range->end;
  if (loose && loose_text_.contains(place.pointer())) return Draft::constant(place.value());
  const Expression found = expression(place, range->begin, range->end, view, loose);
  return {keep(Template::Expression{found.id, place.value().as_string()}, found.confidential), found.confidential};
}

Draft Compiler::expression_or_object(const Place& place, const View& view) {
  if (place.value().is_string()) return always_expression(place, view);
  if (place.value().is_object()) return free_value(place, view);
  wrong_type(findings_, place, "an expression (a string) or an object");
  return Draft::constant(Value::null());
}

std::optional<ExpressionId> Compiler::condition(const Place& place, const View& view) {
  if (!read_string(findings_, place, "an expression (a string)")) return std::nullopt;
  const auto range = expression_range(place);
  if (!range) return std::nullopt;
  const Expression found = expression(place, range->begin, range->end, view);
  if (!found.sound) return std::nullopt;
  return found.id;
}

}  // namespace cairn
