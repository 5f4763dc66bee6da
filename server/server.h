#pragma once
// server/: what `cairn serve` answers over HTTP.
//
//   http/  HTTP/1.1 on Beast: connections, limits, routing; knows nothing of runs
//   api/   the routes: requests become requests of engine/runtime's Service, answers become responses
//
// http/ has a thread of its own; whatever concerns runs is passed to the engine's thread through api/door.h. Called by
// cli/; includes engine/ and workflows/.
