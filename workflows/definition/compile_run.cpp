// run: shell, script, workflow, and container (checked, not run yet).

#include "workflows/core/suggest.h"
#include "workflows/definition/compiler.h"
#include "workflows/definition/identity.h"
#include "workflows/definition/location.h"

#include <fmt/format.h>

#include <utility>

namespace cairn {

namespace {

using Members = std::vector<std::pair<std::string, Draft>>;

}  // namespace

NodeBody Compiler::run_task(Fields& fields, const TaskContext& context) {
  const Place place = *fields.take("run");
  Fields run(findings_, place, "'run'");
  bool await = true;
  if (const auto found = run.take("await")) await = read_boolean(findings_, *found).value_or(true);
  std::string return_what = "stdout";
  const auto returned = run.take("return");
  if (returned) {
    return_what = read_choice(findings_, *returned, {"stdout", "stderr", "code", "all", "none"}).value_or(return_what);
  }
  const std::string_view kind = run.exactly_one({"shell", "script", "workflow", "container"});
  run.done();
  if (kind.empty()) return UnsupportedBody{"an invalid run task"};
  const Place process = *run.take(kind);
  const View view = context.view().with_secrets();
  if (kind == "shell") return EffectBody{"shell", keep(shell_arguments(process, view, return_what)), await};
  if (kind == "script") return EffectBody{"script", keep(script_arguments(process, view, return_what)), await};
  if (kind == "workflow") return child_workflow(process, context, await);
  container_process(process, view);
  not_run_yet(process, "run: container");
  return UnsupportedBody{"run: container"};
}

void Compiler::process_members(Fields& fields, const View& view, const std::string& return_what, Members& members) {
  if (const auto stdin_text = fields.take("stdin")) {
    if (read_string(findings_, *stdin_text, "a string or ${ expression }"))
      members.emplace_back("stdin", free_string(*stdin_text, view));
  }
  if (const auto arguments = fields.take("arguments");
      arguments && is_list(findings_, *arguments, "a list of strings")) {
    std::vector<Draft> items;
    for (std::size_t i = 0; i < arguments->node->items.size(); ++i) {
      const Place item = arguments->item(i);
      const std::string_view written = findings_.origins().of(item).document->written(*item.node);
      if (item.value().is_string()) {
        items.push_back(free_string(item, view));
      } else if ((item.value().is_number() || item.value().is_bool()) && !written.empty()) {
        items.push_back(Draft::constant(Value::string(std::string(written))));  // 007 stays 007
      } else {
        wrong_type(findings_, item, "a string");
      }
    }
    members.emplace_back("arguments", array_draft(std::move(items)));
  }
  if (const auto environment = fields.take("environment"); environment && is_object(findings_, *environment)) {
    Members variables;
    for (const SourceMember& member : environment->node->members) {
      const Place variable = environment->member(member);
      if (variable.value().is_object() || variable.value().is_array()) {
        wrong_type(findings_, variable, "a string");
      } else {
        variables.emplace_back(member.key, free_value(variable, view));
      }
    }
    members.emplace_back("environment", object_draft(std::move(variables)));
  }
  if (!return_what.empty()) members.emplace_back("return", Draft::constant(Value::string(return_what)));
}

Draft Compiler::shell_arguments(const Place& place, const View& view, const std::string& return_what) {
  Members members;
  Fields fields(findings_, place, "'shell'");
  if (const auto command = fields.require("command")) {
    if (read_string(findings_, *command))
      members.emplace_back("command", free_string(*command, view, Dialect::shell, false));
  }
  process_members(fields, view, return_what, members);
  fields.done();
  return object_draft(std::move(members));
}

Draft Compiler::script_arguments(const Place& place, const View& view, const std::string& return_what) {
  Members members;
  Fields fields(findings_, place, "'script'");
  if (const auto language = fields.require("language")) {
    if (const auto name = read_string(findings_, *language)) {
      if (*name != "js" && *name != "javascript" && *name != "python")
        not_run_yet(*language, fmt::format("script language '{}'", shown(*name)));
      members.emplace_back("language", Draft::constant(Value::string(*name == "javascript" ? "js" : *name)));
    }
  }
  const std::string_view which = fields.exactly_one({"code", "source"});
  if (which == "code") {
    const Place code = *fields.take("code");
    // It is written to a file, where nothing secret may be.
    if (read_string(findings_, code)) members.emplace_back("code", script_code(code, view.without_secrets()));
  } else if (which == "source") {
    const Place source = *fields.take("source");
    Draft checked = resource(source, view);
    // A file beside a function from outside comes with the function.
    const SourceMember* endpoint_member = source.node->find("endpoint");
    const Value uri = endpoint_member == nullptr ? Value{} : endpoint_member->value->value;
    const bool beside =
        !findings_.origins().of(source).uri.empty() && uri.is_string() && is_relative_reference(uri.as_string());
    if (beside) {
      const auto where = outside(source.member(*endpoint_member), "a script");
      const std::string* text = where ? given(source, *where, "the script") : nullptr;
      members.emplace_back("code", Draft::constant(Value::string(text == nullptr ? std::string() : *text)));
    } else {
      members.emplace_back("source", std::move(checked));
    }
  }
  process_members(fields, view, return_what, members);
  fields.done();
  return object_draft(std::move(members));
}

void Compiler::container_process(const Place& place, const View& view) {
  Members ignored;
  Fields fields(findings_, place, "'container'");
  if (const auto image = fields.require("image"); image && read_string(findings_, *image))
    free_string(*image, view, Dialect::text, false);
  if (const auto name = fields.take("name"); name && read_string(findings_, *name))
    free_string(*name, view, Dialect::text, false);
  if (const auto command = fields.take("command"); command && read_string(findings_, *command)) {
    free_string(*command, view, Dialect::shell, false);
  }
  for (const std::string_view key : {"ports", "volumes"}) {
    if (const auto mapping = fields.take(key); mapping && is_object(findings_, *mapping)) free_value(*mapping, view);
  }
  process_members(fields, view, {}, ignored);
  if (const auto lifetime = fields.take("lifetime")) {
    Fields members(findings_, *lifetime, "'lifetime'");
    const auto cleanup = members.require("cleanup");
    const auto policy = cleanup ? read_choice(findings_, *cleanup, {"always", "never", "eventually"}) : std::nullopt;
    if (const auto after = policy == "eventually" ? members.require("after") : members.take("after"))
      duration(*after, view);
    members.done();
  }
  if (const auto policy = fields.take("pullPolicy"))
    read_choice(findings_, *policy, {"ifNotPresent", "always", "never"});
  fields.done();
}

NodeBody Compiler::child_workflow(const Place& place, const TaskContext& context, bool await) {
  ChildBody body;
  body.await = await;
  Fields fields(findings_, place, "'workflow'");
  WorkflowIdentity workflow = workflow_reference(fields, {});
  body.workflow_namespace = std::move(workflow.workflow_namespace);
  body.name = std::move(workflow.name);
  body.version = std::move(workflow.version);
  if (const auto input = fields.take("input")) body.input = keep(free_value(*input, context.view()));
  fields.done();
  return body;
}

WorkflowIdentity Compiler::workflow_reference(Fields& fields, const std::string& default_namespace) {
  WorkflowIdentity body{default_namespace, {}, "latest"};
  const auto name_member = [&](std::string_view key, std::string& into) {
    const auto found = into.empty() ? fields.require(key) : fields.take(key);
    const auto text = found ? read_string(findings_, *found) : std::nullopt;
    if (!text) return;
    into = *text;
    if (!is_workflow_name(*text))
      findings_.error(*found, fmt::format("'{}' is not a workflow's {}", shown(*text), key), std::string(k_name_rule));
  };
  name_member("namespace", body.workflow_namespace);
  name_member("name", body.name);
  if (const auto version = fields.take("version")) {
    if (const auto text = read_string(findings_, *version)) {
      body.version = *text;
      if (*text != "latest" && !is_semantic_version(*text)) {
        findings_.error(*version, fmt::format("'{}' is not a semantic version", shown(*text)),
                        "write MAJOR.MINOR.PATCH, or latest");
      }
    }
  }
  return body;
}

}  // namespace cairn
