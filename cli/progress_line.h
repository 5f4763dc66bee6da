#pragma once
// A line on a terminal that says how far something has come, and goes when it is done.

#include "cli/terminal.h"

#include <string>

namespace cairn {

class ProgressLine {
 public:
  void show(const std::string& text) {
    if (!standard_error().is_terminal()) return;
    standard_error().write("\r\x1b[2K" + text + " …");
    shown_ = true;
  }
  void clear() {
    if (shown_) standard_error().write("\r\x1b[2K");
    shown_ = false;
  }

 private:
  bool shown_ = false;
};

}  // namespace cairn
