// Every mistake is found at its own place, alone, with a message that says what was expected.

#include "tests/workflows/definition/mistake.h"

#include <gtest/gtest.h>

#include <string>

namespace cairn {
namespace {

class Mistakes : public testing::TestWithParam<Mistake> {};
TEST_P(Mistakes, AreFoundAtTheirPlace) { expect_found(GetParam()); }

const Mistake k_document_mistakes[] = {
    {"NotAnObject", "«- a\n- document\n", "is an object with 'document' and 'do'"},
    {"NoDocument", "«document_: {}\ndo: []\n", "unknown key 'document_'", "did you mean 'document'?"},
    {"NoDo", "«document: {dsl: '1.0.3', namespace: test, name: a, version: '1.0.0'}\n", "the definition needs 'do'"},
    {"UnknownTopLevelKey", "do: []\n«outputs: {}\n", "unknown key 'outputs'", "did you mean 'output'?"},
    {"DocumentIsNoObject", "document: «x\ndo: []\n", "expected an object"},
    {"NoName", "«document: {dsl: '1.0.3', namespace: test, version: '1.0.0'}\ndo: []\n", "'document' needs 'name'"},
    {"DslIsANumber", "document: {dsl: «1.0, namespace: test, name: a, version: '1.0.0'}\ndo: []\n",
     "expected a string, got a number", "quote it"},
    {"DslTooNew", "document: {dsl: «1.1.0, namespace: test, name: a, version: '1.0.0'}\ndo: []\n",
     "version 1.1.0 of the DSL", "1.0.0 to 1.0.3"},
    {"DslPreRelease", "document: {dsl: «1.0.0-alpha5, namespace: test, name: a, version: '1.0.0'}\ndo: []\n",
     "version 1.0.0-alpha5"},
    {"DslNoVersion", "document: {dsl: «latest, namespace: test, name: a, version: '1.0.0'}\ndo: []\n",
     "not a semantic version"},
    {"BadName", "document: {dsl: '1.0.3', namespace: test, name: «my_flow, version: '1.0.0'}\ndo: []\n",
     "not a workflow's name", "63"},
    {"BadNamespace", "document: {dsl: '1.0.3', namespace: «-x, name: a, version: '1.0.0'}\ndo: []\n",
     "not a workflow's namespace"},
    {"BadVersion", "document: {dsl: '1.0.3', namespace: test, name: a, version: «'1.0'}\ndo: []\n",
     "not a semantic version"},
    {"DocumentTypo", "document: {dsl: '1.0.3', namespace: test, name: a, version: '1.0.0', «tittle: x}\ndo: []\n",
     "unknown key 'tittle'", "'title'"},
    {"CairnMetadataTypo",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {«prority: 1}}}\ndo: []\n",
     "unknown key 'prority' in document.metadata.cairn", "did you mean 'priority'?"},
    {"LimitTypo",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {expressions: {«step: 1}}}}\n"
     "do: []\n",
     "unknown key 'step' in document.metadata.cairn.expressions", "did you mean 'steps'?"},
    {"LimitOfNothing",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {expressions: {depth: "
     "«0}}}}\n"
     "do: []\n",
     "expected an integer from 1 to 512 (levels of nesting), got 0"},
    {"LimitBeyondItsCeiling",
     "document:\n  dsl: '1.0.3'\n  namespace: t\n  name: a\n  version: '1.0.0'\n  metadata:\n    cairn:\n"
     "      expressions:\n        memory: «2147483649\ndo: []\n",
     "expected an integer from 1 to 2147483648 (bytes of memory in all, freed or not), got 2147483649"},
    {"LimitAsText",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {expressions: {memory: "
     "«1GiB}}}}\n"
     "do: []\n",
     "expected an integer from 1 to 2147483648 (bytes of memory in all, freed or not), got a string"},
    {"LimitsAreNoObject",
     "document: {dsl: '1.0.3', namespace: t, name: a, version: '1.0.0', metadata: {cairn: {expressions: «1000}}}\n"
     "do: []\n",
     "expected an object (document.metadata.cairn.expressions)"},
    {"OtherLanguage", "do: []\nevaluate: {language: «js}\n", "expressions in 'js' are not supported", "jq"},
    {"UnknownMode", "do: []\nevaluate: {mode: «strictly}\n", "'strictly' is not one of: strict, loose",
     "did you mean 'strict'?"},
    {"DuplicateKey", "do: []\n«do: []\n", "duplicate key 'do'"},
    {"DuplicateKeyInside", "do:\n  - a: {set: {x: 1, «x: 2}}\n", "duplicate key 'x'"},
    {"NoYaml", "do: «[}\n", "'[' is never closed"},
    {"InputFromIsAList", "input: {from: «[1]}\ndo: []\n", "expected an expression (a string) or an object, got a list"},
    {"InputTypo", "input: {«form: .a}\ndo: []\n", "unknown key 'form'", "did you mean 'from'?"},
};
INSTANTIATE_TEST_SUITE_P(Document, Mistakes, testing::ValuesIn(k_document_mistakes), name_of_case);

const Mistake k_task_mistakes[] = {
    {"DoIsAnObject", "do:\n  «a: {set: {x: 1}}\n", "expected a list of tasks, got an object", "- NAME:"},
    {"DoIsNothing", "«do:\n", "expected a list of tasks, got nothing"},
    {"TaskIsText", "do:\n  - «a\n", "expected a task"},
    {"TaskIsEmpty", "do:\n  - «{}\n", "got an empty object"},
    {"TaskIsNothing", "do:\n  - «a:\n", "expected an object (a task), got nothing"},
    {"TwoTasksInOneItem", "do:\n  - a: {set: {x: 1}}\n    «b: {set: {x: 1}}\n", "'b' is the second", "'- '"},
    {"SameNameTwice", "do:\n  - a: {set: {x: 1}}\n  - «a: {set: {x: 1}}\n", "'a' is in this list already"},
    {"NoKind", "do:\n  - «a: {if: .x}\n", "does not say what to do", "it needs one of"},
    {"KindTypo", "do:\n  - a: {«cal: http}\n", "unknown key 'cal'", "did you mean 'call'?"},
    {"TwoKinds", "do:\n  - a: {set: {x: 1}, «call: http}\n", "this one has 'set' already", "two tasks"},
    {"UnknownKey", "do:\n  - a: {set: {x: 1}, «foo: 1}\n", "unknown key 'foo' in a 'set' task"},
    {"WithOnASet", "do:\n  - a: {set: {x: 1}, «with: {}}\n", "unknown key 'with'"},
    {"IfIsABoolean", "do:\n  - a: {if: «true, set: {x: 1}}\n", "expected an expression (a string), got a boolean",
     "quote it: 'true'"},
    {"ThenIsANumber", "do:\n  - a: {set: {x: 1}, then: «1}\n", "expected a flow directive"},
    {"ThenToNobody", "do:\n  - a: {set: {x: 1}, then: «lop}\n  - loop: {set: {x: 1}}\n", "no task 'lop' in this list",
     "did you mean 'loop'?"},
    {"ThenOutOfScope", "do:\n  - a: {do: [b: {set: {x: 1}}]}\n  - c: {set: {x: 1}, then: «b}\n",
     "'b' is at /do/0/a/do/0/b: a directive may only name"},
    {"ThenIntoTheParent", "do:\n  - a: {do: [b: {set: {x: 1}, then: «c}]}\n  - c: {set: {x: 1}}\n",
     "'c' is at /do/1/c"},
    {"ThenInABranch", "do:\n  - a: {fork: {branches: [b: {set: {x: 1}, then: «c}, c: {set: {x: 1}}]}}\n",
     "a branch of a fork cannot go on at 'c'"},
    {"ThenOfAFunction", "use: {functions: {f: {set: {x: 1}, then: «a}}}\ndo:\n  - a: {call: f}\n",
     "a function's task cannot go on at 'a'"},
    {"ThenToANameThatIsADirective", "do:\n  - a: {set: {x: 1}, then: «end}\n  - end: {set: {x: 1}}\n",
     "'end' is a directive, and also the name of a task"},
    {"TimeoutIsADuration", "do:\n  - a: {set: {x: 1}, timeout: «PT5S}\n", "not a duration", "write {after: PT5S}"},
    {"AwaitYes", "do:\n  - a: {run: {await: «yes, shell: {command: x}}}\n", "expected true or false, got a string",
     "text in YAML 1.2"},
    {"UnknownTimeout", "use: {timeouts: {short: {after: PT1S}}}\ndo:\n  - a: {set: {x: 1}, timeout: «shrt}\n",
     "no timeout 'shrt'", "did you mean 'short'?"},
    {"TimeoutWithoutAfter", "do:\n  - a: {set: {x: 1}, «timeout: {}}\n", "a timeout needs 'after'"},
    {"CairnTypo", "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {«delivry: x}}}\n",
     "unknown key 'delivry' in metadata.cairn", "'delivery'"},
    {"CairnChoice", "do:\n  - a: {run: {shell: {command: x}}, metadata: {cairn: {delivery: «once}}}\n",
     "'once' is not one of"},
    {"CairnIsText", "do:\n  - a: {set: {x: 1}, metadata: {cairn: «x}}\n", "expected an object"},
    {"DeliveryOfASet", "do:\n  - a: {set: {x: 1}, metadata: {cairn: {«delivery: at-most-once}}}\n",
     "only for tasks that touch the world"},
    {"DeliveryOfAChild",
     "do:\n  - a: {run: {workflow: {namespace: t, name: n, version: '1.0.0'}}, metadata: {cairn: {«delivery: "
     "at-most-once}}}\n",
     "only for tasks"},
    {"EmptySet", "do:\n  - a: {set: «{}}\n", "at least one member"},
    {"SetIsAList", "do:\n  - a: {set: «[1]}\n", "expected an object or an expression"},
};
INSTANTIATE_TEST_SUITE_P(Task, Mistakes, testing::ValuesIn(k_task_mistakes), name_of_case);

const Mistake k_flow_mistakes[] = {
    {"ForWithoutIn", "do:\n  - a: {«for: {each: x}, do: []}\n", "'for' needs 'in'"},
    {"ForWithoutDo", "do:\n  - «a: {for: {in: .x}}\n", "a 'for' task needs 'do'"},
    {"ForInANumber", "do:\n  - a: {for: {in: «5}, do: []}\n", "expected an expression (a string) or a list"},
    {"EachHidesAnArgument", "do:\n  - a: {for: {each: «input, in: .x}, do: []}\n",
     "'input' would hide the argument $input"},
    {"EachWithDollar", "do:\n  - a: {for: {each: «$x, in: .x}, do: []}\n", "'$x' is not a name jq can have",
     "without '$'"},
    {"EachIsJqsOwn", "do:\n  - a: {for: {each: «ENV, in: .x}, do: []}\n", "'ENV' is not a name jq can have"},
    {"EachIsAt", "do:\n  - a: {for: {each: x, at: «x, in: .x}, do: []}\n", "cannot both be 'x'"},
    {"ForTypo", "do:\n  - a: {for: {«eech: x, in: .x}, do: []}\n", "unknown key 'eech'", "did you mean 'each'?"},
    {"ForkWithoutBranches", "do:\n  - a: {«fork: {}}\n", "'fork' needs 'branches'"},
    {"RaceOfNobody", "do:\n  - a: {fork: {compete: true, branches: «[]}}\n", "a race needs at least one branch"},
    {"CompeteIsText", "do:\n  - a: {fork: {compete: «'yes', branches: []}}\n", "expected true or false, got a string"},
    {"SwitchIsEmpty", "do:\n  - a: {switch: «[]}\n", "at least one case"},
    {"SwitchIsAnObject", "do:\n  - a: {switch: «{b: {then: end}}}\n", "expected a list of cases, got an object"},
    {"CaseWithoutThen", "do:\n  - a: {switch: [«b: {when: .x}]}\n", "a case needs 'then'"},
    {"TwoDefaults", "do:\n  - a: {switch: [b: {then: end}, «c: {then: end}]}\n", "'b' is the default case already"},
    {"CaseToNobody", "do:\n  - a: {switch: [b: {then: «nowhere}]}\n", "no task 'nowhere'"},
    {"CaseTypo", "do:\n  - a: {switch: [b: {«wen: .x, when: .x, then: end}]}\n", "unknown key 'wen'",
     "did you mean 'when'?"},
    {"TryWithoutCatch", "do:\n  - «a: {try: []}\n", "a 'try' task needs 'catch'"},
    {"CatchTypo", "do:\n  - a: {try: [], catch: {«error: {}}}\n", "unknown key 'error'", "did you mean 'errors'?"},
    {"FilterTypo", "do:\n  - a: {try: [], catch: {errors: {with: {status: 1, «typ: x}}}}\n", "unknown key 'typ'",
     "'type'"},
    {"FilterIsEmpty", "do:\n  - a: {try: [], catch: {errors: {with: «{}}}}\n", "at least one of"},
    {"FilterStatusIsText", "do:\n  - a: {try: [], catch: {errors: {with: {status: «'404'}}}}\n",
     "expected an integer, got a string"},
    {"FilterIsAnExpression", "do:\n  - a: {try: [], catch: {errors: {with: {type: «'${ .x }'}}}}\n",
     "fixed values only", "catch.when"},
    {"CatchAsHidesTask", "do:\n  - a: {try: [], catch: {as: «task}}\n", "would hide the argument $task"},
    {"UnknownRetry", "use: {retries: {patient: {delay: PT1S}}}\ndo:\n  - a: {try: [], catch: {retry: «patent}}\n",
     "no retry policy 'patent'", "'patient'"},
    {"CatchThenOutOfScope", "do:\n  - a: {try: [b: {set: {x: 1}}], catch: {then: «b}}\n", "'b' is at /do/0/a/try/0/b"},
    {"TwoBackoffs", "do:\n  - a: {try: [], catch: {retry: {backoff: {constant: {}, «linear: {}}}}}\n",
     "'constant' and 'linear' exclude one another"},
    {"NoBackoff", "do:\n  - a: {try: [], catch: {retry: {«backoff: {}}}}\n", "'backoff' needs one of"},
    {"BackoffWithProperties", "do:\n  - a: {try: [], catch: {retry: {backoff: {exponential: {«factor: 2}}}}}\n",
     "unknown key 'factor'"},
    {"NegativeAttempts", "do:\n  - a: {try: [], catch: {retry: {limit: {attempt: {count: «-1}}}}}\n",
     "cannot be negative"},
    {"AttemptsAreText", "do:\n  - a: {try: [], catch: {retry: {limit: {attempt: {count: «'5'}}}}}\n",
     "expected an integer"},
    {"JitterWithoutTo", "do:\n  - a: {try: [], catch: {retry: {«jitter: {from: PT1S}}}}\n", "'jitter' needs 'to'"},
    {"JitterBackwards", "do:\n  - a: {try: [], catch: {retry: {jitter: {from: PT3S, to: «{seconds: 1}}}}}\n",
     "'to' is shorter than 'from'"},
    {"UnusedRetryIsChecked", "use: {retries: {r: {«dely: PT1S}}}\ndo: []\n", "unknown key 'dely'", "'delay'"},
    {"UnknownError", "use: {errors: {notFound: {type: x, status: 404}}}\ndo:\n  - a: {raise: {error: «notFond}}\n",
     "no error 'notFond'", "'notFound'"},
    {"ErrorWithoutStatus", "do:\n  - a: {raise: {«error: {type: x}}}\n", "an error needs 'status'"},
    {"ErrorStatusIsText", "do:\n  - a: {raise: {error: {type: x, status: «high}}}\n",
     "expected an integer or ${ expression }"},
    {"UnusedErrorIsChecked", "use: {errors: {«e: {type: x}}}\ndo: []\n", "an error needs 'status'"},
    {"WaitForNothing", "do:\n  - a: {wait: «{}}\n", "a duration needs one of"},
    {"WaitForText", "do:\n  - a: {wait: «soon}\n", "'soon' is not a duration", "PT1H30M"},
    {"WaitForANumber", "do:\n  - a: {wait: «5}\n", "expected a duration"},
    {"WaitNegative", "do:\n  - a: {wait: {seconds: «-1}}\n", "seconds cannot be negative"},
    {"WaitFraction", "do:\n  - a: {wait: {seconds: «0.5}}\n", "must be a whole number", "PT0.5S"},
    {"WaitTypo", "do:\n  - a: {wait: {«second: 1}}\n", "unknown key 'second'", "did you mean 'seconds'?"},
    {"WaitForAges", "do:\n  - a: {wait: {days: «36526}}\n", "longer than 100 years"},
    {"WaitForAgesInParts", "do:\n  - a: {wait: {days: 36525, milliseconds: «1}}\n", "longer than 100 years"},
    {"EmitWithoutType", "do:\n  - a: {emit: {event: {«with: {source: 'https://x'}}}}\n", "an event needs a 'type'"},
    {"EmitWithoutWith", "do:\n  - a: {emit: {event: {«typ: x, with: {type: y}}}}\n", "unknown key 'typ'"},
    {"EmitTime", "do:\n  - a: {emit: {event: {with: {type: x, time: «yesterday}}}}\n", "not a date and time"},
};
INSTANTIATE_TEST_SUITE_P(Flow, Mistakes, testing::ValuesIn(k_flow_mistakes), name_of_case);

const Mistake k_call_mistakes[] = {
    {"UnknownFunction", "use: {functions: {greet: {set: {x: 1}}}}\ndo:\n  - a: {call: «gret}\n", "no function 'gret'",
     "did you mean 'greet'?"},
    {"ProtocolTypo", "do:\n  - a: {call: «htp}\n", "no function 'htp'", "did you mean 'http'?"},
    {"HttpWithoutWith", "do:\n  - «a: {call: http}\n", "a 'call' task needs 'with'"},
    {"HttpWithoutEndpoint", "do:\n  - a: {call: http, «with: {method: get}}\n",
     "the arguments of call: http need 'endpoint'"},
    {"HttpTypo", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', «heders: {}}}\n",
     "unknown key 'heders'", "'headers'"},
    {"HttpMethod", "do:\n  - a: {call: http, with: {method: «'get it', endpoint: 'https://x'}}\n",
     "'get it' is not an HTTP method"},
    {"HttpOutput", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', output: «body}}\n",
     "'body' is not one of: raw, content, response"},
    {"HttpRedirect", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', redirect: «'no'}}\n",
     "expected true or false"},
    {"HttpHeaders", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', headers: «[a]}}\n",
     "expected headers"},
    {"HttpHeaderValue", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', headers: {a: «{}}}}\n",
     "expected a string, got an object"},
    {"HttpQueryIsText", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', query: «a=b}}\n",
     "expected query parameters"},
    {"EndpointWithoutUri", "do:\n  - a: {call: http, with: {method: get, «endpoint: {}}}\n", "an endpoint needs 'uri'"},
    {"EndpointIsEmpty", "do:\n  - a: {call: http, with: {method: get, endpoint: «''}}\n", "a URI cannot be empty"},
    {"EndpointWithBlanks", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x/a« b'}}\n",
     "a URI cannot hold blanks", "%20"},
    {"EndpointOpenBrace", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x/«{id'}}\n",
     "this '{' is never closed"},
    {"EndpointCloseBrace", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x/id«}'}}\n",
     "this '}' closes nothing"},
    {"EndpointOperator", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x«{?q}'}}\n",
     "'{?q}' is not a simple expansion", "${ expression }"},
    {"EndpointList", "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x/«{a,b}'}}\n",
     "'{a,b}' is not a simple expansion"},
    {"OpenApiWithoutOperation", "do:\n  - a: {call: openapi, «with: {document: {endpoint: 'https://x'}}}\n",
     "need 'operationId'"},
    {"OpenApiDocument", "do:\n  - a: {call: openapi, with: {document: «'https://x', operationId: y}}\n",
     "expected a resource"},
    {"UnknownAuthentication",
     "use: {authentications: {shop: {basic: {username: a, password: b}}}}\ndo:\n  - a: {call: http, with: {method: "
     "get, endpoint: {uri: 'https://x', authentication: "
     "{use: «shp}}}}\n",
     "no authentication 'shp'", "did you mean 'shop'?"},
    {"TwoAuthentications",
     "do:\n  - a: {call: http, with: {method: get, endpoint: {uri: 'https://x', authentication: {bearer: {token: t}, "
     "«basic: {username: a, password: b}}}}}\n",
     "'bearer' and 'basic' exclude one another"},
    {"NoAuthentication",
     "do:\n  - a: {call: http, with: {method: get, endpoint: {uri: 'https://x', «authentication: {}}}}\n",
     "an authentication needs one of"},
    {"AuthenticationUseAtTheTop", "use: {authentications: {a: {«use: b}}}\ndo: []\n", "cannot 'use' another"},
    {"BasicWithoutPassword", "use: {authentications: {a: {«basic: {username: x}}}}\ndo: []\n",
     "basic authentication needs 'password'"},
    {"BasicUnknownSecret", "use: {secrets: [shopLogin], authentications: {a: {basic: {use: «shopLogn}}}}\ndo: []\n",
     "'shopLogn' is not in use.secrets", "'shopLogin'"},
    {"BearerWithoutToken", "use: {authentications: {a: {«bearer: {}}}}\ndo: []\n",
     "bearer authentication needs 'token'"},
    {"OAuthGrant",
     "use: {authentications: {a: {oauth2: {authority: 'https://x', grant: «client-credentials}}}}\ndo: []\n",
     "'client-credentials' is not one of", "did you mean 'client_credentials'?"},
    {"OAuthTypo",
     "use: {authentications: {a: {oauth2: {authority: 'https://x', grant: client_credentials, client: {id: a, secret: "
     "b}, «scope: []}}}}\ndo: []\n",
     "unknown key 'scope'", "'scopes'"},
    {"OAuthInteractive",
     "use: {authentications: {a: {oauth2: {authority: 'https://x', grant: «authorization_code}}}}\ndo: []\n",
     "needs a person with a browser", "client_credentials"},
    {"OAuthClientWithoutSecret",
     "use: {authentications: {a: {oauth2: {authority: 'https://x', grant: client_credentials, «client: {id: "
     "a}}}}}\ndo: "
     "[]\n",
     "'client' needs 'secret'"},
    {"OidcWithoutClient",
     "use: {authentications: {a: {oidc: «{authority: 'https://x', grant: client_credentials}}}}\ndo: []\n",
     "needs 'client'"},
    {"DuplicateSecret", "use: {secrets: [a, «a]}\ndo: []\n", "the secret 'a' is in this list already"},
    {"UseTypo", "use: {«function: {}}\ndo: []\n", "unknown key 'function' in 'use'", "did you mean 'functions'?"},
    {"UnknownCatalog", "use: {catalogs: {company: {endpoint: 'https://x'}}}\ndo:\n  - a: {call: «'log:1.0.0@compny'}\n",
     "no catalog 'compny'", "'company'"},
    {"TwoProcesses", "do:\n  - a: {run: {shell: {command: x}, «script: {language: js, code: x}}}\n",
     "'shell' and 'script' exclude one another"},
    {"NoProcess", "do:\n  - a: {«run: {await: true}}\n", "'run' needs one of"},
    {"RunReturn", "do:\n  - a: {run: {return: «stdoud, shell: {command: x}}}\n", "'stdoud' is not one of",
     "did you mean 'stdout'?"},
    {"ShellWithoutCommand", "do:\n  - a: {run: {«shell: {}}}\n", "'shell' needs 'command'"},
    {"ShellArguments", "do:\n  - a: {run: {shell: {command: x, arguments: «{a: 1}}}}\n",
     "expected a list of strings, got an object"},
    {"ShellArgument", "do:\n  - a: {run: {shell: {command: x, arguments: [«[]]}}}\n", "expected a string, got a list"},
    {"ScriptWithoutCode", "do:\n  - a: {run: {«script: {language: js}}}\n", "'script' needs one of: code, source"},
    {"ScriptWithBoth", "do:\n  - a: {run: {script: {language: js, code: x, «source: {endpoint: 'https://x'}}}}\n",
     "exclude one another"},
    {"ChildName", "do:\n  - a: {run: {workflow: {namespace: t, name: «'a b', version: '1.0.0'}}}\n",
     "not a workflow's name"},
    {"ChildVersion", "do:\n  - a: {run: {workflow: {namespace: t, name: n, version: «newest}}}\n",
     "not a semantic version", "latest"},
};
INSTANTIATE_TEST_SUITE_P(CallAndRun, Mistakes, testing::ValuesIn(k_call_mistakes), name_of_case);

const Mistake k_later_mistakes[] = {
    {"ListenWithoutTo", "do:\n  - a: {«listen: {}}\n", "'listen' needs 'to'"},
    {"ListenToNothing", "do:\n  - a: {listen: {«to: {}}}\n", "needs one of: all, any, one"},
    {"ListenToTwo", "do:\n  - a: {listen: {to: {all: [], «any: []}}}\n", "exclude one another"},
    {"ListenFilterWithoutWith", "do:\n  - a: {listen: {to: {«one: {}}}}\n", "an event filter needs 'with'"},
    {"ListenFilterEmpty", "do:\n  - a: {listen: {to: {one: {with: «{}}}}}\n", "at least one attribute"},
    {"ListenUntilOfOne", "do:\n  - a: {listen: {to: {one: {with: {type: x}}, «until: .a}}}\n",
     "'until' goes with 'any' only"},
    {"ListenUntilOfUntil", "do:\n  - a: {listen: {to: {any: [], until: {any: [], «until: .a}}}}\n",
     "cannot have an 'until' of its own"},
    {"ListenRead", "do:\n  - a: {listen: {to: {any: []}, read: «all}}\n", "'all' is not one of: data, envelope, raw"},
    {"ListenForeachTypo", "do:\n  - a: {listen: {to: {any: []}}, foreach: {«each: x}}\n",
     "unknown key 'each' in 'foreach'"},
    {"CorrelateWithoutFrom", "do:\n  - a: {listen: {to: {one: {with: {type: x}, correlate: {«k: {expect: a}}}}}}\n",
     "a correlation needs 'from'"},
    {"GrpcPort",
     "do:\n  - a: {call: grpc, with: {proto: {endpoint: 'file://x'}, service: {name: S, host: h, port: «70000}, "
     "method: M}}\n",
     "between 0 and 65535"},
    {"GrpcTypo",
     "do:\n  - a: {call: grpc, with: {proto: {endpoint: 'file://x'}, service: {name: S, host: h}, method: M, "
     "«argument: {}}}\n",
     "unknown key 'argument'"},
    {"AsyncApiBoth",
     "do:\n  - a: {call: asyncapi, with: {document: {endpoint: 'https://x'}, operation: o, message: {}, «subscription: "
     "{}}}\n",
     "exclude one another"},
    {"AsyncApiConsume",
     "do:\n  - a: {call: asyncapi, with: {document: {endpoint: 'https://x'}, operation: o, subscription: {«consume: "
     "{}}}}\n",
     "needs one of: amount, while, until"},
    {"A2aMethod", "do:\n  - a: {call: a2a, with: {server: 'https://x', method: «message/snd}}\n",
     "'message/snd' is not one of"},
    {"A2aNobody", "do:\n  - a: {call: a2a, «with: {method: message/send}}\n", "needs 'agentCard' or 'server'"},
    {"McpTransport", "do:\n  - a: {call: mcp, with: {method: tools/list, «transport: {}}}\n",
     "needs one of: http, stdio"},
    {"ContainerLifetime", "do:\n  - a: {run: {container: {image: i, «lifetime: {cleanup: eventually}}}}\n",
     "needs 'after'"},
    {"ContainerTypo", "do:\n  - a: {run: {container: {image: i, «pullpolicy: always}}}\n", "unknown key 'pullpolicy'",
     "did you mean 'pullPolicy'?"},
    {"ScheduleEmpty", "do: []\nschedule: «{}\n", "'schedule' needs one of"},
    {"ScheduleReadWithoutOn", "do: []\nschedule: {cron: 0 0 * * *, «read: data}\n", "it needs 'on'"},
    {"ExtensionTarget", "use: {extensions: [e: {extend: «cal}]}\ndo: []\n", "'cal' is not one of",
     "did you mean 'call'?"},
    {"ExtensionTasksAreChecked", "use: {extensions: [e: {extend: all, before: [a: {«st: {}}]}]}\ndo: []\n",
     "unknown key 'st'"},
    {"CatalogWithoutEndpoint", "use: {catalogs: {«c: {}}}\ndo: []\n", "a catalog needs 'endpoint'"},
    {"SchemaBoth", "input: {schema: {document: {}, «resource: {endpoint: 'https://x'}}}\ndo: []\n",
     "exclude one another"},
    {"SchemaNeither", "input: {«schema: {format: json}}\ndo: []\n", "needs one of: document, resource"},
};
INSTANTIATE_TEST_SUITE_P(NotRunYet, Mistakes, testing::ValuesIn(k_later_mistakes), name_of_case);

const Mistake k_expression_mistakes[] = {
    {"NeverClosed", "do:\n  - a: {set: {x: 'a «${ .b'}}\n", "this '${' is never closed", "${ \"${\" }"},
    {"NeverClosedCondition", "do:\n  - a: {if: '«${ .b', set: {x: 1}}\n", "this '${' is never closed"},
    {"TextAfterACondition", "do:\n  - a: {if: '${ .a }« == 1', set: {x: 1}}\n", "nothing may follow"},
    {"Empty", "do:\n  - a: {set: {x: '${ «}'}}\n", "the expression is empty"},
    {"EmptyCondition", "do:\n  - a: {if: «'', set: {x: 1}}\n", "the expression is empty"},
    {"UnknownVariable", "do:\n  - a: {set: {x: '${ .a + «$contxt }'}}\n", "$contxt is not defined here",
     "did you mean '$context'?"},
    {"OutputInIf", "do:\n  - a: {if: '.a == «$output', set: {x: 1}}\n", "$output has no value here"},
    {"InputInIf", "do:\n  - a: {if: «$input.a, set: {x: 1}}\n", "$input has no value here"},
    {"InputInInputFrom", "do:\n  - a: {input: {from: «$input}, set: {x: 1}}\n", "$input has no value here"},
    {"OutputInOutputAs", "do:\n  - a: {output: {as: «$output}, set: {x: 1}}\n", "$output has no value here"},
    {"ContextInWorkflowInput", "input: {from: «$context}\ndo: []\n", "$context has no value here"},
    {"TaskInWorkflowOutput", "output: {as: «$task.name}\ndo: []\n", "$task has no value here"},
    {"Environment", "do:\n  - a: {set: {x: '${ «$ENV.HOME }'}}\n", "$ENV does not exist"},
    {"LoopVariableInIn", "do:\n  - a: {for: {each: x, in: '«$x'}, do: []}\n", "$x is not defined here"},
    {"LoopVariableAfterTheLoop", "do:\n  - a: {for: {each: x, in: .a}, do: []}\n  - b: {set: {y: '${ «$x }'}}\n",
     "$x is not defined here"},
    {"LoopVariableInLoopsOutput", "do:\n  - a: {for: {each: x, in: .a}, do: [], output: {as: «$x}}\n",
     "$x is not defined here"},
    {"CatchVariableOutside", "do:\n  - a: {try: [b: {set: {y: '${ «$error }'}}], catch: {}}\n",
     "$error is not defined here"},
    {"CallersVariableInAFunction",
     "use: {functions: {f: {set: {y: '${ «$x }'}}}}\ndo:\n  - a: {for: {each: x, in: .a}, do: [b: {call: f}]}\n",
     "$x is not defined here"},
    {"SecretInASet", "use: {secrets: [key]}\ndo:\n  - a: {set: {x: '${ «$secrets.key }'}}\n",
     "$secrets cannot be read here", "call or run task"},
    {"SecretInAnIf", "use: {secrets: [key]}\ndo:\n  - a: {if: '«$secrets.key == 1', set: {x: 1}}\n",
     "$secrets cannot be read here"},
    {"SecretInInputFrom", "use: {secrets: [key]}\ninput: {from: '«$secrets.key'}\ndo: []\n",
     "$secrets cannot be read here"},
    {"SecretInEmit",
     "use: {secrets: [key]}\ndo:\n  - a: {emit: {event: {with: {type: x, data: '${ «$secrets.key }'}}}}\n",
     "$secrets cannot be read here"},
    {"SecretToAFunction",
     "use: {secrets: [key], functions: {f: {set: {x: 1}}}}\ndo:\n  - a: {call: f, with: {k: '${ «$secrets.key }'}}\n",
     "$secrets cannot be read here"},
    {"SecretToAChild",
     "use: {secrets: [key]}\ndo:\n  - a: {run: {workflow: {namespace: t, name: n, input: {k: '${ «$secrets.key "
     "}'}}}}\n",
     "$secrets cannot be read here"},
    {"SecretInOutputAs",
     "use: {secrets: [key]}\ndo:\n  - a: {call: http, with: {method: get, endpoint: 'https://x'}, output: {as: "
     "«$secrets.key}}\n",
     "$secrets cannot be read here"},
    {"AuthorizationInExport", "do:\n  - a: {set: {x: 1}, export: {as: '«$authorization'}}\n",
     "$authorization cannot be read here", "call: http"},
    {"AuthorizationInShell", "do:\n  - a: {run: {shell: {command: 'echo ${ «$authorization.parameter }'}}}\n",
     "$authorization cannot be read here"},
    {"AuthorizationInAuthentication",
     "do:\n  - a: {call: http, with: {method: get, endpoint: {uri: 'https://x', authentication: {bearer: {token: '${ "
     "«$authorization.parameter }'}}}}}\n",
     "$authorization cannot be read here"},
    {"UnknownSecret",
     "use: {secrets: [shopKey]}\ndo:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', headers: {k: '${ "
     "$secrets.«shopKy }'}}}\n",
     "'shopKy' is not in use.secrets", "did you mean 'shopKey'?"},
    {"UnknownSecretInBrackets",
     "do:\n  - a: {call: http, with: {method: get, endpoint: 'https://x', body: '${ $secrets[\"«k\"] }'}}\n",
     "'k' is not in use.secrets", "add it to use.secrets"},
    {"SyntaxError", "do:\n  - a: {set: {x: '${ .a +« }'}}\n", "the expression does not compile"},
    {"UnknownJqFunction", "do:\n  - a: {set: {x: '${ .a | «nosuchthing }'}}\n", "the expression does not compile"},
    {"SyntaxErrorInACondition", "do:\n  - a: {switch: [b: {when: '.a ==«', then: end}]}\n",
     "the expression does not compile"},
};
INSTANTIATE_TEST_SUITE_P(Expression, Mistakes, testing::ValuesIn(k_expression_mistakes), name_of_case);

TEST(Diagnostics, OfOneFileComeAllAtOnceAndInOrder) {
  const MarkedText marked = unmark(std::string(k_document) +
                                   "do:\n"
                                   "  - a: {wait: {seconds: «-1}}\n"
                                   "  - b: {call: «nobody, then: «nowhere}\n"
                                   "  - c: {set: {x: '${ «$nope } and ${ «$nada }'}}\n"
                                   "«outputs: {}\n");
  const LoadedDefinition loaded = load_definition(marked.text);
  ASSERT_EQ(loaded.diagnostics.size(), marked.marks.size())
      << format_diagnostics(loaded.diagnostics, marked.text, "test.yaml");
  for (std::size_t i = 0; i < marked.marks.size(); ++i) EXPECT_EQ(loaded.diagnostics[i].position, marked.marks[i]) << i;
}

TEST(Diagnostics, PointIntoTheLinesOfABlock) {
  const MarkedText marked = unmark(std::string(k_document) +
                                   "do:\n"
                                   "  - a:\n"
                                   "      call: http\n"
                                   "      with:\n"
                                   "        method: post\n"
                                   "        endpoint: https://example.com\n"
                                   "        body: |\n"
                                   "          Dear ${ .name },\n"
                                   "            é ${ «$nope } bye\n");
  const LoadedDefinition loaded = load_definition(marked.text);
  ASSERT_EQ(loaded.diagnostics.size(), 1u);
  EXPECT_EQ(loaded.diagnostics[0].position, marked.marks[0]);
  EXPECT_EQ(loaded.diagnostics[0].pointer, "/do/0/a/with/body");
}

TEST(Diagnostics, OfASharedComponentComeOnce) {
  const LoadedDefinition loaded = load_definition(std::string(k_document) +
                                                  "use: {retries: {r: {dely: PT1S}}}\n"
                                                  "do:\n"
                                                  "  - a: {try: [], catch: {retry: r}}\n"
                                                  "  - b: {try: [], catch: {retry: r}}\n");
  EXPECT_EQ(loaded.diagnostics.size(), 1u);
}

TEST(Diagnostics, StopAtAFewHundred) {
  std::string text = std::string(k_document) + "do:\n";
  for (int i = 0; i < 1'000; ++i) text += "  - t" + std::to_string(i) + ": {wait: soon}\n";
  const LoadedDefinition loaded = load_definition(text);
  ASSERT_EQ(loaded.diagnostics.size(), 201u);
  EXPECT_NE(loaded.diagnostics.back().message.find("there are more errors"), std::string::npos);
}

TEST(Diagnostics, AreFormattedWithTheirLine) {
  const std::string text = std::string(k_document) + "do:\n  - a: {wait: {second: 1}}\n";
  const LoadedDefinition loaded = load_definition(text);
  EXPECT_EQ(format_diagnostics(loaded.diagnostics, text, "flow.yaml"),
            "flow.yaml:3:16: error: unknown key 'second' in a duration\n"
            "     3 |   - a: {wait: {second: 1}}\n"
            "       |                ^\n"
            "       at /do/0/a/wait/second\n"
            "       hint: did you mean 'seconds'?\n");
  EXPECT_EQ(format_diagnostics({}, text, "flow.yaml"), "");
}

TEST(Diagnostics, ShowOnlyAPartOfALongLine) {
  const std::string text =
      "{\"document\": {\"dsl\": \"1.0.3\", \"namespace\": \"t\", \"name\": \"n\", \"version\": \"1.0.0\"}, \"x\": \"" +
      std::string(5'000, 'x') + "\", \"do\": []}";
  const LoadedDefinition loaded = load_definition(text);
  const std::string shown = format_diagnostics(loaded.diagnostics, text, "flow.json");
  EXPECT_LT(shown.size(), 600u);
  EXPECT_NE(shown.find("…"), std::string::npos);
}

}  // namespace
}  // namespace cairn
