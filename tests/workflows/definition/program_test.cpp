// What definitions compile to.

#include "tests/workflows/definition/definition_text.h"
#include "workflows/value/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

TEST(Program, KnowsItsIdentityAndHash) {
  const std::string text = std::string(k_document) + "do: []\n";
  const auto program = load("do: []\n");
  ASSERT_NE(program, nullptr);
  EXPECT_EQ(program->identity.to_string(), "test/example:1.0.0");
  EXPECT_EQ(program->hash, sha256(text));
  EXPECT_EQ(program->definition.find("document")->find("dsl")->as_string(), "1.0.3");
  EXPECT_TRUE(program->list(program->tasks).empty());
}

TEST(Program, OfEqualTextIsEqual) {
  const std::string_view body =
      "do:\n  - a: {set: {x: '${ .a }', y: 'b ${ .c }'}}\n  - b: {for: {in: .x}, do: [c: {wait: PT1S}]}\n";
  const auto one = load(body);
  const auto two = load(body);
  EXPECT_EQ(one->hash, two->hash);
  EXPECT_EQ(one->origins, two->origins);
  EXPECT_EQ(one->templates.size(), two->templates.size());
  EXPECT_NE(one->hash, load("do: []\n")->hash);
}

TEST(Program, ReadsJson) {
  const LoadedDefinition loaded = load_definition(
      R"({"document":{"dsl":"1.0.3","namespace":"t","name":"n","version":"1.0.0"},"do":[{"a":{"set":{"x":"${ .a }"}}}]})");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.program->nodes.at(0).reference, "/do/0/a");
}

TEST(Program, NamesEachTaskByItsPointer) {
  const auto program = load(
      "use: {functions: {f: {set: {x: 1}}}}\n"
      "do:\n"
      "  - a: {do: [b: {set: {x: 1}}]}\n"
      "  - c: {for: {in: .x}, do: [d: {set: {x: 1}}]}\n"
      "  - e: {fork: {branches: [f: {set: {x: 1}}]}}\n"
      "  - g: {try: [h: {set: {x: 1}}], catch: {do: [i: {set: {x: 1}}]}}\n"
      "  - 'j/k~l': {call: f}\n");
  ASSERT_NE(program, nullptr);
  std::vector<std::string> references;
  for (const Node& node : program->nodes) references.push_back(node.reference);
  EXPECT_THAT(references,
              testing::UnorderedElementsAre("/use/functions/f", "/do/0/a", "/do/0/a/do/0/b", "/do/1/c",
                                            "/do/1/c/do/0/d", "/do/2/e", "/do/2/e/fork/branches/0/f", "/do/3/g",
                                            "/do/3/g/try/0/h", "/do/3/g/catch/do/0/i", "/do/4/j~1k~0l"));
  EXPECT_EQ(node_at(*program, "/do/0/a/do/0/b").name, "b");
  EXPECT_EQ(program->node(*node_at(*program, "/do/0/a/do/0/b").parent).name, "a");
  EXPECT_FALSE(node_at(*program, "/use/functions/f").parent);
  EXPECT_FALSE(node_at(*program, "/do/0/a").parent);
}

TEST(Program, ChainsSiblings) {
  const auto program = load(
      "do:\n  - a: {set: {x: 1}}\n  - b: {set: {x: 1}, then: a}\n  - c: {set: {x: 1}, then: exit}\n  - d: {set: {x: "
      "1}, then: end}\n");
  const std::vector<NodeId>& list = program->list(program->tasks);
  ASSERT_EQ(list.size(), 4u);
  const auto at = [&](std::size_t i) -> const Node& { return program->node(list[i]); };
  EXPECT_EQ(at(0).next, list[1]);
  EXPECT_EQ(at(0).then.kind, Transition::Kind::proceed);
  EXPECT_EQ(at(1).then.kind, Transition::Kind::go_to);
  EXPECT_EQ(at(1).then.target, list[0]);
  EXPECT_EQ(at(2).then.kind, Transition::Kind::exit);
  EXPECT_EQ(at(3).then.kind, Transition::Kind::end);
  EXPECT_FALSE(at(3).next);
}

TEST(Program, BranchesHaveNoNext) {
  const auto program = load("do:\n  - a: {fork: {compete: true, branches: [b: {set: {x: 1}}, c: {set: {x: 1}}]}}\n");
  const auto& fork = std::get<ForkBody>(node_at(*program, "/do/0/a").body);
  EXPECT_TRUE(fork.compete);
  ASSERT_EQ(fork.branches.size(), 2u);
  EXPECT_FALSE(program->node(fork.branches[0]).next);
}

TEST(Program, HoldsWhatAllTasksHave) {
  const auto program = load(
      "use: {timeouts: {short: {after: {minutes: 1, seconds: 30}}}}\n"
      "do:\n"
      "  - a:\n"
      "      if: .go\n"
      "      input: {from: .order, schema: {document: {type: object}}}\n"
      "      output: {as: {id: '${ .id }', fixed: 1}}\n"
      "      export: {as: '${ $context + . }'}\n"
      "      timeout: short\n"
      "      set: {x: 1}\n"
      "      metadata: {anything: goes}\n");
  const Node& node = node_at(*program, "/do/0/a");
  EXPECT_EQ(node.kind, "set");
  EXPECT_EQ(expression_text(*program, node.condition.value()), ".go");
  EXPECT_TRUE(node.input.schema);
  EXPECT_TRUE(std::holds_alternative<Template::Expression>(template_at(*program, node.input.transform.value()).form));
  EXPECT_TRUE(std::holds_alternative<Template::ObjectOf>(template_at(*program, node.output.transform.value()).form));
  const auto& exported = std::get<Template::Expression>(template_at(*program, node.exported.transform.value()).form);
  EXPECT_EQ(expression_text(*program, exported.expression), "$context + .");
  EXPECT_EQ(exported.text, "${ $context + . }");
  EXPECT_EQ(std::get<std::int64_t>(node.timeout.value().value), 90'000);
  EXPECT_EQ(node.definition.find("metadata")->find("anything")->as_string(), "goes");
}

TEST(Program, KnowsWhereEachExpressionIs) {
  const auto program = load("do:\n  - a: {set: {x: {y: ['${ .a }']}}}\n");
  EXPECT_EQ(program->origins, std::vector<std::string>{"/do/0/a/set/x/y/0"});
}

TEST(Program, OfForHoldsItsVariables) {
  const auto program = load(
      "do:\n"
      "  - a: {for: {in: .x}, while: '$index < 3', do: [b: {set: {y: '${ $item }'}}]}\n"
      "  - c: {for: {each: color, at: i, in: [1, {n: '${ .z }'}]}, do: [d: {set: {y: '${ [$color, $i] }'}}]}\n");
  const auto& plain = std::get<ForBody>(node_at(*program, "/do/0/a").body);
  EXPECT_EQ(plain.each, "item");
  EXPECT_EQ(plain.at, "index");
  EXPECT_EQ(expression_text(*program, plain.while_condition.value()), "$index < 3");
  EXPECT_TRUE(std::holds_alternative<Template::Expression>(template_at(*program, plain.in).form));
  const auto& named = std::get<ForBody>(node_at(*program, "/do/1/c").body);
  EXPECT_EQ(named.each, "color");
  EXPECT_EQ(named.at, "i");
  EXPECT_TRUE(std::holds_alternative<Template::ArrayOf>(template_at(*program, named.in).form));
}

TEST(Program, OfSwitchKeepsItsCasesInOrder) {
  const auto program = load(
      "do:\n  - a:\n      switch:\n        - one: {when: .x, then: b}\n        - other: {then: end}\n  - b: {set: {x: "
      "1}}\n");
  const auto& body = std::get<SwitchBody>(node_at(*program, "/do/0/a").body);
  ASSERT_EQ(body.cases.size(), 2u);
  EXPECT_EQ(body.cases[0].name, "one");
  EXPECT_EQ(program->node(body.cases[0].then.target).name, "b");
  EXPECT_FALSE(body.cases[1].when);
  EXPECT_EQ(body.cases[1].then.kind, Transition::Kind::end);
}

TEST(Program, OfTryHoldsFilterRetryAndHandler) {
  const auto program = load(
      "use:\n"
      "  retries:\n"
      "    patient:\n"
      "      when: $problem.status == 503\n"
      "      exceptWhen: .no\n"
      "      delay: {seconds: 3}\n"
      "      backoff: {exponential: {}}\n"
      "      limit: {attempt: {count: 5, duration: PT10S}, duration: PT1M}\n"
      "      jitter: {from: PT0S, to: '${ .jitter }'}\n"
      "do:\n"
      "  - a:\n"
      "      try: [b: {set: {x: 1}}]\n"
      "      catch:\n"
      "        errors: {with: {type: 'https://example.com/e', status: 503, title: T, detail: D, instance: /do/0/a}}\n"
      "        as: problem\n"
      "        when: $problem.status > 500\n"
      "        exceptWhen: .other\n"
      "        retry: patient\n"
      "        do: [c: {set: {y: '${ $problem }'}}]\n"
      "        then: d\n"
      "  - d: {set: {x: 1}}\n");
  const auto& body = std::get<TryBody>(node_at(*program, "/do/0/a").body);
  EXPECT_EQ(body.as, "problem");
  EXPECT_EQ(body.filter.type, "https://example.com/e");
  EXPECT_EQ(body.filter.status, 503);
  EXPECT_EQ(body.filter.instance, "/do/0/a");
  EXPECT_EQ(program->node(body.then.value().target).name, "d");
  EXPECT_EQ(program->list(body.handler.value()).size(), 1u);
  EXPECT_EQ(expression_text(*program, body.except_when.value()), ".other");
  const RetrySpec& retry = body.retry.value();
  EXPECT_EQ(retry.backoff, RetrySpec::Backoff::exponential);
  EXPECT_EQ(std::get<std::int64_t>(retry.delay.value), 3'000);
  EXPECT_EQ(retry.attempt_count, 5);
  EXPECT_EQ(std::get<std::int64_t>(retry.attempt_duration.value().value), 10'000);
  EXPECT_EQ(std::get<std::int64_t>(retry.duration.value().value), 60'000);
  EXPECT_EQ(expression_text(*program, std::get<ExpressionId>(retry.jitter_to.value().value)), ".jitter");
  EXPECT_EQ(expression_text(*program, retry.when.value()), "$problem.status == 503");
}

TEST(Program, OfTryHasDefaults) {
  const auto program = load("do:\n  - a: {try: [], catch: {}}\n");
  const auto& body = std::get<TryBody>(node_at(*program, "/do/0/a").body);
  EXPECT_EQ(body.as, "error");
  EXPECT_FALSE(body.retry);
  EXPECT_FALSE(body.handler);
  EXPECT_FALSE(body.then);
}

TEST(Program, OfWaitSumsDurations) {
  const auto program = load(
      "do:\n"
      "  - a: {wait: {days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5}}\n"
      "  - b: {wait: P1DT2H3M4.005S}\n"
      "  - c: {wait: '${ .pause }'}\n"
      "  - d: {wait: {seconds: 3.0}}\n");
  EXPECT_EQ(std::get<std::int64_t>(std::get<WaitBody>(node_at(*program, "/do/0/a").body).duration.value), 93'784'005);
  EXPECT_EQ(std::get<std::int64_t>(std::get<WaitBody>(node_at(*program, "/do/1/b").body).duration.value), 93'784'005);
  EXPECT_TRUE(
      std::holds_alternative<ExpressionId>(std::get<WaitBody>(node_at(*program, "/do/2/c").body).duration.value));
  EXPECT_EQ(std::get<std::int64_t>(std::get<WaitBody>(node_at(*program, "/do/3/d").body).duration.value), 3'000);
}

TEST(Program, OfRaiseHoldsTheErrorsParts) {
  const auto program = load(
      "use: {errors: {gone: {type: 'https://example.com/{kind}', status: 410, title: 'No ${ .name }'}}}\n"
      "do:\n  - a: {raise: {error: gone}}\n  - b: {raise: {error: {type: '${ .type }', status: '${ .status }', "
      "instance: /x, detail: why}}}\n");
  const auto& named = std::get<RaiseBody>(node_at(*program, "/do/0/a").body);
  EXPECT_TRUE(std::holds_alternative<Template::UriTemplate>(template_at(*program, named.type).form));
  EXPECT_EQ(std::get<Template::Constant>(template_at(*program, named.status).form).value.as_int(), 410);
  EXPECT_TRUE(std::holds_alternative<Template::Interpolation>(template_at(*program, named.title.value()).form));
  const auto& inline_error = std::get<RaiseBody>(node_at(*program, "/do/1/b").body);
  EXPECT_TRUE(std::holds_alternative<Template::Expression>(template_at(*program, inline_error.status).form));
  EXPECT_TRUE(inline_error.detail && inline_error.instance && !inline_error.title);
}

/// The value of a template that has no expression in it.
Value constant_at(const Program& program, TemplateId id) {
  const Template& found = template_at(program, id);
  if (const auto* constant = std::get_if<Template::Constant>(&found.form)) return constant->value;
  if (const auto* object = std::get_if<Template::ObjectOf>(&found.form)) {
    std::vector<Member> members;
    for (const auto& [name, member] : object->members) members.push_back({name, constant_at(program, member)});
    return Value::object(std::move(members));
  }
  return Value::string("not a constant");
}

TEST(Program, OfCallHttpNormalisesItsArguments) {
  const auto program = load("do:\n  - a: {call: http, with: {method: get, endpoint: 'https://example.com'}}\n");
  const auto& effect = std::get<EffectBody>(node_at(*program, "/do/0/a").body);
  EXPECT_EQ(effect.connector, "http");
  EXPECT_EQ(to_json(constant_at(*program, effect.arguments)),
            R"({"method":"get","endpoint":{"uri":"https://example.com"},"output":"content","redirect":false})");
}

TEST(Program, OfCallHttpLeavesAWholeExpressionForAnEndpoint) {
  const auto program = load("do:\n  - a: {call: http, with: {method: get, endpoint: '${ .where }'}}\n");
  const auto& effect = std::get<EffectBody>(node_at(*program, "/do/0/a").body);
  const auto& object = std::get<Template::ObjectOf>(template_at(*program, effect.arguments).form);
  EXPECT_EQ(object.members.at(1).first, "endpoint");
  EXPECT_TRUE(std::holds_alternative<Template::Expression>(template_at(*program, object.members.at(1).second).form));
}

TEST(Program, OfCallOpenApiNormalisesItsArguments) {
  const auto program = load(
      "do:\n  - a: {call: openapi, with: {document: {name: pets, endpoint: 'https://example.com/api.json'}, "
      "operationId: get, parameters: {id: 1}, output: raw, redirect: true}}\n");
  const auto& effect = std::get<EffectBody>(node_at(*program, "/do/0/a").body);
  EXPECT_EQ(effect.connector, "openapi");
  EXPECT_EQ(
      to_json(constant_at(*program, effect.arguments)),
      R"({"document":{"endpoint":{"uri":"https://example.com/api.json"}},"operationId":"get","parameters":{"id":1},"output":"raw","redirect":true})");
}

TEST(Program, ReplacesANamedAuthenticationByItsPolicy) {
  const auto program = load(
      "use:\n"
      "  secrets: [login]\n"
      "  authentications: {shop: {basic: {username: admin, password: 0123}}, vault: {basic: {use: login}}, token: "
      "{bearer: '${ .t }'}}\n"
      "do:\n"
      "  - a: {call: http, with: {method: get, endpoint: {uri: 'https://example.com', authentication: {use: shop}}}}\n"
      "  - b: {call: http, with: {method: get, endpoint: {uri: 'https://example.com', authentication: vault}}}\n"
      "  - c: {call: openapi, with: {document: {endpoint: 'https://example.com'}, operationId: x, authentication: "
      "{use: token}}}\n");
  const auto arguments = [&](std::string_view reference) {
    return std::get<EffectBody>(node_at(*program, reference).body).arguments;
  };
  EXPECT_EQ(to_json(*constant_at(*program, arguments("/do/0/a")).find("endpoint")),
            R"({"uri":"https://example.com","authentication":{"basic":{"username":"admin","password":"0123"}}})");
  EXPECT_EQ(to_json(*constant_at(*program, arguments("/do/1/b")).find("endpoint")->find("authentication")),
            R"({"basic":{"use":"login"}})");
  EXPECT_EQ(to_json(*constant_at(*program, arguments("/do/2/c")).find("authentication")),
            R"({"bearer":{"token":"not a constant"}})");
}

TEST(Program, MarksWhatIsConfidentialUpToTheArguments) {
  const auto program = load(
      "use: {secrets: [key]}\n"
      "do:\n"
      "  - a: {call: http, with: {method: get, endpoint: 'https://example.com', headers: {open: '${ .x }', k: 'K ${ "
      "$secrets.key }'}}}\n"
      "  - b: {call: http, with: {method: get, endpoint: {uri: 'https://example.com', authentication: {basic: "
      "{username: u, password: p}}}}}\n"
      "  - c: {call: http, with: {method: get, endpoint: 'https://example.com', body: '${ $authorization.parameter "
      "}'}}\n"
      "  - d: {run: {shell: {command: 'login ${ $secrets.key }'}}}\n"
      "  - e: {call: http, with: {method: get, endpoint: 'https://example.com', body: '${ . }'}}\n");
  const auto confidential = [&](std::string_view reference) {
    return template_at(*program, std::get<EffectBody>(node_at(*program, reference).body).arguments).confidential;
  };
  EXPECT_TRUE(confidential("/do/0/a"));
  EXPECT_TRUE(confidential("/do/1/b"));
  EXPECT_TRUE(confidential("/do/2/c"));
  EXPECT_TRUE(confidential("/do/3/d"));
  EXPECT_FALSE(confidential("/do/4/e"));
  const auto& object = std::get<Template::ObjectOf>(
      template_at(*program, std::get<EffectBody>(node_at(*program, "/do/0/a").body).arguments).form);
  for (const auto& [name, member] : object.members)
    EXPECT_EQ(template_at(*program, member).confidential, name == "headers") << name;
}

TEST(Program, OfRunShellAndScriptFillsDefaultsIn) {
  const auto program = load(
      "do:\n"
      "  - a: {run: {shell: {command: 'echo ${HOME}', arguments: [007, true, x], environment: {A: 1}}}}\n"
      "  - b: {run: {await: false, return: all, script: {language: python, code: 'print(\"${x}\")', stdin: hi}}}\n"
      "  - c: {run: {script: {language: javascript, source: {endpoint: 'https://example.com/x.js'}}}}\n");
  const auto& shell = std::get<EffectBody>(node_at(*program, "/do/0/a").body);
  EXPECT_TRUE(shell.await);
  EXPECT_EQ(to_json(constant_at(*program, shell.arguments)),
            R"({"command":"echo ${HOME}","arguments":["007","true","x"],"environment":{"A":1},"return":"stdout"})");
  const auto& script = std::get<EffectBody>(node_at(*program, "/do/1/b").body);
  EXPECT_FALSE(script.await);
  EXPECT_EQ(to_json(constant_at(*program, script.arguments)),
            R"x({"language":"python","code":"print(\"${x}\")","stdin":"hi","return":"all"})x");
  const auto& fetched = std::get<EffectBody>(node_at(*program, "/do/2/c").body);
  EXPECT_EQ(to_json(constant_at(*program, fetched.arguments)),
            R"({"language":"js","source":{"endpoint":{"uri":"https://example.com/x.js"}},"return":"stdout"})");
}

TEST(Program, OfRunWorkflowNamesTheChild) {
  const auto program =
      load("do:\n  - a: {run: {await: false, workflow: {namespace: other, name: child, input: {x: '${ .y }'}}}}\n");
  const auto& child = std::get<ChildBody>(node_at(*program, "/do/0/a").body);
  EXPECT_EQ(child.workflow_namespace, "other");
  EXPECT_EQ(child.name, "child");
  EXPECT_EQ(child.version, "latest");
  EXPECT_FALSE(child.await);
  EXPECT_TRUE(child.input);
}

TEST(Program, CallsFunctionsThatMayCallThemselves) {
  const auto program = load(
      "use: {functions: {again: {call: again, with: {n: '${ .n - 1 }'}, if: .n > 0}}}\ndo:\n  - a: {call: again, with: "
      "{n: 3}}\n  - b: {call: again}\n");
  const auto& call = std::get<CallFunctionBody>(node_at(*program, "/do/0/a").body);
  EXPECT_EQ(program->node(call.function).reference, "/use/functions/again");
  EXPECT_EQ(std::get<CallFunctionBody>(program->node(call.function).body).function, call.function);
  EXPECT_FALSE(std::get<CallFunctionBody>(node_at(*program, "/do/1/b").body).arguments);
}

TEST(Program, KnowsTheDeliveryOfAnEffect) {
  const auto program = load(
      "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {delivery: at-most-once}}}\n  - b: {run: {shell: "
      "{command: x}}, metadata: {cairn: {delivery: at-least-once}}}\n");
  EXPECT_EQ(node_at(*program, "/do/0/a").delivery, Delivery::at_most_once);
  EXPECT_EQ(node_at(*program, "/do/1/b").delivery, Delivery::at_least_once);
}

TEST(Program, KnowsPriorityAndLimitsOfAnEffect) {
  const auto program = load(
      "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {priority: 0, concurrency: {limit: 3, key: '${ .k "
      "}'}, "
      "rate: {limit: 100, period: {minutes: 1}}}}}\n  - b: {run: {shell: {command: x}}, metadata: {cairn: {rate: "
      "{limit: "
      "2, period: PT0.5S, burst: 7}}}}\n");
  const Scheduling& a = node_at(*program, "/do/0/a").scheduling;
  EXPECT_EQ(a.priority, 0);
  EXPECT_EQ(a.concurrency.value().limit, 3);
  EXPECT_TRUE(a.concurrency.value().key);
  EXPECT_EQ(a.rate.value().rate, (RateLimit{100, 60'000, 100}));
  const Scheduling& b = node_at(*program, "/do/1/b").scheduling;
  EXPECT_FALSE(b.priority || b.concurrency);
  EXPECT_EQ(b.rate.value().rate, (RateLimit{2, 500, 7}));
}

TEST(Program, OfTheWorkflowItself) {
  const auto program = load(
      "use: {secrets: [b, a], timeouts: {day: {after: P1D}}}\ninput: {from: .order}\noutput: {as: .result, schema: "
      "{document: {type: object}}}\ntimeout: day\ndo: []\n");
  EXPECT_EQ(program->secrets, (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(program->input.transform && program->output.transform && program->output.schema);
  EXPECT_EQ(std::get<std::int64_t>(program->timeout.value().value), 86'400'000);
  EXPECT_FALSE(program->loose);
  EXPECT_TRUE(program->unsupported.empty());
}

TEST(UriTemplates, HoldTextVariablesAndExpressions) {
  const auto program =
      load("do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x/{a.b}/c?d=${ .e }&f={g}'}}\n");
  const auto& effect = std::get<EffectBody>(node_at(*program, "/do/0/a").body);
  const auto& object = std::get<Template::ObjectOf>(template_at(*program, effect.arguments).form);
  const auto& endpoint = std::get<Template::ObjectOf>(template_at(*program, object.members.at(1).second).form);
  const auto& uri = std::get<Template::UriTemplate>(template_at(*program, endpoint.members.at(0).second).form);
  ASSERT_EQ(uri.parts.size(), 6u);
  EXPECT_EQ(std::get<std::string>(uri.parts[0]), "https://x/");
  EXPECT_EQ(std::get<Template::UriTemplate::Variable>(uri.parts[1]).name, "a.b");
  EXPECT_EQ(std::get<std::string>(uri.parts[2]), "/c?d=");
  EXPECT_EQ(expression_text(*program, std::get<ExpressionId>(uri.parts[3])), ".e");
  EXPECT_EQ(std::get<Template::UriTemplate::Variable>(uri.parts[5]).name, "g");
}

TEST(Interpolations, KeepTheTextAround) {
  const auto program = load("do:\n  - a: {set: {x: 'Dear ${ .name }, ${ .greeting }'}}\n");
  const auto& set = std::get<Template::ObjectOf>(
      template_at(*program, std::get<SetBody>(node_at(*program, "/do/0/a").body).value).form);
  const auto& text = std::get<Template::Interpolation>(template_at(*program, set.members.at(0).second).form);
  ASSERT_EQ(text.parts.size(), 4u);
  EXPECT_EQ(std::get<std::string>(text.parts[0]), "Dear ");
  EXPECT_EQ(expression_text(*program, std::get<ExpressionId>(text.parts[1])), ".name");
  EXPECT_EQ(std::get<std::string>(text.parts[2]), ", ");
}

TEST(Visibility, FollowsTheStandardsTable) {
  // Everything that a row of the table allows, where it allows it.
  EXPECT_NE(load("input: {from: '[$workflow, $runtime]'}\n"
                 "output: {as: '[$context, $workflow, $runtime]'}\n"
                 "do:\n"
                 "  - a:\n"
                 "      if: '[$context, $task, $workflow, $runtime] | length > 0'\n"
                 "      input: {from: '[$context, $task, $workflow, $runtime]'}\n"
                 "      set: {x: '${ [$context, $input, $task, $workflow, $runtime] }'}\n"
                 "      output: {as: '[$context, $input, $task, $workflow, $runtime]'}\n"
                 "      export: {as: '[$context, $input, $output, $task, $workflow, $runtime]'}\n"),
            nullptr);
}

TEST(Visibility, OfLoopAndCatchVariables) {
  EXPECT_NE(
      load("do:\n"
           "  - a:\n"
           "      for: {each: x, at: i, in: .list}\n"
           "      while: $x != null and $i < 3\n"
           "      do:\n"
           "        - b:\n"
           "            if: $x.ok\n"
           "            try: [c: {raise: {error: {type: t, status: 1, title: '${ $x.name }'}}}]\n"
           "            catch:\n"
           "              as: e\n"
           "              when: $e.status == $i\n"
           "              retry: {when: $e.status == 1, limit: {attempt: {count: 1}}}\n"
           "              do: [d: {for: {each: x, in: $x.parts}, do: [f: {set: {y: '${ [$x, $i, $index, $e] }'}}]}]\n"),
      nullptr);
}

TEST(Program, KeepsTheLimitsOfItsExpressions) {
  const LoadedDefinition loaded = load_definition(
      "document:\n  {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {expressions: {steps: 5, "
      "memory: 2147483648, outputs: 1, text: 7, depth: 512, calls: 9}}}}\ndo: []\n");
  ASSERT_TRUE(loaded.ok());
  const jq::Limits& limits = loaded.program->expression_limits;
  EXPECT_EQ(limits.fuel, 5U);
  EXPECT_EQ(limits.bytes, 2U << 30);
  EXPECT_EQ(limits.outputs, 1U);
  EXPECT_EQ(limits.text_bytes, 7U);
  EXPECT_EQ(limits.depth, 512U);
  EXPECT_EQ(limits.frames, 9U);
  EXPECT_EQ(load("do: []\n")->expression_limits.fuel, jq::Limits{}.fuel);
}

}  // namespace
}  // namespace cairn
