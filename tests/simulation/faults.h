#pragma once
// Every fault that the simulated world can inject, by name, with its meaning; and how often each was.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::simulation {

enum class Fault : std::uint8_t {
  crash_between_steps,
  crash_while_waiting,
  crash_at_dispatch,
  crash_at_disk_operation,
  crash_while_opening,
  unsynced_batch_lost,
  unsynced_batch_kept,
  append_failed_lost,
  append_failed_kept,
  unsynced_bytes_dropped,
  unsynced_bytes_kept,
  unsynced_bytes_torn,
  unsynced_bytes_flipped,
  damage_refused,
  no_room,
  disk_full,
  sync_failed,
  slow_disk,
  clock_forward,
  clock_back,
  alarm_early,
  answer_slow,
  answer_failed,
  answer_lost,
  answer_late,
  effect_hung,
  effect_repeated,
};
inline constexpr std::size_t k_faults = 27;

struct FaultText {
  std::string_view name;
  std::string_view meaning;
};
inline constexpr std::array<FaultText, k_faults> k_fault_texts{{
    {"crash-between-steps", "the process dies between two steps of its loop; its memory is gone"},
    {"crash-while-waiting", "it dies inside a command or a start that waits for the log"},
    {"crash-at-dispatch", "it dies between the start of one effect and the next"},
    {"crash-at-disk-operation", "it dies, and the power with it, inside a write, a sync, a rename or a new file"},
    {"crash-while-opening", "the same, while a process opens the log and recovers"},
    {"unsynced-batch-lost", "a crash takes a batch that was on its way to the disk"},
    {"unsynced-batch-kept", "a crash comes when a batch is durable and nobody was told"},
    {"append-failed-lost", "an append fails, and nothing of it is there when the log is opened again"},
    {"append-failed-kept", "an append fails, and when the log is opened again it is there after all"},
    {"unsynced-bytes-dropped", "a power cut takes all bytes of a file since its last sync"},
    {"unsynced-bytes-kept", "a power cut leaves bytes that were never synced"},
    {"unsynced-bytes-torn", "a power cut leaves the first part of the bytes that were never synced"},
    {"unsynced-bytes-flipped", "the same, with a bit of them turned"},
    {"damage-refused", "… and the log is refused, naming the place, until that bit is turned back"},
    {"no-room", "the disk is full for a while: nothing is tried, and what waits is written when there is room again"},
    {"disk-full", "a write fails for want of space, half of it done"},
    {"sync-failed", "a sync fails; whether the bytes are on the disk is open"},
    {"slow-disk", "batches wait for the disk while everything else goes on"},
    {"clock-forward", "the wall clock jumps ahead, up to a day"},
    {"clock-back", "the wall clock jumps back, up to a day"},
    {"alarm-early", "the engine is woken before the time it asked for"},
    {"answer-slow", "a service answers after minutes"},
    {"answer-failed", "a service answers with an error"},
    {"answer-lost", "a service has done the work, and the answer is lost on the way"},
    {"answer-late", "a service answers after hours, when a timeout may have given up"},
    {"effect-hung", "a service does not answer for as long as the world is disturbed"},
    {"effect-repeated", "an effect goes out again under its key, after a crash that took its result"},
}};

class FaultCounts {
 public:
  void add(Fault fault, std::uint64_t times = 1) { counts_.at(static_cast<std::size_t>(fault)) += times; }
  void add(const FaultCounts& others) {
    for (std::size_t i = 0; i < k_faults; ++i) counts_.at(i) += others.counts_.at(i);
  }
  [[nodiscard]] std::uint64_t of(std::size_t fault) const { return counts_.at(fault); }

 private:
  std::array<std::uint64_t, k_faults> counts_{};
};

}  // namespace cairn::simulation
