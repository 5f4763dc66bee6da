#include "tests/simulation/generator.h"

#include "workflows/core/assert.h"

#include <fmt/format.h>

namespace cairn::simulation {
namespace {

constexpr const char* k_standard = "https://open-workflow-specification.org/spec/1.0.0/errors/";
constexpr std::size_t k_children = 2;

/// Writes one definition, as JSON.
class Writer {
 public:
  Writer(Dice dice, const Shape& shape, std::size_t child_count)
      : dice_(dice), shape_(shape), child_count_(child_count), left_(2 + dice_.below(shape.tasks)) {}

  std::string definition(const std::string& name) {
    uses_functions_ = dice_.one_in(4);
    uses_secret_ = !dice_.one_in(3);
    std::string body = list(0, 1 + dice_.below(4));
    std::string text =
        fmt::format(R"({{"document":{{"dsl":"1.0.3","namespace":"sim","name":"{}","version":"1.0.0"}})", name);
    std::string use = uses_secret_ ? fmt::format(R"("secrets":["{}"])", k_secret_name) : R"("secrets":[])";
    if (uses_functions_)
      use += R"(,"functions":{"ask":)" + http("{}") + R"(,"count":{"set":{"n":"${ (.n? // 0) + 1 }"}}})";
    text += R"(,"use":{)" + use + "}";
    if (dice_.one_in(8) && !shape_.only_steady) text += R"(,"timeout":{"after":)" + duration(60, 7'200) + "}";
    if (dice_.one_in(6)) text += R"(,"input":{"from":"${ {n: (.n? // 1)} }"})";
    if (dice_.one_in(6)) text += R"(,"output":{"as":"${ {out: .} }"})";
    return text + R"(,"do":)" + body + "}";
  }

 private:
  struct Task {
    std::string members;  ///< without braces
    bool effect = false;  ///< it touches the world
  };

  std::string list(std::size_t depth, std::size_t length) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < length; ++i) names.push_back(fmt::format("t{}", next_name_++));
    std::string text;
    for (std::size_t i = 0; i < length; ++i) {
      const std::vector<std::string> later(names.begin() + static_cast<std::ptrdiff_t>(i) + 1, names.end());
      text += fmt::format(R"({}{{"{}":{}}})", i == 0 ? "" : ",", names[i], task(depth, later));
    }
    return "[" + text + "]";
  }
  std::string block(std::size_t depth) { return list(depth + 1, 1 + dice_.below(3)); }

  std::string task(std::size_t depth, const std::vector<std::string>& later) {
    if (left_ > 0) --left_;
    Task body = kind(depth, later);
    std::string text = "{" + body.members;
    if (dice_.one_in(10)) text += R"(,"if":"${ (.n? // 1) % 5 != 0 }")";
    if (dice_.one_in(10)) text += R"(,"input":{"from":"${ {n: (.n? // 2)} }"})";
    if (dice_.one_in(10)) text += R"(,"output":{"as":"${ {n: (.n? // 3), was: .} }"})";
    if (dice_.one_in(10)) text += R"(,"export":{"as":"${ {last: (.n? // 0)} }"})";
    if (dice_.one_in(8) && !shape_.only_steady) text += R"(,"timeout":{"after":)" + duration(1, 1'800) + "}";
    if (body.effect && dice_.one_in(6) && !shape_.only_steady)
      text += R"(,"metadata":{"cairn":{"delivery":"at-most-once"}})";
    if (dice_.one_in(16)) text += fmt::format(R"(,"then":"{}")", target(later));
    return text + "}";
  }

  std::string target(const std::vector<std::string>& later) {
    if (!later.empty() && dice_.one_in(2)) return dice_.of(later);
    static constexpr const char* k_others[] = {"continue", "continue", "exit", "end"};
    return dice_.of(k_others);
  }

  Task kind(std::size_t depth, const std::vector<std::string>& later) {
    const bool leaf = depth >= shape_.depth || left_ == 0;
    if (shape_.crowded && !leaf && dice_.one_in(3)) return {crowd()};
    if (shape_.long_loops && !leaf && dice_.one_in(3)) return {long_loop()};
    if (shape_.listens && dice_.one_in(4)) return {listen()};
    if (shape_.approves && dice_.one_in(4)) return {approval()};
    switch (dice_.below(leaf ? 10 : 18)) {
      case 0: return {R"("set":{"n":"${ (.n? // 0) + 1 }","at":"${ $context.last? // null }"})"};
      case 1: return {R"("wait":)" + duration(0, 3'600)};
      case 2:
        return {
            R"("emit":{"event":{"with":{"source":"https://sim.test/","type":"sim.happened","data":{"n":"${ .n? }"}}}})"};
      case 3: return process();
      case 4: return child();
      case 5:
        if (uses_functions_) return {fmt::format(R"("call":"{}")", dice_.one_in(2) ? "ask" : "count")};
        [[fallthrough]];
      case 6:
        return {R"("call":"openapi","with":{"document":{"endpoint":"https://sim.test/api"},"operationId":"ask"})",
                true};
      case 7:
        if (dice_.one_in(3)) return {raise()};
        [[fallthrough]];
      case 8:
      case 9: {
        std::string call = http("{\"n\":\"${ .n? }\"}");
        return {call.substr(1, call.size() - 2), true};
      }
      case 10: return {R"("do":)" + block(depth)};
      case 11: return {loop(depth)};
      case 12:
      case 13: return {fork(depth)};
      case 14: return {choose(depth, later)};
      default: return {attempt(depth)};
    }
  }

  std::string duration(std::int64_t low_s, std::int64_t high_s) {
    switch (dice_.below(4)) {
      case 0: return fmt::format(R"({{"seconds":{}}})", low_s + dice_.between(0, 5));
      case 1: return fmt::format(R"({{"minutes":{}}})", 1 + high_s / 120);
      case 2: return fmt::format(R"("PT{}S")", dice_.between(low_s, high_s));
      default: return fmt::format(R"({{"seconds":{}}})", dice_.between(low_s, high_s));
    }
  }

  std::string http(const std::string& body) {
    std::string headers;
    if (uses_secret_ && dice_.one_in(5))
      headers = fmt::format(R"(,"headers":{{"x-key":"${{ $secrets.{} }}"}})", k_secret_name);
    return R"({"call":"http","with":{"method":"post","endpoint":"https://sim.test/ask")" + headers + R"(,"body":)" +
           body + "}}";
  }

  Task process() {
    const std::string await = dice_.one_in(3) ? R"(,"await":false)" : "";
    if (dice_.one_in(2)) return {R"("run":{"shell":{"command":"true"})" + await + "}", true};
    return {R"("run":{"script":{"language":"python","code":"pass"})" + await + "}", true};
  }

  Task child() {
    if (child_count_ == 0) return {R"("set":{"n":7})"};
    const std::string await = dice_.one_in(3) ? R"(,"await":false)" : "";
    return {fmt::format(
        R"("run":{{"workflow":{{"namespace":"sim","name":"child{}","version":"{}","input":{{"n":"${{ .n? // 4 }}"}}}}{}}})",
        dice_.below(child_count_), dice_.one_in(2) ? "latest" : "1.0.0", await)};
  }

  std::string listen() {
    static constexpr const char* k_told = R"({"with":{"type":"sim.told"}})";
    static constexpr const char* k_happened = R"({"with":{"type":"sim.happened"}})";
    static constexpr const char* k_asked = R"({"with":{"type":"sim.asked"}})";
    static constexpr const char* k_expected =
        R"({"with":{"type":"sim.told"},"correlate":{"n":{"from":"${ .data.n }","expect":"${ (.n? // 0) | tostring }"}}})";
    std::string since = dice_.one_in(6) ? R"(,"metadata":{"cairn":{"listen":{"since":"listen"}}})" : "";
    const auto to = [&](const std::string& what) { return R"("listen":{"to":{)" + what + "}}" + since; };
    switch (dice_.below(7)) {
      case 0: return to(fmt::format(R"("one":{})", k_told));
      case 1:
      case 2: return to(fmt::format(R"("one":{})", k_expected));
      case 3: return to(fmt::format(R"("all":[{},{}])", k_expected, k_asked));
      case 4: return to(fmt::format(R"("any":[{},{}],"until":"${{ (. | length) >= 3 }}")", k_told, k_happened));
      case 5: return to(fmt::format(R"("any":[{},{}],"until":{{"one":{}}})", k_expected, k_happened, k_asked));
      default:
        return to(fmt::format(R"("any":[{}],"until":"${{ (. | length) >= 2 }}")", k_told)) +
               R"(,"foreach":{"item":"e","do":[{"note":{"set":{"n":"${ $e.n }"}}}]})";
    }
  }

  std::string approval() {
    std::string terms = R"("title":"n is ${ .n? // 0 }")";
    if (!dice_.one_in(3)) terms += dice_.one_in(2) ? R"(,"assignees":["ann","bob"])" : R"(,"assignees":"ann")";
    if (dice_.one_in(3)) terms += R"(,"form":{"type":"object","required":["n"]})";
    const bool ends = dice_.one_in(2);
    if (ends) {
      static constexpr const char* k_endings[] = {"fault", "approve", "reject"};
      terms += R"(,"deadline":)" + duration(60, 7'200) + fmt::format(R"(,"onDeadline":"{}")", dice_.of(k_endings));
    }
    // One that reminds for ever would keep the world from coming to rest.
    if (dice_.one_in(3)) terms += ends ? R"(,"reminder":{"every":"PT10M"})" : R"(,"reminder":{"after":"PT10M"})";
    if (dice_.one_in(3)) terms += R"(,"escalation":{"after":"PT20M","assignees":["boss"]})";
    return R"("call":"human.approve","with":{)" + terms + "}";
  }

  std::string raise() {
    static constexpr const char* k_types[] = {"communication", "runtime", "validation"};
    return fmt::format(R"("raise":{{"error":{{"type":"{}{}","status":{},"title":"on purpose"}}}})", k_standard,
                       dice_.of(k_types), dice_.one_in(2) ? 503 : 500);
  }

  std::string loop(std::size_t depth) {
    std::string text = fmt::format(R"("for":{{"each":"x","in":"${{ [range({})] }}"}})", dice_.below(5));
    if (dice_.one_in(3)) text += R"(,"while":"${ (.n? // 0) < 9 }")";
    return text + R"(,"do":)" + block(depth);
  }

  std::string long_loop() {
    return fmt::format(
        R"("for":{{"each":"x","in":"${{ [range({})] }}"}},"do":[{{"step":{{"set":{{"n":"${{ $x }}"}}}}}}])",
        300 + dice_.below(900));
  }

  std::string fork(std::size_t depth) {
    std::string branches;
    const std::size_t count = 1 + dice_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      branches += fmt::format(R"({}{{"b{}":{}}})", i == 0 ? "" : ",", next_name_++, task(depth + 1, {}));
    }
    const bool compete = dice_.one_in(3) && !shape_.only_steady;
    return fmt::format(R"("fork":{{"compete":{},"branches":[{}]}})", compete, branches);
  }

  std::string crowd() {
    std::string branches;
    const std::size_t count = 20 + dice_.below(40);
    for (std::size_t i = 0; i < count; ++i) {
      branches += fmt::format(R"({}{{"b{}":{}}})", i == 0 ? "" : ",", next_name_++, http("{}"));
    }
    return fmt::format(R"("fork":{{"compete":{},"branches":[{}]}})", dice_.one_in(4), branches);
  }

  std::string choose(std::size_t /*depth*/, const std::vector<std::string>& later) {
    return fmt::format(
        R"("switch":[{{"odd":{{"when":"${{ (.n? // 1) % 2 == 1 }}","then":"{}"}}}},{{"other":{{"then":"{}"}}}}])",
        target(later), target(later));
  }

  std::string attempt(std::size_t depth) {
    std::string text = R"("try":)" + block(depth) + R"(,"catch":{)";
    std::string clause;
    const auto add = [&clause](const std::string& member) { clause += (clause.empty() ? "" : ",") + member; };
    if (dice_.one_in(4)) add(fmt::format(R"("errors":{{"with":{{"type":"{}communication"}}}})", k_standard));
    if (dice_.one_in(4)) add(R"("as":"problem")");
    if (!dice_.one_in(4)) add(R"("retry":)" + retry());
    if (clause.empty() || dice_.one_in(2)) add(R"("do":)" + block(depth));
    return text + clause + "}";
  }

  std::string retry() {
    std::string text = R"({"delay":)" + duration(0, 60);
    switch (dice_.below(4)) {
      case 0: text += R"(,"backoff":{"linear":{}})"; break;
      case 1: text += R"(,"backoff":{"exponential":{}})"; break;
      default: break;
    }
    if (dice_.one_in(3) && !shape_.only_steady) text += R"(,"jitter":{"from":{"milliseconds":0},"to":{"seconds":9}})";
    std::string attempts = fmt::format(R"("count":{})", 1 + dice_.below(4));
    if (dice_.one_in(4) && !shape_.only_steady) attempts += R"(,"duration":)" + duration(5, 600);
    text += R"(,"limit":{"attempt":{)" + attempts + "}";
    if (dice_.one_in(4) && !shape_.only_steady) text += R"(,"duration":)" + duration(60, 3'600);
    return text + "}}";
  }

  Dice dice_;
  const Shape& shape_;
  std::size_t child_count_;
  std::size_t left_;  ///< tasks that may still hold others
  std::size_t next_name_ = 0;
  bool uses_functions_ = false;
  bool uses_secret_ = false;
};

DefinitionText load(std::string text) {
  DefinitionText definition;
  auto loaded = load_definition(text);
  CAIRN_ASSERT(loaded.ok(), format_diagnostics(loaded.diagnostics, text, "generated"));
  definition.program = std::move(loaded.program);
  definition.text = std::move(text);
  return definition;
}

}  // namespace

GeneratedWorkflows load_workflows(const std::vector<std::string>& texts) {
  GeneratedWorkflows all;
  for (const auto& text : texts) (all.started.empty() ? all.started : all.children).push_back(load(text));
  return all;
}

GeneratedWorkflows generate_workflows(Dice dice, const Shape& shape, std::size_t count) {
  GeneratedWorkflows all;
  Shape small = shape;
  small.tasks = 4;
  small.depth = 2;
  small.crowded = small.long_loops = false;
  for (std::size_t i = 0; i < k_children; ++i) {
    // A child may run those before it: the family is finite.
    all.children.push_back(load(Writer(dice.apart(100 + i), small, i).definition(fmt::format("child{}", i))));
  }
  for (std::size_t i = 0; i < count; ++i) {
    all.started.push_back(load(Writer(dice.apart(i), shape, k_children).definition(fmt::format("flow{}", i))));
  }
  return all;
}

}  // namespace cairn::simulation
