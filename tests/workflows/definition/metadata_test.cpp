// document.metadata.cairn: what a definition says to cairn alone, and what is wrong with it, at its place.

#include "tests/workflows/definition/definition_text.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

struct Mistake {
  const char* name;
  const char* text;  ///< with k_mark where the finding belongs
  const char* message;
  const char* hint = "";
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class MetadataMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(MetadataMistakes, AreFoundAtTheirPlace) {
  const MarkedText marked = unmark(GetParam().text);
  const LoadedDefinition loaded = load_definition(marked.text);
  const std::string all = format_diagnostics(loaded.diagnostics, marked.text, "test.yaml");
  const auto errors = of_severity(loaded.diagnostics, Severity::error);
  ASSERT_EQ(marked.marks.size(), 1u) << "the test marks one place";
  ASSERT_EQ(errors.size(), 1u) << all;
  EXPECT_EQ(errors[0].position, marked.marks[0]) << all;
  EXPECT_NE(errors[0].message.find(GetParam().message), std::string::npos) << all;
  EXPECT_NE(errors[0].hint.find(GetParam().hint), std::string::npos) << all;
}

const Mistake k_mistakes[] = {
    {"FaultHandlerTypo",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {«onFailure: {workflow: "
     "{name: "
     "b}}}}}\ndo: []\n",
     "unknown key 'onFailure' in document.metadata.cairn"},
    {"FaultHandlerWithoutName",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {onFault: {«workflow: "
     "{version: '1.0.0'}}}}}\ndo: []\n",
     "'name'"},
    {"FaultHandlerWithInput",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {onFault: {workflow: {name: "
     "b, "
     "«versoin: '1.0.0'}}}}}\ndo: []\n",
     "unknown key 'versoin'", "'version'"},
    {"FaultHandlerOfNoVersion",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {onFault: {workflow: {name: "
     "b, "
     "version: «newest}}}}}\ndo: []\n",
     "'newest' is not a semantic version"},
    {"RetentionTypo",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {retention: {«ages: P1D, "
     "count: "
     "1}}}}\ndo: []\n",
     "unknown key 'ages' in document.metadata.cairn.retention", "'age'"},
    {"RetentionOfNoDuration",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {retention: {age: «PT0S}}}}\n"
     "do: []\n",
     "expected an ISO 8601 duration above zero, as P30D, got 'PT0S'"},
    {"RetentionOfNegativeCount",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {retention: {count: «-1}}}}\n"
     "do: []\n",
     "expected an integer, 0 or more, got -1"},
    {"RetentionOfNothing",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {retention: «{}}}}\ndo: []\n",
     "'retention' needs 'age', 'count' or both"},
};
INSTANTIATE_TEST_SUITE_P(Document, MetadataMistakes, testing::ValuesIn(k_mistakes),
                         [](const testing::TestParamInfo<Mistake>& info) { return std::string(info.param.name); });

std::shared_ptr<const Program> loaded(const std::string& ours) {
  const auto text = "document: {dsl: '1.0.3', namespace: shop, name: pay, version: '1.0.0', metadata: {cairn: " + ours +
                    "}}\ndo: []\n";
  auto definition = load_definition(text);
  EXPECT_TRUE(definition.ok()) << format_diagnostics(definition.diagnostics, text, "test.yaml");
  return definition.program;
}

TEST(Metadata, OfAFaultHandlerTheNamespaceIsTheDefinitionsAndTheVersionTheLatestUnlessGiven) {
  EXPECT_EQ(loaded("{}")->on_fault, std::nullopt);
  EXPECT_EQ(loaded("{onFault: {workflow: {name: tell}}}")->on_fault, (WorkflowIdentity{"shop", "tell", "latest"}));
  EXPECT_EQ(loaded("{onFault: {workflow: {namespace: ops, name: tell, version: '2.1.0'}}}")->on_fault,
            (WorkflowIdentity{"ops", "tell", "2.1.0"}));
}

TEST(Metadata, RetentionIsAnAgeANumberOrBoth) {
  EXPECT_TRUE(loaded("{}")->retention.keeps_all());
  EXPECT_EQ(loaded("{retention: {age: P1D}}")->retention, (RetentionPolicy{86'400'000, std::nullopt}));
  EXPECT_EQ(loaded("{retention: {age: PT1S, count: 0}}")->retention, (RetentionPolicy{1'000, 0}));
}

}  // namespace
}  // namespace cairn
