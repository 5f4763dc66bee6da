#pragma once
// External resources (dsl-reference "External Resource"): documents and scripts that a task names by their URI.

#include "connectors/http/or_problem.h"
#include "connectors/http/url.h"
#include "workflows/value/value.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cairn {

class HttpClient;

struct Resource {
  Url url;  ///< where it was asked for
  std::string text;
};

/// Where an endpoint points: http(s), file, or a path relative to the process's working directory.
OrProblem<Url> read_resource_url(const Value& endpoint, std::string_view what);

/// Fetches what `endpoint` ({uri, authentication?} or a text) names; `what` names it in messages. Redirects are
/// followed. Text beyond limits::k_effect_result_bytes, a file that cannot be read, a status outside 200–299 and every
/// failure of the request are problems. `callback` is called once from the client's executor, never before this
/// returns; destroying the result cancels.
std::shared_ptr<void> fetch_resource(HttpClient& client, const Value& endpoint, std::string_view what,
                                     std::function<void(OrProblem<Resource>)> callback);

}  // namespace cairn
