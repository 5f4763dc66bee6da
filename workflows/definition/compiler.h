#pragma once
// The compiler: one walk over a definition's tree that checks every part of it and builds the Program. Its methods lie
// in compile_*.cpp by subject. Whatever is wrong becomes a finding and the walk goes on; the Program counts only if
// none is an error.

#include "workflows/core/limits.h"
#include "workflows/definition/bundle.h"
#include "workflows/definition/draft.h"
#include "workflows/definition/expression_text.h"
#include "workflows/definition/fields.h"
#include "workflows/definition/findings.h"
#include "workflows/definition/load.h"
#include "workflows/definition/place.h"
#include "workflows/definition/view.h"
#include "workflows/program/program.h"

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cairn {

/// Strings (by pointer) that loose mode tried as expressions in vain: they are text.
using LooseText = std::set<std::string, std::less<>>;

/// What `call` may name beside functions.
inline constexpr std::array<std::string_view, 6> k_protocols = {"http", "openapi", "grpc", "asyncapi", "a2a", "mcp"};

/// The function that is built in: people decide. A function of this name in use.functions takes its place.
inline constexpr std::string_view k_approval_function = "human.approve";

class Compiler {
 public:
  /// `document` and `resources` must outlive the compiler. `loose_text` grows with each vain try; compile again when it did.
  Compiler(const SourceDocument& document, const Resources& resources, LooseText& loose_text);

  /// One time only.
  void run();
  /// True when run() found text that it took for an expression: the result is void.
  [[nodiscard]] bool must_run_again() const { return must_run_again_; }
  Findings& findings() { return findings_; }
  std::vector<NeededResource> take_needed() { return std::move(needed_); }
  Program take_program() { return std::move(program_); }

 private:
  using Locals = std::vector<std::string>;  // loop and catch variables in scope, outermost first
  using Registry = std::map<std::string, Place, std::less<>>;

  /// What a `then` may name.
  struct Siblings {
    enum class Kind { list, branches, function };
    Kind kind = Kind::list;
    std::unordered_map<std::string, NodeId> by_name;
    /// continue, exit, end and the names; filled when the first unknown target is met.
    mutable std::shared_ptr<std::vector<std::string>> targets;
  };

  /// A task while it is compiled.
  struct TaskContext {
    const Place& place;
    NodeId id{};
    const Siblings& siblings;
    const Locals& locals;
    Node& node;
    [[nodiscard]] View view() const { return View::of(Row::task, locals); }
  };

  // ---- compile_workflow.cpp: the definition's top level
  void workflow(const Place& root);
  void document_section(const Place& place);
  void evaluate_section(const Place& place);

  // ---- compile_schedule.cpp: when runs start by themselves
  void schedule_section(const Place& place);
  void schedule_terms(Fields& metadata);
  void settle_event_read(const Place& schedule);
  std::optional<std::string> cron_expression(const Place& place);

  // ---- compile_metadata.cpp: document.metadata.cairn
  void document_metadata(const Place& place);
  void expression_limits(const Place& place);
  void fault_handler(const Place& place);
  void retention(const Place& place);
  /// `lint` of metadata.cairn: rules to be ignored (authoring/lint knows them).
  void lint_exceptions(Fields& metadata);

  // ---- compile_scheduling.cpp: priority and limits, of a document and of tasks
  void scheduling(Fields& fields, const View& view, Scheduling& into);
  std::optional<ConcurrencySpec> concurrency(const Place& place, const View& view);
  std::optional<RateSpec> rate(const Place& place, const View& view);
  std::optional<std::int64_t> period(const Place& place);
  std::optional<SingletonSpec> singleton(const Place& place, const View& view);
  std::optional<SingletonSpec> debounce(const Place& place, const View& view);
  std::optional<TemplateId> limit_key(Fields& fields, const View& view);
  /// Whole, from `least` to `most`.
  std::optional<std::int64_t> bounded(const Place& place, std::int64_t least, std::int64_t most);

  // ---- compile_use.cpp: reusable components
  void collect_use(const Place& place);
  void collect_registry(Fields& fields, std::string_view key, Registry& registry);
  void collect_secrets(const Place& place);
  void allocate_functions();
  void compile_functions();
  void check_unused_components();
  void extensions(const Place& place);
  /// The node of `before` or `after`.
  NodeId extension_stage(const Place& place, bool after);
  const Place* find_component(Registry& registry, const Place& name_place, const std::string& name,
                              std::string_view what);
  struct UnknownSecret {
    std::string message;
    std::string hint;
  };
  [[nodiscard]] UnknownSecret unknown_secret(std::string_view name) const;

  // ---- compile_outside.cpp: functions and schemas that lie elsewhere
  struct Outside {
    std::string uri;
    Value authentication;  ///< as written
  };
  struct OutsideFunction {
    std::string name;  ///< as use.functions would name it
    Outside where;
    std::string catalog;
    NodeId id{};
    const SourceDocument* document = nullptr;
  };
  [[nodiscard]] Value literal(const Place& place) const;
  /// What an endpoint (a URI or an object with 'uri') names, when that is known before any run.
  std::optional<Outside> outside(const Place& endpoint_place, std::string_view what);
  /// The text, or nullptr: it is noted as needed.
  const std::string* given(const Place& asked_for, const Outside& where, const std::string& what);
  const SourceDocument* parsed(const Place& asked_for, const std::string& uri, const std::string& text);
  std::optional<SchemaId> external_schema(const Place& place);
  /// The function that a `call` names, if it is none of the definition's own. Nothing: there is an error.
  std::optional<NodeId> outside_function(const Place& name_place, const std::string& name);
  std::optional<NodeId> add_outside_function(const Place& asked_for, OutsideFunction function);
  void compile_outside_functions();

  // ---- compile_task.cpp: lists of tasks, and what all tasks share
  ListId task_list(const Place& place, std::optional<NodeId> parent, const Locals& locals);
  std::vector<NodeId> tasks(const Place& place, std::optional<NodeId> parent, const Locals& locals,
                            Siblings::Kind kind);
  NodeId new_node();
  void task(const Place& place, std::string_view name, NodeId id, std::optional<NodeId> parent,
            std::optional<NodeId> next, const Siblings& siblings, const Locals& locals);
  std::string_view task_kind(Fields& fields, const Place& place);
  NodeBody task_body(std::string_view kind, Fields& fields, const TaskContext& context);
  Transition transition(const Place& place, const Siblings& siblings);
  void report_unknown_targets();
  void task_metadata(const Place& place, TaskContext& context);

  // ---- compile_flow.cpp: do, for, fork, switch, try, raise, wait, set
  NodeBody set_task(Fields& fields, const TaskContext& context);
  NodeBody do_task(Fields& fields, const TaskContext& context);
  NodeBody for_task(Fields& fields, const TaskContext& context);
  NodeBody fork_task(Fields& fields, const TaskContext& context);
  NodeBody switch_task(Fields& fields, const TaskContext& context);
  NodeBody try_task(Fields& fields, const TaskContext& context);
  NodeBody raise_task(Fields& fields, const TaskContext& context);
  NodeBody wait_task(Fields& fields, const TaskContext& context);
  void catch_clause(const Place& place, const TaskContext& context, TryBody& body);
  ErrorFilter error_filter(const Place& place);
  RetrySpec retry_policy(const Place& place, const View& view);
  void retry_limit(const Place& place, const View& view, RetrySpec& retry);
  void retry_jitter(const Place& place, const View& view, RetrySpec& retry);
  RaiseBody error_definition(const Place& place, const View& view);
  std::string local_name(std::optional<Place> place, std::string_view fallback);

  // ---- compile_call.cpp, compile_run.cpp, compile_unsupported_calls.cpp
  NodeBody call_task(Fields& fields, const TaskContext& context);
  Draft http_arguments(const Place& place, const View& view);
  Draft openapi_arguments(const Place& place, const View& view);
  NodeBody function_call(const Place& name, std::optional<Place> with, const TaskContext& context);
  void http_output_members(Fields& fields, std::vector<std::pair<std::string, Draft>>& members);
  std::optional<Draft> named_values(const std::optional<Place>& place, const View& view, std::string_view what);
  void asyncapi_arguments(const Place& place, const TaskContext& context);
  void asyncapi_subscription(const Place& place, const TaskContext& context);
  void grpc_arguments(const Place& place, const View& view);
  void a2a_arguments(const Place& place, const View& view);
  void mcp_arguments(const Place& place, const View& view);
  // compile_approval.cpp
  NodeBody approval_call(const std::optional<Place>& with, const TaskContext& context);
  Draft assignees(const Place& place, const View& view);
  std::optional<SchemaId> approval_form(const Place& place, std::vector<std::pair<std::string, Draft>>& members);
  Draft approval_duration(const Place& place, const View& view, bool or_time);
  Draft approval_reminder(const Place& place, const View& view);
  NodeBody run_task(Fields& fields, const TaskContext& context);
  Draft shell_arguments(const Place& place, const View& view, const std::string& return_what);
  Draft script_arguments(const Place& place, const View& view, const std::string& return_what);
  void process_members(Fields& fields, const View& view, const std::string& return_what,
                       std::vector<std::pair<std::string, Draft>>& members);
  void container_process(const Place& place, const View& view);
  NodeBody child_workflow(const Place& place, const TaskContext& context, bool await);
  /// `namespace`, `name` and `version` of a workflow that is to be run. An empty `default_namespace`: it must be there.
  WorkflowIdentity workflow_reference(Fields& fields, const std::string& default_namespace);

  // ---- compile_resource.cpp: endpoints, resources, authentication
  Draft endpoint(const Place& place, const View& view);
  Draft resource(const Place& place, const View& view);
  Draft authentication(const Place& place, const View& view);
  Draft authentication_policy(const Place& place, const View& view);
  /// `kind`: basic or digest.
  Draft login_policy(const Place& place, const View& view, std::string_view kind);
  Draft bearer_policy(const Place& place, const View& view);
  Draft oauth2_policy(const Place& place, const View& view, bool with_endpoints);
  std::string oauth2_grant(const Place& place);
  Draft oauth2_client(const Place& place, const View& view);
  Draft oauth2_token(const Place& place, const View& view);
  Draft credential(const Place& place, const View& view);
  std::optional<std::string> secret_reference(const Place& place);

  // ---- compile_event.cpp: emit, listen, event filters
  NodeBody emit_task(Fields& fields, const TaskContext& context);
  NodeBody listen_task(Fields& fields, const TaskContext& context);
  Draft event_properties(const Place& place, const View& view);
  Draft event_attribute(const Place& place, const View& view);
  EventStrategy event_strategy(const Place& place, const View& view);
  /// `name`: what the set is called in messages.
  std::optional<EventSet> event_set(Fields& fields, const View& view);
  void until(const Place& place, const View& view, EventStrategy& strategy);
  FilterId event_filter(const Place& place, const View& view);
  std::vector<EventAttribute> filter_attributes(const Place& place, const View& view);
  std::optional<ExpressionId> pattern(const Place& place);
  Correlation correlation(const Place& place, const View& view, bool& keyed);
  EventRead event_read(const Place& place);
  SubscriptionIterator subscription_iterator(const Place& place, const TaskContext& context);
  /// `metadata.cairn.listen`: whether events count from the beginning of the run on.
  bool listen_since_run(const Place& place);

  // ---- compile_data.cpp: input, output, export, schemas, durations
  DataSpec data_spec(const Place& place, std::string what, std::string_view transform, const View& view);
  std::optional<SchemaId> schema(const Place& place);
  std::optional<SchemaId> compiled_schema(const Place& document, const std::string& source);
  DurationSpec duration(const Place& place, const View& view);
  std::optional<std::int64_t> inline_duration(const Place& place);
  DurationSpec timeout(const Place& place, const View& view);
  DurationSpec timeout_definition(const Place& place, const View& view);

  // ---- compile_template.cpp: values with expressions in them
  Draft free_value(const Place& place, const View& view);
  Draft free_string(const Place& place, const View& view, Dialect dialect = Dialect::text, bool loose_allowed = true);
  Draft uri(const Place& place, const View& view);
  Draft uri_text(const Place& place, const std::string& text, const View& view);
  Draft script_code(const Place& place, const View& view);
  Draft expression_or_object(const Place& place, const View& view);
  /// Bytes of a string that is an expression with or without `${ }` around it.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool marked = false;  ///< written with ${ }
  };
  std::optional<Range> expression_range(const Place& place);
  Draft always_expression(const Place& place, const View& view);
  std::optional<ExpressionId> condition(const Place& place, const View& view);
  Draft object_draft(std::vector<std::pair<std::string, Draft>> members);
  Draft array_draft(std::vector<Draft> items);
  TemplateId keep(Draft draft);
  TemplateId keep(decltype(Template::form) form, bool confidential);

  // ---- compile_expression.cpp
  struct Expression {
    ExpressionId id{};
    bool confidential = false;
    bool sound = false;  ///< there is such an expression; else what is wrong has been said
  };
  /// Bytes [begin, end) of the string at `place`. `loose`: text that may turn out not to be an expression.
  Expression expression(const Place& place, std::size_t begin, std::size_t end, const View& view, bool loose = false);
  /// What of `jq`'s variables does not exist at that place. `confidential` is set when it reads what is secret.
  std::vector<Diagnostic> check_variables(const Place& place, std::size_t begin, std::string_view jq, const View& view,
                                          bool& confidential);
  void compile_all_expressions();
  void report_problem(const ExpressionProblem& problem);

  void not_run_yet(const Place& place, const std::string& what);

  /// Where expression number i of the program stands.
  struct Site {
    const Origin* origin = nullptr;
    const SourceNode* node = nullptr;
    std::size_t begin = 0;
    bool loose = false;
    bool reported = false;  // something better than jq's message has been said
    std::vector<Diagnostic> if_it_compiles;
  };
  /// A `then` whose target is not among its siblings; what to say depends on all tasks.
  struct UnknownTarget {
    SourcePosition position;
    std::string pointer;
    std::string source;
    std::string target;
    std::shared_ptr<const std::vector<std::string>> possible;
  };

  const SourceDocument& source_;
  const Resources& resources_;
  LooseText& loose_text_;
  bool must_run_again_ = false;
  Findings findings_;
  Program program_;
  std::vector<Site> sites_;
  std::vector<UnknownTarget> unknown_targets_;
  Registry authentications_, errors_, functions_, retries_, timeouts_, catalogs_;
  std::map<std::string, NodeId, std::less<>> function_nodes_;
  std::map<std::string, std::unique_ptr<const SourceDocument>, std::less<>> documents_;  // by URI
  std::deque<OutsideFunction> outside_functions_;                                        // to be compiled
  std::vector<NeededResource> needed_;
  std::set<std::string, std::less<>> secrets_;
  std::set<const Place*> used_;    // of the registries' places
  std::deque<Place> kept_places_;  // parents of the registries' places
  const Place* extensions_place_ = nullptr;
  bool too_many_tasks_ = false;
  bool listen_since_run_ = true;  // unless a task says otherwise
  bool on_is_read_ = false;       ///< `schedule.read` is there
  Schedule schedule_terms_;       ///< of metadata.cairn, for `schedule`
};

}  // namespace cairn
