#pragma once
// connectors/: effects on the outside world, one folder each, behind engine/effects/effect.h.
//
//   http/      the process's one HTTP client (libcurl on Asio) and `call: http`
//   openapi/   `call: openapi`: a described operation becomes one HTTP request
//   process/   `run: shell` and `run: script`: child processes in a group of their own
//   secrets/   where secrets come from: environment, folder, encrypted store
//   registry/  builds all of them over one executor
//
// Everything here belongs to one executor: a single-threaded io_context or a strand. Connectors are started, report and
// are destroyed on it, so nothing here locks. Called by server/ and cli/; includes engine/effects/ and workflows/.
