#pragma once
// Requests whose answer takes long: each is worked on by a thread of its own, since any thread may read the log, and reports on
// the engine's thread. Private to engine/runtime.

#include "engine/runtime/service_impl.h"

#include <atomic>

namespace cairn {

using Post = std::function<void(Value message, bool last)>;
using Unwanted = std::atomic<bool>;  ///< nobody waits any more: what can be given up is

/// Runs `work` on a new thread of the service.
std::unique_ptr<Exchange> on_a_thread(Service::Impl& service, const Answer& answer,
                                      std::function<void(const Post&, Unwanted&)> work);

}  // namespace cairn
