#pragma once
// The API: all routes on one engine. docs/server.md is its contract, schemas/openapi.yaml its description.

#include "server/api/deployed.h"
#include "server/api/door.h"
#include "server/api/waiting_room.h"

#include <functional>
#include <memory>
#include <string>

namespace cairn::server {

/// What the routes work on. Copied into their handlers.
struct Api {
  Door door;
  std::shared_ptr<Deployed> deployed;
  std::shared_ptr<WaitingRoom> waiting;
  Value secrets;  ///< of runs that are started here: as StartOptions::secrets
  std::function<Value()>
      status;  ///< of the HTTP server, for /metrics: {connections, accepted, requests, refused}; on the engine's thread
};

/// All of them.
Router make_router(const Api& api);

// By group; each in a file of its own.
void add_start_routes(Router& router, const Api& api);
void add_run_routes(Router& router, const Api& api);
void add_workflow_routes(Router& router, const Api& api);
void add_event_routes(Router& router, const Api& api);
void add_schedule_routes(Router& router, const Api& api);
void add_approval_routes(Router& router, const Api& api);
void add_system_routes(Router& router, const Api& api);

/// Of a server that only local programs may reach: refuses what a web page elsewhere can make a browser send here, by its
/// Host (a name that somebody points at this machine) and its Origin.
Guard local_guard();

}  // namespace cairn::server
