// Mistakes in metadata.cairn's priority, concurrency, rate and singleton.

#include "tests/workflows/definition/mistake.h"

namespace cairn {
namespace {

class SchedulingMistakes : public testing::TestWithParam<Mistake> {};
TEST_P(SchedulingMistakes, AreFoundAtTheirPlace) { expect_found(GetParam()); }

const Mistake k_document_mistakes[] = {
    {"Debounce",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {debounce: {period: «"
     "often}}}}\ndo: []\n",
     "'often' is not a duration"},
    {"DebounceWithoutPeriod",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {«debounce: {key: a}}}}\ndo: "
     "[]\n",
     "'period'"},
    {"SingletonMode",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {singleton: {mode: "
     "«replace}}}}\ndo: []\n",
     "'replace' is not one of: refuse, existing, cancel"},
    {"KeyOfADocumentReadsATask",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {concurrency: {limit: 1, "
     "key: "
     "'${ «$task.name }'}}}}\ndo: []\n",
     "$task"},
};
INSTANTIATE_TEST_SUITE_P(Document, SchedulingMistakes, testing::ValuesIn(k_document_mistakes), name_of_case);

const Mistake k_task_mistakes[] = {
    {"PriorityOfASet", "do:\n  - a: {set: {x: 1}, metadata: {cairn: {«priority: 1}}}\n",
     "only for tasks that touch the world", "document.metadata.cairn"},
    {"PriorityTooHigh", "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {priority: «10}}}\n",
     "expected an integer from 0 to 9, got 10"},
    {"ConcurrencyWithoutLimit",
     "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {«concurrency: {key: a}}}}\n",
     "a concurrency limit needs 'limit'"},
    {"ConcurrencyOfNothing",
     "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {concurrency: {limit: «0}}}}\n",
     "expected an integer from 1 to 1000000, got 0"},
    {"ConcurrencyTypo",
     "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {concurrency: {limit: 1, «kye: a}}}}\n",
     "unknown key 'kye' in a concurrency limit", "did you mean 'key'?"},
    {"KeyIsANumber",
     "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {concurrency: {limit: 1, key: «5}}}}\n",
     "expected a key (a string", "quote it: '5'"},
    {"KeyReadsSecrets",
     "use: {secrets: [s]}\ndo:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {concurrency: {limit: 1, key: "
     "'${ «$secrets.s }'}}}}\n",
     "$secrets"},
    {"RateWithoutPeriod", "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {«rate: {limit: 1}}}}\n",
     "a rate limit needs 'period'"},
    {"PeriodOfNothing",
     "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {rate: {limit: 1, period: «PT0S}}}}\n",
     "a period is longer than nothing"},
    {"PeriodIsAnExpression",
     "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {rate: {limit: 1, period: «'${ .p }'}}}}\n",
     "not a duration", "an expression cannot stand here"},
};
INSTANTIATE_TEST_SUITE_P(Task, SchedulingMistakes, testing::ValuesIn(k_task_mistakes), name_of_case);

}  // namespace
}  // namespace cairn
