// What the standard has and this version does not run: a warning, and an entry that makes `run` refuse.

#include "tests/workflows/definition/definition_text.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

struct Later {
  const char* name;
  const char* body;  ///< with k_mark where the warning belongs
  const char* warning;
};

void PrintTo(const Later& later, std::ostream* out) { *out << later.name; }

class NotRunYet : public testing::TestWithParam<Later> {};

TEST_P(NotRunYet, IsAWarningAndAnEntry) {
  const MarkedText marked = unmark(std::string(k_document) + GetParam().body);
  const LoadedDefinition loaded = load_definition(marked.text);
  const std::string all = format_diagnostics(loaded.diagnostics, marked.text, "test.yaml");
  ASSERT_NE(loaded.program, nullptr) << all;
  ASSERT_EQ(loaded.diagnostics.size(), 1u) << all;
  EXPECT_EQ(loaded.diagnostics[0].severity, Severity::warning);
  EXPECT_EQ(loaded.diagnostics[0].position, marked.marks.at(0)) << all;
  EXPECT_EQ(loaded.diagnostics[0].message,
            std::string(GetParam().warning) + ": valid, but not run by this version of cairn");
  ASSERT_EQ(loaded.program->unsupported.size(), 1u);
  EXPECT_EQ(loaded.program->unsupported[0],
            std::string(GetParam().warning) + " (" + loaded.diagnostics[0].pointer + ")");
}

const Later k_later[] = {
    {"Grpc",
     "do:\n  - a: {«call: grpc, with: {proto: {endpoint: 'file://x'}, service: {name: S, host: h.example, port: 1}, "
     "method: M, arguments: {a: 1}}}\n",
     "call: grpc"},
    {"AsyncApi",
     "do:\n  - a: {«call: asyncapi, with: {document: {endpoint: 'https://x'}, operation: o, message: {payload: {a: "
     "1}}}}\n",
     "call: asyncapi"},
    {"A2a", "do:\n  - a: {«call: a2a, with: {server: 'https://x', method: message/send, parameters: {a: 1}}}\n",
     "call: a2a"},
    {"Mcp",
     "do:\n  - a: {«call: mcp, with: {method: tools/list, timeout: PT1S, transport: {stdio: {command: npx, arguments: "
     "[x]}}, client: {name: c, version: '1'}}}\n",
     "call: mcp"},
    {"Container",
     "do:\n  - a: {run: {«container: {image: i, lifetime: {cleanup: eventually, after: PT1M}, pullPolicy: never}}}\n",
     "run: container"},
    {"OtherSchemaFormat", "input: {schema: {«format: avro, document: {}}}\ndo: []\n", "schema format 'avro'"},
    {"OtherScript", "do:\n  - a: {run: {script: {«language: ruby, code: x}}}\n", "script language 'ruby'"},
};
INSTANTIATE_TEST_SUITE_P(Table, NotRunYet, testing::ValuesIn(k_later),
                         [](const testing::TestParamInfo<Later>& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace cairn
