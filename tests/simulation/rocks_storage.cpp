#include "tests/simulation/storage.h"
namespace cairn::simulation {
std::unique_ptr<Storage> make_rocks_storage(FaultCounts& faults, Dice dice) { return make_model_storage(faults, dice); }
}  // namespace cairn::simulation
