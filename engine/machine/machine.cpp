#include "engine/machine/machine.h"

#include "engine/machine/decider.h"
#include "workflows/value/base64.h"

namespace cairn {
namespace {

/// Variables of an effect at dispatch: what the log recorded for it, and the secrets.
class DispatchVariables final : public Variables {
 public:
  DispatchVariables(const Value& scope, const Value& secrets) : scope_(scope), secrets_(secrets) {}

  void set_authorization(Value authorization) { authorization_ = std::move(authorization); }
  [[nodiscard]] Value variable(std::string_view name) const override {
    if (name == "secrets") return secrets_;
    if (name == "authorization") return authorization_;
    return scope_.get(name);
  }

 private:
  const Value& scope_;
  const Value& secrets_;
  Value authorization_;
};

/// The template of `name` below an object template.
std::optional<TemplateId> member_of(const Program& program, TemplateId id, std::string_view name) {
  const auto* object = std::get_if<Template::ObjectOf>(&program.templates[index_of(id)].form);
  if (object == nullptr) return std::nullopt;
  for (const auto& [member_name, member] : object->members) {
    if (member_name == name) return member;
  }
  return std::nullopt;
}

/// Where a call's authentication stands: `endpoint.authentication` (http) or `authentication` (openapi).
std::optional<TemplateId> authentication_of(const Program& program, TemplateId arguments) {
  if (const auto endpoint = member_of(program, arguments, "endpoint")) {
    if (const auto found = member_of(program, *endpoint, "authentication")) return found;
  }
  return member_of(program, arguments, "authentication");
}

/// `{basic: {use: NAME}}` takes its members from the secret NAME.
Value resolve_secret_reference(const Value& policy, const Value& secrets) {
  if (!policy.is_object()) return policy;
  Value resolved = policy;
  for (const auto& [scheme, settings] : policy.as_object()) {
    const Value name = settings.get("use");
    if (name.is_string()) resolved = resolved.with(scheme, secrets.get(name.as_string()));
  }
  return resolved;
}

/// The DSL's authorization descriptor for a resolved policy.
Value authorization_descriptor(const Value& policy) {
  const auto descriptor = [](std::string_view scheme, std::string parameter) {
    return Value::object(
        {{"scheme", Value::string(std::string(scheme))}, {"parameter", Value::string(std::move(parameter))}});
  };
  if (const Value basic = policy.get("basic"); basic.get("username").is_string() && basic.get("password").is_string()) {
    return descriptor("Basic",
                      encode_base64(basic.get("username").as_string() + ":" + basic.get("password").as_string()));
  }
  if (const Value token = policy.get("bearer").get("token"); token.is_string())
    return descriptor("Bearer", token.as_string());
  if (const Value token = policy.get("bearer"); token.is_string()) return descriptor("Bearer", token.as_string());
  // Its parameter answers a challenge that has not been made yet.
  if (policy.find("digest") != nullptr) {
    return Value::object({{"scheme", Value::string("Digest")}, {"parameter", Value()}});
  }
  return {};  // a token of oauth2 and oidc is fetched by the connector, which asks again with it
}

/// The same arguments with the authentication policies' references to secrets resolved.
Value resolve_policies(const Value& arguments, const Value& secrets) {
  Value resolved = arguments;
  if (const Value* policy = arguments.find("authentication")) {
    resolved = resolved.with("authentication", resolve_secret_reference(*policy, secrets));
  }
  for (const auto name : {"endpoint", "document", "source"}) {
    const Value* part = arguments.find(name);
    if (part != nullptr && part->is_object()) resolved = resolved.with(name, resolve_policies(*part, secrets));
  }
  return resolved;
}

}  // namespace

Machine::Machine(std::shared_ptr<const Program> program) : program_(std::move(program)) {
  for (std::size_t i = 0; i < program_->nodes.size(); ++i) {
    by_reference_.emplace(program_->nodes[i].reference, NodeId{static_cast<std::uint32_t>(i)});
  }
}

const Node* Machine::find(std::string_view reference) const {
  const auto it = by_reference_.find(reference);
  return it == by_reference_.end() ? nullptr : &program_->node(it->second);
}

Decision Machine::advance(RunState& state, const Stimulus& stimulus) const {
  return Decider(*this, state, stimulus).run();
}

Decision Machine::decide(const RunState& state, const Stimulus& stimulus) const {
  RunState copy = state;
  return advance(copy, stimulus);
}

bool Machine::reads_authorization(const PendingEffect& effect) const {
  const Node* node = effect.confidential ? find(effect.task) : nullptr;
  const auto* body = node == nullptr ? nullptr : std::get_if<EffectBody>(&node->body);
  return body != nullptr && Evaluator(*program_, {}).confidential_variables(body->arguments).contains("authorization");
}

Fallible<Value> Machine::request(const PendingEffect& effect, const Value& secrets, Timestamp now,
                                 const Value& authorization) const {
  if (!effect.confidential) return effect.request;
  const Node* node = find(effect.task);
  const auto* body = node == nullptr ? nullptr : std::get_if<EffectBody>(&node->body);
  if (body == nullptr) {
    return make_problem(StandardError::runtime, "Unknown task", "the definition has no task " + effect.task);
  }
  for (const auto& name : program_->secrets) {
    if (secrets.find(name) == nullptr) {
      return make_problem(StandardError::authorization, "Secret not available",
                          "secret '" + name + "' is declared in use.secrets and was not given to this process");
    }
  }
  DispatchVariables variables(effect.scope, secrets);
  Evaluator evaluator(*program_, now);
  const Value dot = effect.scope.get(".");
  variables.set_authorization(authorization);
  const auto policy_template = authentication_of(*program_, body->arguments);
  if (policy_template && authorization.is_null()) {
    const Value* endpoint = effect.request.find("endpoint");
    const bool below = endpoint != nullptr && endpoint->find("authentication") != nullptr;
    const Value recorded = below ? endpoint->get("authentication") : effect.request.get("authentication");
    CAIRN_TRY(const auto policy, evaluator.complete(*policy_template, recorded, dot, variables));
    variables.set_authorization(authorization_descriptor(resolve_secret_reference(policy, secrets)));
  }
  CAIRN_TRY(const auto arguments, evaluator.complete(body->arguments, effect.request, dot, variables));
  return resolve_policies(arguments, secrets);
}

}  // namespace cairn
