#include "authoring/testing/shape.h"

#include "workflows/source/pointer.h"
#include "workflows/value/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::authoring {
namespace {

constexpr std::size_t k_shown_bytes = 400;

class Comparison {
 public:
  Comparison(Strictness strictness, const ShapeContext& context) : strictness_(strictness), context_(context) {}

  void compare(const Shape& expected, const Value& actual, const std::string& pointer) {
    if (const auto* constant = std::get_if<Value>(&expected.form)) {
      compare_value(*constant, actual, pointer);
    } else if (const auto* test = std::get_if<Shape::Expression>(&expected.form)) {
      const auto answer = context_.evaluate(test->id, actual);
      if (const auto* failed = std::get_if<std::string>(&answer)) {
        differ(pointer, fmt::format("${{ {} }}, which fails: {}", test->text, *failed), actual);
      } else if (const Value& verdict = std::get<Value>(answer); !verdict.truthy()) {
        differ(pointer, fmt::format("${{ {} }}, which gives {}", test->text, to_json(verdict)), actual);
      }
    } else if (const auto* object = std::get_if<Shape::ObjectOf>(&expected.form)) {
      if (!actual.is_object()) return differ(pointer, "an object", actual);
      for (const auto& [name, member] : object->members) compare_member(name, member, actual, pointer);
      if (strictness_ == Strictness::includes) return;
      for (const auto& [name, value] : actual.as_object()) {
        const bool known = std::ranges::any_of(object->members, [&](const auto& one) { return one.first == name; });
        if (!known) differ(below(pointer, name), "nothing", value);
      }
    } else {
      const auto& items = std::get<Shape::ListOf>(expected.form).items;
      if (!actual.is_array()) return differ(pointer, "a list", actual);
      const Array& found = actual.as_array();
      for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string place = below(pointer, std::to_string(i));
        if (i < found.size()) {
          compare(items[i], found[i], place);
        } else {
          found_.push_back({place, description(items[i]), "nothing"});
        }
      }
      for (std::size_t i = items.size(); i < found.size(); ++i) {
        differ(below(pointer, std::to_string(i)), "nothing", found[i]);
      }
    }
  }

  std::vector<Mismatch> take() { return std::move(found_); }

 private:
  static std::string below(std::string pointer, std::string_view segment) {
    append_pointer_segment(pointer, segment);
    return pointer;
  }

  static std::string description(const Shape& shape) {
    if (const auto* value = std::get_if<Value>(&shape.form)) return shown_json(*value);
    if (const auto* test = std::get_if<Shape::Expression>(&shape.form)) return "${ " + test->text + " }";
    return std::holds_alternative<Shape::ObjectOf>(shape.form) ? "an object" : "a list";
  }

  void differ(const std::string& pointer, std::string expected, const Value& actual) {
    found_.push_back({pointer, std::move(expected), shown_json(actual)});
  }

  void compare_member(const std::string& name, const Shape& member, const Value& actual, const std::string& pointer) {
    const Value* found = actual.find(name);
    const std::string place = below(pointer, name);
    if (found != nullptr) {
      compare(member, *found, place);
    } else if (const auto* test = std::get_if<Shape::Expression>(&member.form)) {
      // A test may well be one for absence: `${ . == null }`.
      const auto answer = context_.evaluate(test->id, Value{});
      const auto* verdict = std::get_if<Value>(&answer);
      if (verdict == nullptr || !verdict->truthy()) found_.push_back({place, description(member), "nothing"});
    } else {
      found_.push_back({place, description(member), "nothing"});
    }
  }

  void compare_value(const Value& expected, const Value& actual, const std::string& pointer) {
    if (expected.is_object() && actual.is_object()) {
      for (const auto& [name, value] : expected.as_object()) {
        compare_member(name, Shape::of(value), actual, pointer);
      }
      if (strictness_ == Strictness::includes) return;
      for (const auto& [name, value] : actual.as_object()) {
        if (expected.find(name) == nullptr) differ(below(pointer, name), "nothing", value);
      }
    } else if (expected.is_array() && actual.is_array()) {
      Shape::ListOf list;
      for (const auto& item : expected.as_array()) list.items.push_back(Shape::of(item));
      compare(Shape{std::move(list)}, actual, pointer);
    } else if (!(expected == actual)) {
      differ(pointer, shown_json(expected), actual);
    }
  }

  Strictness strictness_;
  const ShapeContext& context_;
  std::vector<Mismatch> found_;
};

}  // namespace

std::variant<Value, std::string> ShapeContext::evaluate(ExpressionId id, const Value& dot) const {
  const std::vector<Binding> bindings{{"input", input}, {"context", context}, {"call", call}};
  auto result = program->evaluate(id, dot, bindings, {now_s, {}});
  if (auto* failed = std::get_if<EvaluationFailed>(&result)) return std::move(failed->message);
  return std::move(std::get<Value>(result));
}

std::vector<Mismatch> compare(const Shape& expected, const Value& actual, Strictness strictness,
                              const ShapeContext& context) {
  Comparison comparison(strictness, context);
  comparison.compare(expected, actual, {});
  return comparison.take();
}

std::variant<Value, std::string> fill(const Shape& shape, const Value& dot, const ShapeContext& context) {
  if (const auto* value = std::get_if<Value>(&shape.form)) return *value;
  if (const auto* made = std::get_if<Shape::Expression>(&shape.form)) {
    auto result = context.evaluate(made->id, dot);
    if (const auto* failed = std::get_if<std::string>(&result)) {
      return fmt::format("${{ {} }} fails: {}", made->text, *failed);
    }
    return result;
  }
  if (const auto* object = std::get_if<Shape::ObjectOf>(&shape.form)) {
    std::vector<Member> members;
    for (const auto& [name, member] : object->members) {
      auto filled = fill(member, dot, context);
      if (std::holds_alternative<std::string>(filled)) return filled;
      members.push_back({name, std::move(std::get<Value>(filled))});
    }
    return Value::object(std::move(members));
  }
  Array items;
  for (const auto& item : std::get<Shape::ListOf>(shape.form).items) {
    auto filled = fill(item, dot, context);
    if (std::holds_alternative<std::string>(filled)) return filled;
    items.push_back(std::move(std::get<Value>(filled)));
  }
  return Value::array(std::move(items));
}

std::string shown_json(const Value& value) {
  std::string text = to_json(value);
  if (text.size() <= k_shown_bytes) return text;
  std::size_t end = k_shown_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace cairn::authoring
