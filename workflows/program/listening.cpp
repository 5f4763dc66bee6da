#include "workflows/program/listening.h"

namespace cairn {

std::string_view name_of(EventRead read) {
  switch (read) {
    case EventRead::data: return "data";
    case EventRead::envelope: return "envelope";
    case EventRead::raw: return "raw";
  }
  return "data";
}

std::string_view name_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::one: return "one";
    case Quantity::any: return "any";
    case Quantity::all: return "all";
  }
  return "one";
}

}  // namespace cairn
