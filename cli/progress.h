#pragma once
// One line per task on stderr: for logs and pipes.

#include "cli/watch.h"

#include <memory>

namespace cairn {

std::unique_ptr<RunDisplay> make_progress_display();

}  // namespace cairn
