#pragma once
// Program: the state machine that a definition compiles to. Immutable, shared by threads, interpreted by
// engine/machine.
//
// It is flat: nodes, lists, templates, expressions and schemas are vectors, and everything refers by index. A node is a
// task of the definition; where it goes next is its Transition. Equal definition text gives an equal hash.

#include "workflows/core/sha256.h"
#include "workflows/expressions/expression.h"
#include "workflows/program/listening.h"
#include "workflows/program/scheduling.h"
#include "workflows/program/template.h"
#include "workflows/schedule/schedule.h"
#include "workflows/schema/json_schema.h"
#include "workflows/value/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cairn {

/// Index of a task in Program::nodes.
enum class NodeId : std::uint32_t {};
/// Index of a list of sibling tasks in Program::lists.
enum class ListId : std::uint32_t {};
/// Index of a schema in Program::schemas.
enum class SchemaId : std::uint32_t {};

constexpr std::size_t index_of(NodeId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t index_of(ListId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t index_of(SchemaId id) { return static_cast<std::size_t>(id); }
constexpr std::size_t index_of(ExpressionId id) { return static_cast<std::size_t>(id); }

/// A flow directive (dsl-reference "Flow Directive"). `go_to` targets a task of the same list.
struct Transition {
  enum class Kind : std::uint8_t { proceed, exit, end, go_to };
  Kind kind = Kind::proceed;  ///< proceed: the DSL's `continue`
  NodeId target{};            ///< only for go_to
};

/// A duration known at compile time, or an expression that gives an ISO 8601 text at run time.
struct DurationSpec {
  std::variant<std::int64_t, ExpressionId> value = std::int64_t{0};  ///< milliseconds, 0 … limits::k_duration_ms
};

/// `input`/`output`/`export` of a task or workflow.
struct DataSpec {
  std::optional<SchemaId> schema;
  std::optional<TemplateId> transform;  ///< `from` or `as`; a bare string is an expression, an object a template
};

struct SetBody {
  TemplateId value{};
};

struct DoBody {
  ListId tasks{};
};

struct ForBody {
  std::string each;  ///< variable name, default "item"
  std::string at;    ///< variable name, default "index"
  TemplateId in{};
  std::optional<ExpressionId> while_condition;
  ListId tasks{};
};

struct ForkBody {
  bool compete = false;
  std::vector<NodeId> branches;  ///< their transitions are proceed, exit or end
};

struct SwitchBody {
  struct Case {
    std::string name;
    std::optional<ExpressionId> when;  ///< absent: the default case
    Transition then;
  };
  std::vector<Case> cases;  ///< in declaration order; at most one default
};

struct RetrySpec {
  enum class Backoff : std::uint8_t { constant, linear, exponential };
  std::optional<ExpressionId> when;
  std::optional<ExpressionId> except_when;
  DurationSpec delay;
  Backoff backoff = Backoff::constant;
  std::optional<DurationSpec> jitter_from;
  std::optional<DurationSpec> jitter_to;
  std::optional<std::int64_t> attempt_count;     ///< retries after the first attempt
  std::optional<DurationSpec> attempt_duration;  ///< longest time of one attempt
  std::optional<DurationSpec> duration;          ///< from the start of the try task: no retry begins after it
};

/// `errors.with`: every member that is set must match.
struct ErrorFilter {
  std::optional<std::string> type;
  std::optional<std::int64_t> status;
  std::optional<std::string> instance;
  std::optional<std::string> title;
  std::optional<std::string> detail;
};

struct TryBody {
  ListId tasks{};
  ErrorFilter filter;
  std::string as;  ///< variable name, default "error"
  std::optional<ExpressionId> when;
  std::optional<ExpressionId> except_when;
  std::optional<RetrySpec> retry;
  std::optional<ListId> handler;   ///< catch.do
  std::optional<Transition> then;  ///< catch.then
};

struct RaiseBody {
  TemplateId type{};
  TemplateId status{};
  std::optional<TemplateId> title;
  std::optional<TemplateId> detail;
  std::optional<TemplateId> instance;
};

struct WaitBody {
  DurationSpec duration;
};

struct EmitBody {
  TemplateId event{};  ///< `event.with`
};

/// `foreach` of a listen task.
struct SubscriptionIterator {
  std::string item;             ///< variable name, default "item"
  std::string at;               ///< variable name, default "index"
  std::optional<ListId> tasks;  ///< absent or empty: the item's output is the item
  DataSpec output;
  DataSpec exported;
};

struct ListenBody {
  EventStrategy to;
  EventRead read = EventRead::data;
  std::optional<SubscriptionIterator> foreach;
  bool since_run =
      true;  ///< events from the beginning of the run on; false: of the listen task (metadata.cairn.listen.since)
};

/// A task that touches the world: `call: http`, `call: openapi`, `run: shell`, `run: script`.
/// Arguments per connector (all members of the DSL's `with`/`run.X`, evaluated; see engine/effects/effect.h):
///   http     method, endpoint {uri, authentication?}, headers?, query?, body?, output, redirect
///   openapi  document {endpoint {uri, authentication?}}, operationId, parameters?, authentication?, output, redirect
///   shell    command, stdin?, arguments?, environment?, return
///   script   language, code | source {endpoint {uri, authentication?}}, stdin?, arguments?, environment?, return
/// A shorthand endpoint ("https://…") is normalised to {uri}. `authentication: {use: name}` is replaced by the policy
/// it names. Defaults (output "content", redirect false, return "stdout") are filled in.
struct EffectBody {
  std::string connector;  ///< "http", "openapi", "shell", "script"
  TemplateId arguments{};
  bool await = true;  ///< `run.await`
};

/// `call: NAME` of a function in use.functions.
struct CallFunctionBody {
  NodeId function{};
  std::optional<TemplateId> arguments;  ///< `with`; absent: the function's raw input is the task's transformed input
};

/// `run: workflow`.
struct ChildBody {
  std::string workflow_namespace;
  std::string name;
  std::string version;  ///< "latest" when not given
  std::optional<TemplateId> input;
  bool await = true;
};

/// `call: human.approve`: people decide (engine/machine/approval.h).
struct ApprovalBody {
  TemplateId request{};          ///< `with`, durations as ISO 8601 texts, `form` as it is written
  std::optional<SchemaId> form;  ///< what an approval's answer must match
};

/// What an extension puts before or after the tasks it extends: a task of its own (kind "extension"), entered below the
/// extended one.
struct ExtensionStageBody {
  ListId tasks{};
  bool after = false;
};

/// Valid by the standard, not run by this version: `run` refuses the program.
struct UnsupportedBody {
  std::string what;  ///< e.g. "call: grpc"
};

using NodeBody =
    std::variant<SetBody, DoBody, ForBody, ForkBody, SwitchBody, TryBody, RaiseBody, WaitBody, EmitBody, EffectBody,
                 CallFunctionBody, ChildBody, ExtensionStageBody, UnsupportedBody, ListenBody, ApprovalBody>;

/// What to do about an effect that was in flight at a crash (metadata.cairn.delivery).
enum class Delivery : std::uint8_t { at_least_once, at_most_once };

struct Node {
  std::string name;
  std::string reference;  ///< JSON pointer, "/do/0/getPet"
  std::string_view
      kind;  ///< "set", "do", "for", "fork", "switch", "try", "raise", "wait", "emit", "call", "run", "listen",
             ///< "extension" for what an extension puts before or after a task
  std::optional<NodeId> parent;  ///< enclosing task; none at the top and for functions
  std::optional<NodeId>
      next;  ///< the next task in declaration order; none at the end of a list, in a fork, for a function
  std::optional<ExpressionId> condition;  ///< `if`
  DataSpec input;
  DataSpec output;
  DataSpec exported;  ///< `export`
  std::optional<DurationSpec> timeout;
  Transition then;
  Delivery delivery = Delivery::at_least_once;
  Scheduling scheduling;  ///< metadata.cairn; empty unless the body is an EffectBody
  Value definition;       ///< the task as written, for $task.definition
  NodeBody body;
};

/// `use.extensions`, in the order in which they apply.
struct Extension {
  std::string reference;  ///< "/use/extensions/0/logging"
  std::string extend;     ///< a kind of task, "composite" or "all"
  std::optional<ExpressionId> when;
  std::optional<NodeId> before;  ///< a node with an ExtensionStageBody
  std::optional<NodeId> after;

  /// Whether it is for tasks of this kind; `when` may still except one.
  [[nodiscard]] bool extends(std::string_view kind) const {
    return extend == "all" || extend == kind || (extend == "composite" && (kind == "do" || kind == "fork"));
  }
};

struct WorkflowIdentity {
  std::string workflow_namespace;
  std::string name;
  std::string version;
  /// "namespace/name:version"
  [[nodiscard]] std::string to_string() const { return workflow_namespace + "/" + name + ":" + version; }
  friend auto operator<=>(const WorkflowIdentity&, const WorkflowIdentity&) = default;
};

/// `schedule.on`: the events that start a run.
struct EventTrigger {
  EventStrategy to;
  EventRead read = EventRead::data;
};

/// What becomes of ended runs (metadata.cairn.retention). Without a member nothing goes by it.
struct RetentionPolicy {
  std::optional<std::int64_t> age_ms;  ///< gone when they ended longer ago than this
  std::optional<std::uint64_t> count;  ///< of one workflow no more than so many are kept, the newest
  [[nodiscard]] bool keeps_all() const { return !age_ms && !count; }
  friend bool operator==(const RetentionPolicy&, const RetentionPolicy&) = default;
};

struct Program {
  Hash256 hash;  ///< of the definition's text
  WorkflowIdentity identity;
  Value definition;  ///< the whole definition as data, for $workflow.definition
  DataSpec input;
  DataSpec output;
  std::optional<DurationSpec> timeout;
  ListId tasks{};                    ///< the top-level `do`
  std::vector<std::string> secrets;  ///< use.secrets
  std::vector<Node> nodes;
  std::vector<Extension> extensions;
  std::vector<std::vector<NodeId>> lists;  ///< never empty lists except an empty `do`
  std::vector<Template> templates;
  std::vector<JsonSchema> schemas;
  std::vector<ExpressionSource> sources;  ///< text of each expression, for messages and diagrams
  std::vector<std::string> origins;       ///< JSON pointer of each expression, "/do/0/set/name"
  std::shared_ptr<const ExpressionProgram> expressions;
  jq::Limits expression_limits;  ///< document.metadata.cairn.expressions; what each of them may use up
  Scheduling scheduling;         ///< document.metadata.cairn: for all runs of the workflow
  std::optional<SingletonSpec> singleton;
  bool loose = false;                        ///< evaluate.mode
  std::optional<WorkflowIdentity> on_fault;  ///< metadata.cairn.onFault: started when a run faults; maybe "latest"
  RetentionPolicy retention;
  std::vector<EventFilter> event_filters;
  std::optional<EventTrigger> on;    ///< `schedule.on`
  std::optional<Schedule> schedule;  ///< when runs start by themselves
  /// What of the standard this program uses and this version does not run; `run` refuses when not empty.
  std::vector<std::string> unsupported;

  [[nodiscard]] const Node& node(NodeId id) const { return nodes[index_of(id)]; }
  [[nodiscard]] const EventFilter& filter(FilterId id) const { return event_filters[index_of(id)]; }
  [[nodiscard]] const std::vector<NodeId>& list(ListId id) const { return lists[index_of(id)]; }
};

}  // namespace cairn
