// What listen tasks and event filters compile to, and what is wrong with others.

#include "tests/workflows/definition/definition_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

const ListenBody& listen_of(const Program& program) { return std::get<ListenBody>(node_at(program, "/do/0/a").body); }

TEST(ListenProgram, NamesItsFiltersByTheirPointers) {
  const auto program = load(
      "do:\n  - a: {listen: {to: {any: [{with: {type: x}}, {with: {type: 'y.*'}}], until: {one: {with: {type: z}}}}, "
      "read: envelope}}\n");
  ASSERT_NE(program, nullptr);
  EXPECT_TRUE(program->unsupported.empty());
  const ListenBody& body = listen_of(*program);
  EXPECT_EQ(body.read, EventRead::envelope);
  EXPECT_EQ(body.to.events.quantity, Quantity::any);
  ASSERT_EQ(body.to.events.filters.size(), 2U);
  EXPECT_EQ(program->filter(body.to.events.filters[0]).pointer, "/do/0/a/listen/to/any/0");
  EXPECT_EQ(program->filter(body.to.events.filters[0]).type, "x");
  EXPECT_EQ(program->filter(body.to.events.filters[1]).type, "") << "a pattern may match many";
  ASSERT_TRUE(body.to.until_events);
  EXPECT_EQ(program->filter(body.to.until_events->filters.at(0)).pointer, "/do/0/a/listen/to/until/one");
}

TEST(ListenProgram, EmptyExpressionsAreErrorsAndNothingWorse) {
  for (const std::string to : {"any: [{with: {type: x}}], until: ''", "any: [{with: {type: x}}], until: '  '",
                               "one: {with: {type: x}, correlate: {c: {from: ''}}}"}) {
    const auto loaded = load_definition(std::string(k_document) + "do:\n  - a: {listen: {to: {" + to + "}}}\n");
    ASSERT_EQ(loaded.diagnostics.size(), 1U) << to;
    EXPECT_EQ(loaded.diagnostics[0].message, "the expression is empty");
  }
}

TEST(ListenProgram, AnEmptyAnyIsOneFilterThatLetsEverythingPass) {
  const auto program = load("do:\n  - a: {listen: {to: {any: []}}}\n");
  const auto& filters = listen_of(*program).to.events.filters;
  ASSERT_EQ(filters.size(), 1U);
  EXPECT_EQ(program->filter(filters[0]).pointer, "/do/0/a/listen/to/any");
  EXPECT_TRUE(program->filter(filters[0]).attributes.empty());
}

TEST(ListenProgram, OnlyAConditionThatIsFalseListensForEver) {
  const auto forever = [](std::string_view until) {
    return listen_of(*load(fmt::format("do:\n  - a: {{listen: {{to: {{any: [], until: {}}}}}}}\n", until))).to.forever;
  };
  EXPECT_TRUE(forever("'${ false }'"));
  EXPECT_TRUE(forever("'false'"));
  EXPECT_FALSE(forever("'${ .x }'"));
}

TEST(ListenProgram, KeysAreForCorrelationsThatReadTheEventAlone) {
  const auto keyed = [](std::string_view from) {
    const auto program = load(fmt::format(
        "do:\n  - a: {{listen: {{to: {{one: {{with: {{type: x}}, correlate: {{k: {{from: '{}'}}}}}}}}}}}}\n", from));
    return program->event_filters.at(0).keyed;
  };
  EXPECT_TRUE(keyed(".data.id"));
  EXPECT_FALSE(keyed(".data[$input.name]"));
}

TEST(ListenProgram, SinceIsSaidForTheDocumentAndForATask) {
  const std::string document =
      "document:\n  dsl: 1.0.3\n  namespace: t\n  name: n\n  version: 1.0.0\n"
      "  metadata: {cairn: {listen: {since: listen}}}\n"
      "do:\n  - a: {listen: {to: {any: []}}}\n  - b: {listen: {to: {any: []}}, metadata: {cairn: {listen: {since: "
      "run}}}}\n";
  const auto loaded = load_definition(document);
  ASSERT_TRUE(loaded.ok()) << format_diagnostics(loaded.diagnostics, document, "test");
  EXPECT_FALSE(std::get<ListenBody>(node_at(*loaded.program, "/do/0/a").body).since_run);
  EXPECT_TRUE(std::get<ListenBody>(node_at(*loaded.program, "/do/1/b").body).since_run);
}

TEST(ListenProgram, AScheduleHasTheSameStrategy) {
  const auto program = load("do: []\nschedule: {on: {all: [{with: {type: x}}, {with: {type: y}}]}, read: envelope}\n");
  ASSERT_TRUE(program->on);
  EXPECT_EQ(program->on->read, EventRead::envelope);
  EXPECT_EQ(program->on->to.events.quantity, Quantity::all);
  EXPECT_EQ(program->filter(program->on->to.events.filters.at(1)).pointer, "/schedule/on/all/1");
}

TEST(ListenProgram, WithoutReadAnExpressionThatTakesDataOfTheInputMeansWholeEvents) {
  const auto read_of = [](const std::string& expression, const std::string& read = "") {
    const auto program = load("do: [{a: {set: {x: '${ " + expression + " }'}}}]\n" +
                              "schedule: {on: {one: {with: {type: x}}}" + read + "}\n");
    return program->on->read;
  };
  EXPECT_EQ(read_of("$workflow.input[0].data"), EventRead::envelope);
  EXPECT_EQ(read_of("1 + $workflow.input[17].data.n"), EventRead::envelope);
  EXPECT_EQ(read_of("$workflow.input[0].data", ", read: data"), EventRead::data);
  EXPECT_EQ(read_of("$workflow.input[0].dataset"), EventRead::data);
  EXPECT_EQ(read_of("$workflow.input[0].n, $workflow.input.data"), EventRead::data);
}

TEST(ListenProgram, AScheduleThatNoEventCanStartIsAWarning) {
  for (const auto* on : {"{all: []}", "{any: [{with: {type: x}}], until: '${ false }'}"}) {
    const std::string text =
        std::string("document: {dsl: 1.0.3, namespace: t, name: n, version: 1.0.0}\ndo: []\nschedule: {on: ") + on +
        "}\n";
    const auto loaded = load_definition(text);
    EXPECT_TRUE(loaded.ok());
    ASSERT_EQ(loaded.diagnostics.size(), 1U) << on;
    EXPECT_NE(loaded.diagnostics[0].message.find("no event ever starts a run"), std::string::npos);
  }
}

TEST(ListenProgram, ForeachHasVariablesTasksAndData) {
  const auto program = load(
      "do:\n  - a: {listen: {to: {any: []}}, foreach: {item: e, do: [b: {set: {x: '${ $e }', i: '${ $index }'}}], "
      "output: {as: '${ $e }'}, export: {as: '${ $output }'}}}\n");
  ASSERT_NE(program, nullptr);
  const auto& foreach = *listen_of(*program).foreach;
  EXPECT_EQ(foreach.item, "e");
  EXPECT_EQ(foreach.at, "index");
  EXPECT_EQ(program->node(program->list(*foreach.tasks).at(0)).reference, "/do/0/a/foreach/do/0/b");
  EXPECT_TRUE(foreach.output.transform && foreach.exported.transform);
}

struct Wrong {
  const char* name;
  std::string body;
  const char* message;
};

class ListenDiagnostics : public testing::TestWithParam<Wrong> {};

TEST_P(ListenDiagnostics, AreAtTheirPlace) {
  const MarkedText marked = unmark(std::string(k_document) + GetParam().body);
  const LoadedDefinition loaded = load_definition(marked.text);
  const std::string all = format_diagnostics(loaded.diagnostics, marked.text, "test.yaml");
  ASSERT_EQ(loaded.diagnostics.size(), 1U) << all;
  EXPECT_THAT(loaded.diagnostics[0].message, testing::HasSubstr(GetParam().message));
  EXPECT_EQ(loaded.diagnostics[0].position, marked.marks.at(0)) << all;
}

std::string many_filters() {
  std::string list;
  for (int i = 0; i < 257; ++i) list += "{with: {type: t" + std::to_string(i) + "}}, ";
  return list;
}

std::string listen_to(const std::string& with) { return "do:\n  - a: {listen: {to: {one: {with: " + with + "}}}}\n"; }

const Wrong k_wrong[] = {
    {"BrokenPattern", listen_to("{type: «'a(b'}"), "not a regular expression"},
    {"AttributeOfAnotherName", listen_to("{«orderId: 5}"), "no event has an attribute 'orderId'"},
    {"AttributeThatIsAList", listen_to("{region: «[eu]}"), "a string, a number or a boolean"},
    {"TooManyFilters", "do:\n  - a: {listen: {to: «{any: [" + many_filters() + "]}}}\n", "more than 256 event filters"},
    {"SinceWhat", "do:\n  - a: {listen: {to: {any: []}}, metadata: {cairn: {listen: {since: «ever}}}}\n",
     "not one of: run, listen"},
    {"SinceOfAnotherTask", "do:\n  - a: {set: {x: 1}, metadata: {cairn: {«listen: {since: run}}}}\n",
     "a meaning only for listen tasks"},
    {"SecretInAFilter", "use: {secrets: [s]}\n" + listen_to("{type: '${ «$secrets.s }'}"),
     "$secrets cannot be read here"},
    {"EmittedName", "do:\n  - a: {emit: {event: {with: {type: x, «Trace: y}}}}\n", "cannot be the name"},
    {"EmittedNumber", "do:\n  - a: {emit: {event: {with: {type: x, n: «5000000000}}}}\n", "an integer of 32 bits"},
    {"EmittedSpecversion", "do:\n  - a: {emit: {event: {with: {type: x, specversion: «'0.3'}}}}\n", "must be \"1.0\""},
    {"EmittedSchema", "do:\n  - a: {emit: {event: {with: {type: x, dataschema: «schema.json}}}}\n", "an absolute URI"},
    {"EmittedContentType", "do:\n  - a: {emit: {event: {with: {type: x, datacontenttype: «json}}}}\n", "a media type"},
    {"EmittedBytes", "do:\n  - a: {emit: {event: {with: {type: x, data_base64: «'?x?'}}}}\n", "not base 64"},
};
INSTANTIATE_TEST_SUITE_P(Table, ListenDiagnostics, testing::ValuesIn(k_wrong),
                         [](const testing::TestParamInfo<Wrong>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace cairn
