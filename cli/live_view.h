#pragma once
// What a person sees on a terminal while runs go: finished tasks and script output scroll by, what is open moves below.

#include "cli/watch.h"

#include <memory>

namespace cairn {

std::unique_ptr<RunDisplay> make_live_view();

}  // namespace cairn
