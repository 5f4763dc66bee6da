#pragma once
// One exchange under an authentication policy.

#include "connectors/http/auth/credentials.h"
#include "connectors/http/http_arguments.h"
#include "engine/effects/effect.h"

#include <functional>
#include <memory>

namespace cairn {

class OngoingEffect;

/// The request for these credentials; asked again when a token was refused and there is a new one.
using MakeRequest = std::function<OrProblem<HttpRequest>(const Credentials&)>;
using Exchanged = std::function<void(OrProblem<HttpResult>, const Credentials&)>;

/// Finds the credentials of `policy` (may be null), sends what `make` gives with them, and tells what came of it. What the
/// policy or `make` has against it is a problem. A token that the service answers with 401 is renewed once. `done` is
/// called once from the client's executor, never before this returns; destroying the result cancels.
std::shared_ptr<void> exchange_authorized(HttpClient& client, const Value* policy, MakeRequest make, Exchanged done);

/// A call as an effect: `plan` makes it from the task's arguments, which may read the authorization.
using PlanCall = std::function<OrProblem<HttpCall>(const Value& arguments, const Credentials&)>;
void call_authorized(HttpClient& client, const std::shared_ptr<OngoingEffect>& effect, const EffectRequest& request,
                     const Value* policy, PlanCall plan);

}  // namespace cairn
