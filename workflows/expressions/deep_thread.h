#pragma once
// A thread with a stack for values nested a million deep: libjq frees, compares and prints them by recursion.

#include <functional>

namespace cairn::jq {

/// Runs `function` on such a thread and waits for it. False, and nothing ran, when the system gives no such thread.
bool run_on_deep_thread(const std::function<void()>& function);

}  // namespace cairn::jq
