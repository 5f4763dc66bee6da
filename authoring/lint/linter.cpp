#include "authoring/lint/linter.h"

#include "workflows/core/suggest.h"
#include "workflows/definition/bundle.h"
#include "workflows/definition/expression_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

namespace cairn::authoring {
namespace {

constexpr std::array k_rules{
    LintRule{
        "unreachable-task", "a task that no way leads to",
        "The task before it always goes elsewhere, ends the workflow or raises an error. Remove it, or let a `then` "
        "name it."},
    LintRule{"loop-without-wait", "tasks that go round without a pause",
             "A `then` leads back, and nothing on the way waits; or there is no way out. Add a `wait`, or use `for`."},
    LintRule{"unused-function", "a function that nothing calls", "Remove it, or call it."},
    LintRule{"unused-error", "an error of `use.errors` that nothing raises", "Remove it, or raise it by its name."},
    LintRule{"unused-retry", "a retry policy of `use.retries` that no `catch` has",
             "Remove it, or use it by its name."},
    LintRule{"unused-timeout", "a timeout of `use.timeouts` that nothing has", "Remove it, or use it by its name."},
    LintRule{"unused-authentication", "an authentication of `use.authentications` that nothing uses",
             "Remove it, or say `authentication: {use: NAME}`."},
    LintRule{"unused-secret", "a secret that nothing reads",
             "A run does not start without it all the same. Remove it from `use.secrets`."},
    LintRule{
        "catch-hides-errors", "a `catch` for all errors that does nothing about them",
        "The task completes as if all were well, after mistakes in its expressions, too. Say which errors are meant "
        "(`errors.with`, `when`), or do something in `do`."},
    LintRule{"retry-without-limit", "a retry policy that never gives up",
             "An outage becomes a run that never ends. Set `limit.attempt.count` or `limit.duration`."},
    LintRule{"call-without-timeout", "a call or process that nothing limits in time",
             "What never answers holds the run for ever. Set a `timeout` on the task, on one around it or on the "
             "workflow."},
    LintRule{"unused-variable", "a variable of a loop or a `catch` that no expression reads",
             "Leave its name out, or use it: perhaps an expression reads another by mistake."},
    LintRule{"shadowed-variable", "a variable that hides one of the same name around it",
             "Inside, the outer one cannot be read. Give it another name."},
    LintRule{"secret-in-url", "a secret in an address or a query",
             "Addresses end up in logs of servers and proxies. Send it in a header, or as `authentication`."},
    LintRule{"secret-in-command", "a secret in a command line or an argument",
             "Every user of the machine can see it while the process runs. Give it as `environment` or `stdin`."},
    LintRule{
        "secret-in-text", "a password or token written in the definition",
        "Whoever reads the file has it, and the log keeps it. Declare a secret in `use.secrets`, and read it there."},
    LintRule{"unknown-rule", "a rule to be ignored that does not exist", "Correct its name."},
};

}  // namespace

std::span<const LintRule> lint_rules() { return k_rules; }

std::string lint_table() {
  std::string table = "| rule | finds | why, and what to do |\n| --- | --- | --- |\n";
  for (const LintRule& rule : k_rules)
    table += fmt::format("| `{}` | {} | {} |\n", rule.code, rule.finds, rule.because);
  return table;
}

std::vector<LintFinding> lint(std::string_view text, const Program& program) {
  const auto bundle = read_bundle(text);
  if (!bundle) return {};
  const ParsedSource source = parse_source(bundle.value().text);
  if (source.document == nullptr) return {};
  return Linter(*source.document, program).run();
}

Linter::Linter(const SourceDocument& document, const Program& program) : document_(document), program_(program) {
  check_exceptions(program.definition.get("document").get("metadata"), "");
  for (const Node& one : program.nodes) check_exceptions(one.definition.get("metadata"), one.reference);
  for (const NodeId id : all()) {
    const bool pauses = node(id).kind == "wait" || node(id).kind == "listen";
    const bool calls = node(id).kind == "call" || node(id).kind == "run";
    for (std::optional<NodeId> at = id; at && (pauses || calls); at = node(*at).parent) {
      if (pauses) pausing_.insert(*at);
      if (calls) calling_.insert(*at);
    }
    if (const auto* call = std::get_if<CallFunctionBody>(&node(id).body)) callers_[call->function].push_back(id);
  }
  for (const ExpressionSource& source : program.sources) {
    auto& names = reads_.emplace_back();
    for (const VariableUse& use : free_variables(source.text)) names.emplace(use.name);
  }
}

std::vector<LintFinding> Linter::run() {
  flow();
  components();
  errors();
  timeouts();
  names();
  secrets();
  std::ranges::sort(found_, {}, [](const LintFinding& one) {
    return std::tuple(one.diagnostic.position, one.rule, one.diagnostic.message);
  });
  return std::move(found_);
}

void Linter::check_exceptions(const Value& metadata, const std::string& pointer) {
  const Value ignore = metadata.get("cairn").get("lint").get("ignore");
  if (!ignore.is_array()) return;
  const std::string at = (pointer.empty() ? "/document" : pointer) + "/metadata/cairn/lint/ignore";
  std::vector<std::string_view> codes;
  for (const LintRule& rule : k_rules) codes.push_back(rule.code);
  const Array& list = ignore.as_array();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_string()) continue;
    const std::string& code = list[i].as_string();
    ignored_[pointer].insert(code);
    if (std::ranges::find(codes, code) != codes.end()) continue;
    report("unknown-rule", at + "/" + std::to_string(i), fmt::format("there is no rule '{}'", shown(code)),
           did_you_mean(code, codes));
  }
}

bool Linter::is_ignored(std::string_view rule, const std::string& pointer) const {
  return std::ranges::any_of(ignored_, [&](const auto& entry) {
    const auto& [place, rules] = entry;
    const bool covers = pointer.starts_with(place) && (pointer.size() == place.size() || pointer[place.size()] == '/');
    return covers && rules.contains(rule);
  });
}

std::optional<SourcePosition> Linter::position_of(const std::string& pointer) const {
  const SourceNode* at = &document_.root();
  SourcePosition position = at->position;
  std::size_t begin = 1;
  while (begin <= pointer.size() && !pointer.empty()) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    std::string segment;
    for (std::size_t i = begin; i < end; ++i) {
      if (pointer[i] == '~' && i + 1 < end) {
        segment += pointer[++i] == '1' ? '/' : '~';
      } else {
        segment += pointer[i];
      }
    }
    if (const SourceMember* member = at->find(segment)) {
      at = member->value;
      position = member->key_position;
    } else {
      std::size_t index = 0;
      const auto [rest, error] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
      if (error != std::errc() || rest != segment.data() + segment.size() || index >= at->items.size()) {
        return std::nullopt;
      }
      at = at->items[index];
      position = at->position;
    }
    begin = end + 1;
  }
  return position;
}

void Linter::report(std::string_view rule, const std::string& pointer, std::string message, std::string hint) {
  const auto position = position_of(pointer);
  // A function from outside is somebody else's text.
  if (!position || is_ignored(rule, pointer)) return;
  found_.push_back(
      {rule, {Severity::warning, *position, pointer, fmt::format("{} [{}]", message, rule), std::move(hint), {}}});
}

NodeId Linter::root_of(NodeId id) const {
  while (node(id).parent) id = *node(id).parent;
  return id;
}

std::vector<NodeId> Linter::all() const {
  std::vector<NodeId> ids;
  for (std::size_t i = 0; i < program_.nodes.size(); ++i) ids.push_back(NodeId{static_cast<std::uint32_t>(i)});
  return ids;
}

bool Linter::is_read(std::string_view name, const std::vector<std::string>& below) const {
  for (std::size_t i = 0; i < reads_.size(); ++i) {
    const bool is_there =
        std::ranges::any_of(below, [&](const std::string& place) { return program_.origins[i].starts_with(place); });
    if (is_there && reads_[i].contains(name)) return true;
  }
  return false;
}

}  // namespace cairn::authoring
