#include "workflows/definition/place.h"

#include "workflows/source/pointer.h"

#include <vector>

namespace cairn {

std::string Place::pointer() const {
  std::vector<const Place*> way;
  for (const Place* place = this; place->up != nullptr; place = place->up) way.push_back(place);
  std::string result;
  for (auto place = way.rbegin(); place != way.rend(); ++place) {
    append_pointer_segment(result, (*place)->is_item() ? std::to_string((*place)->index) : std::string((*place)->key));
  }
  return result;
}

}  // namespace cairn
