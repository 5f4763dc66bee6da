#include "engine/machine/evaluate.h"

#include "workflows/core/limits.h"
#include "workflows/core/suggest.h"
#include "workflows/value/json.h"
#include "workflows/value/percent.h"

#include <algorithm>

namespace cairn {
namespace {

/// How a value reads inside a longer text: strings as they are, null as nothing, anything else as JSON.
std::string as_text(const Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_null()) return {};
  return to_json(value);
}

/// Where an expression failed: a short one whole, of others what stands there.
std::string place_in(const std::string& text, std::size_t offset, const std::string& origin) {
  constexpr std::size_t longest = 72;
  const std::string_view before = std::string_view(text).substr(0, offset);
  const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  const auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; };
  const std::string column = "column " + std::to_string(1 + std::ranges::count_if(line, begins_character));
  if (text.size() <= longest && text.find('\n') == std::string::npos) {
    return column + " of `" + text + "` at " + origin;
  }
  return "line " + std::to_string(1 + std::ranges::count(before, '\n')) + ", " + column + " of the expression at " +
         origin + ": `" + shown(std::string_view(text).substr(before.size())) + "`";
}

}  // namespace

Value date_time_descriptor(Timestamp time) {
  const std::int64_t seconds = time.ms >= 0 ? time.ms / 1000 : (time.ms - 999) / 1000;
  return Value::object(
      {{"iso8601", Value::string(to_iso8601(time))},
       {"epoch", Value::object({{"seconds", Value::integer(seconds)}, {"milliseconds", Value::integer(time.ms)}})}});
}

// ---- variables
// -------------------------------------------------------------------------------------------------------

Value TaskVariables::variable(std::string_view name) const {
  if (name == "context") return state_.context;
  if (name == "input") return input_;
  if (name == "output") return output_;
  if (name == "task") return task_descriptor();
  if (name == "workflow") return workflow_descriptor();
  if (name == "runtime") {
    return Value::object(
        {{"name", Value::string("cairn")},
         {"version", Value::string(CAIRN_VERSION)},
         {"metadata", state_.metadata.is_null() ? Value::object(std::vector<Member>{}) : state_.metadata}});
  }
  return scoped_variable(name);
}

namespace {

std::vector<Member> descriptor(const Node& node, Value raw_input, Value raw_output, Timestamp started_at) {
  return {{"name", Value::string(node.name)}, {"reference", Value::string(node.reference)},
          {"definition", node.definition},    {"input", std::move(raw_input)},
          {"output", std::move(raw_output)},  {"startedAt", date_time_descriptor(started_at)}};
}

}  // namespace

Value extended_descriptor(const Node& node, Value raw_input, Value raw_output, Timestamp started_at) {
  std::vector<Member> members = descriptor(node, std::move(raw_input), std::move(raw_output), started_at);
  if (node.definition.is_object()) {
    for (const auto& [name, value] : node.definition.as_object()) {
      if (std::ranges::find(members, name, &Member::name) == members.end()) members.push_back({name, value});
    }
  }
  return Value::object(std::move(members));
}

Value TaskVariables::task_descriptor() const {
  if (node_ == nullptr) return {};
  if (!machine_.program().extensions.empty()) {
    if (Value extended = extended_task(); !extended.is_null()) return extended;
  }
  return Value::object(descriptor(*node_, raw_input_, raw_output_, task_started_));
}

Value TaskVariables::extended_task() const {
  for (const Frame* frame = state_.find_frame(from_); frame != nullptr; frame = state_.find_frame(frame->parent)) {
    const Node* node = machine_.find(frame->task);
    if (node == nullptr) break;
    if (std::holds_alternative<ExtensionStageBody>(node->body)) {
      const Frame* extended = state_.find_frame(frame->parent);
      const Node* its_node = extended == nullptr ? nullptr : machine_.find(extended->task);
      if (its_node == nullptr) break;
      return extended_descriptor(*its_node, extended->raw_input, extended->raw_output, extended->started_at);
    }
    if (!node->parent && frame->parent != k_no_event) break;  // a function's tasks are its own
  }
  return {};
}

Value TaskVariables::workflow_descriptor() const {
  return Value::object({{"id", Value::string(state_.id.to_string())},
                        {"definition", machine_.program().definition},
                        {"input", state_.input},
                        {"startedAt", date_time_descriptor(state_.started_at)}});
}

Value TaskVariables::scoped_variable(std::string_view name) const {
  for (const auto& [own_name, value] : own_) {
    if (own_name == name) return value;
  }
  for (EventSeq id = from_; const Frame* frame = state_.find_frame(id); id = frame->parent) {
    const Node* node = machine_.find(frame->task);
    if (node == nullptr) break;
    if (const auto* loop = std::get_if<ForBody>(&node->body); loop != nullptr && frame->index) {
      if (loop->each == name && frame->items.is_array() && *frame->index < frame->items.as_array().size()) {
        return frame->items.as_array()[*frame->index];
      }
      if (loop->at == name) return Value::unsigned_integer(*frame->index);
    }
    if (const auto* guard = std::get_if<TryBody>(&node->body);
        guard != nullptr && frame->handling && guard->as == name) {
      return frame->caught ? frame->caught->to_value() : Value{};
    }
    if (const auto* listen = std::get_if<ListenBody>(&node->body);
        listen != nullptr && listen->foreach && frame->listening && frame->listening->busy) {
      if (listen->foreach->item == name) return frame->listening->waiting.front().value;
      if (listen->foreach->at == name) return Value::unsigned_integer(frame->index.value_or(0));
    }
    // A function's body sees its own variables, not those of the place that calls it.
    if (!node->parent && frame->parent != k_no_event) break;
  }
  return {};
}

// ---- expressions
// -----------------------------------------------------------------------------------------------------

Fallible<Value> Evaluator::expression(ExpressionId id, const Value& dot, const Variables& variables) {
  std::vector<Binding> bindings;
  for (const auto& name : program_.expressions->variables_of(id)) bindings.push_back({name, variables.variable(name)});
  const EvaluationContext context{static_cast<double>(now_.ms) / 1000.0, program_.expression_limits};
  Evaluation evaluation = program_.expressions->evaluate(id, dot, bindings, context);
  if (auto* value = std::get_if<Value>(&evaluation)) return std::move(*value);
  const auto& [why, limit, offset] = std::get<EvaluationFailed>(evaluation);
  const auto index = index_of(id);
  return make_problem(StandardError::expression, "Expression failed",
                      why + ", in " + place_in(program_.sources[index].text, offset, program_.origins[index]));
}

Fallible<bool> Evaluator::condition(ExpressionId id, const Value& dot, const Variables& variables) {
  CAIRN_TRY(const auto value, expression(id, dot, variables));
  return value.truthy();
}

Fallible<std::string> Evaluator::text_of(ExpressionId id, const Value& dot, const Variables& variables) {
  CAIRN_TRY(const auto value, expression(id, dot, variables));
  return as_text(value);
}

Fallible<std::string> Evaluator::expand_uri(const Template::UriTemplate& uri, const Value& dot,
                                            const Variables& variables) {
  std::string text;
  for (const auto& part : uri.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      text += *literal;
    } else if (const auto* id = std::get_if<ExpressionId>(&part)) {
      CAIRN_TRY(const auto inserted, text_of(*id, dot, variables));
      text += inserted;
    } else {
      const auto& name = std::get<Template::UriTemplate::Variable>(part).name;
      const Value value = dot.get(name);
      if (value.is_array() || value.is_object()) {
        return make_problem(StandardError::expression, "URI template failed",
                            "'{" + name + "}' is " + std::string(value.is_array() ? "an array" : "an object") +
                                "; a URI template takes strings, numbers, booleans and null");
      }
      text += percent_encode(as_text(value));
    }
  }
  return text;
}

Fallible<Value> Evaluator::fill(TemplateId id, const Value& dot, const Variables& variables, Secrecy secrecy) {
  CAIRN_TRY(auto value, fill_part(id, dot, variables, secrecy));
  if (value.depth() > limits::k_data_depth) {
    return make_problem(StandardError::expression, "Data nests too deep",
                        "the result nests more than " + std::to_string(limits::k_data_depth) + " levels deep");
  }
  return value;
}

Fallible<Value> Evaluator::fill_part(TemplateId id, const Value& dot, const Variables& variables, Secrecy secrecy) {
  const Template& form = program_.templates[index_of(id)];
  const bool leaf =
      !std::holds_alternative<Template::ObjectOf>(form.form) && !std::holds_alternative<Template::ArrayOf>(form.form);
  if (leaf && form.confidential && secrecy == Secrecy::redacted) return Value::string(std::string(k_confidential_mark));

  if (const auto* constant = std::get_if<Template::Constant>(&form.form)) return constant->value;
  if (const auto* single = std::get_if<Template::Expression>(&form.form)) {
    auto value = expression(single->expression, dot, variables);
    if (!value && program_.loose) return Value::string(single->text);
    return value;
  }
  if (const auto* text = std::get_if<Template::Interpolation>(&form.form)) {
    std::string whole;
    for (const auto& part : text->parts) {
      if (const auto* literal = std::get_if<std::string>(&part)) {
        whole += *literal;
        continue;
      }
      CAIRN_TRY(const auto inserted, text_of(std::get<ExpressionId>(part), dot, variables));
      whole += inserted;
    }
    return Value::string(std::move(whole));
  }
  if (const auto* uri = std::get_if<Template::UriTemplate>(&form.form)) {
    CAIRN_TRY(auto text, expand_uri(*uri, dot, variables));
    return Value::string(std::move(text));
  }
  if (const auto* object = std::get_if<Template::ObjectOf>(&form.form)) {
    std::vector<Member> members;
    members.reserve(object->members.size());
    for (const auto& [name, member] : object->members) {
      CAIRN_TRY(auto value, fill_part(member, dot, variables, secrecy));
      members.push_back({name, std::move(value)});
    }
    return Value::object(std::move(members));
  }
  const auto& array = std::get<Template::ArrayOf>(form.form);
  Array items;
  items.reserve(array.items.size());
  for (const auto item : array.items) {
    CAIRN_TRY(auto value, fill_part(item, dot, variables, secrecy));
    items.push_back(std::move(value));
  }
  return Value::array(std::move(items));
}

Fallible<Value> Evaluator::complete(TemplateId id, const Value& recorded, const Value& dot,
                                    const Variables& variables) {
  const Template& form = program_.templates[index_of(id)];
  if (!form.confidential) return recorded;
  if (const auto* object = std::get_if<Template::ObjectOf>(&form.form)) {
    std::vector<Member> members;
    members.reserve(object->members.size());
    for (const auto& [name, member] : object->members) {
      CAIRN_TRY(auto value, complete(member, recorded.get(name), dot, variables));
      members.push_back({name, std::move(value)});
    }
    return Value::object(std::move(members));
  }
  if (const auto* array = std::get_if<Template::ArrayOf>(&form.form)) {
    Array items;
    items.reserve(array->items.size());
    for (std::size_t i = 0; i < array->items.size(); ++i) {
      const bool known = recorded.is_array() && i < recorded.as_array().size();
      CAIRN_TRY(auto value, complete(array->items[i], known ? recorded.as_array()[i] : Value(), dot, variables));
      items.push_back(std::move(value));
    }
    return Value::array(std::move(items));
  }
  return fill(id, dot, variables);
}

Fallible<std::int64_t> Evaluator::duration(const DurationSpec& spec, const Value& dot, const Variables& variables) {
  if (const auto* ms = std::get_if<std::int64_t>(&spec.value)) return *ms;
  CAIRN_TRY(const auto value, expression(std::get<ExpressionId>(spec.value), dot, variables));
  if (!value.is_string()) {
    return make_problem(StandardError::expression, "Not a duration",
                        "expected an ISO 8601 duration such as \"PT30S\", got " + std::string(value.type_name()));
  }
  auto parsed = parse_duration_ms(value.as_string());
  if (!parsed) return make_problem(StandardError::expression, "Not a duration", parsed.error().to_string());
  return parsed.value();
}

Fallible<void> Evaluator::conforms(SchemaId id, const Value& value, std::string_view what) const {
  if (auto violation = program_.schemas[index_of(id)].violation(value)) {
    return make_problem(StandardError::validation, "The " + std::string(what) + " does not match its schema",
                        *violation);
  }
  return success();
}

std::set<std::string, std::less<>> Evaluator::confidential_variables(TemplateId id) const {
  std::set<std::string, std::less<>> names;
  std::vector<TemplateId> pending{id};
  const auto mention = [&](ExpressionId expression) {
    for (const auto& name : program_.expressions->variables_of(expression)) names.insert(name);
  };
  while (!pending.empty()) {
    const Template& form = program_.templates[index_of(pending.back())];
    pending.pop_back();
    if (!form.confidential) continue;
    if (const auto* single = std::get_if<Template::Expression>(&form.form)) mention(single->expression);
    if (const auto* text = std::get_if<Template::Interpolation>(&form.form)) {
      for (const auto& part : text->parts) {
        if (const auto* expression = std::get_if<ExpressionId>(&part)) mention(*expression);
      }
    }
    if (const auto* uri = std::get_if<Template::UriTemplate>(&form.form)) {
      for (const auto& part : uri->parts) {
        if (const auto* expression = std::get_if<ExpressionId>(&part)) mention(*expression);
      }
    }
    if (const auto* object = std::get_if<Template::ObjectOf>(&form.form)) {
      for (const auto& [name, member] : object->members) pending.push_back(member);
    }
    if (const auto* array = std::get_if<Template::ArrayOf>(&form.form)) {
      pending.insert(pending.end(), array->items.begin(), array->items.end());
    }
  }
  return names;
}

}  // namespace cairn
