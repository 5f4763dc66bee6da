#pragma once
// Every limit of the language and the machine, in one place. Each has an error that names it and a test at limit + 1.

#include <cstddef>
#include <cstdint>

namespace cairn::limits {

inline constexpr std::size_t k_definition_bytes = 2u << 20;    ///< YAML or JSON text of one definition
inline constexpr std::size_t k_input_bytes = 16u << 20;        ///< JSON text of a run's input
inline constexpr std::size_t k_eval_input_bytes = 256u << 20;  ///< JSON text of the input of `cairn eval`
inline constexpr std::size_t k_value_depth = 512;              ///< nesting of a Value (YAML, JSON, expression results)
inline constexpr std::size_t k_yaml_depth = 400;               ///< nesting of a definition's text
inline constexpr std::size_t k_yaml_path_bytes = 4'096;        ///< keys on the way to one value of a text, together
/// Nesting of a run's data: inputs, outputs, results. Below k_value_depth, so that records and snapshots can wrap it.
inline constexpr std::size_t k_data_depth = 500;
inline constexpr std::size_t k_yaml_nodes = 200'000;               ///< nodes of a definition after aliases are expanded
inline constexpr std::size_t k_definition_tasks = 10'000;          ///< tasks of one definition
inline constexpr std::size_t k_definition_expressions = 10'000;    ///< expressions of one definition
inline constexpr std::size_t k_expression_bytes = 64u << 10;       ///< text of one expression
inline constexpr std::size_t k_regex_bytes = 4096;                 ///< text of a regular expression
inline constexpr std::uint64_t k_regex_compile_steps = 4'000'000;  ///< what a regular expression may take to compile
inline constexpr std::size_t k_expression_message_bytes = 4096;    ///< what an error that an expression raised says
/// The most that a definition may ask for in document.metadata.cairn.expressions (what it gets unasked: workflows/jq/budget.h).
inline constexpr std::uint64_t k_expression_steps_ceiling = 1'000'000'000;
inline constexpr std::uint64_t k_expression_memory_ceiling = 2ULL << 30;
inline constexpr std::uint64_t k_expression_outputs_ceiling = 1'000'000'000;
inline constexpr std::uint64_t k_expression_text_ceiling = 1ULL << 30;
inline constexpr std::uint64_t k_expression_calls_ceiling = 1'000'000;
inline constexpr std::size_t k_task_depth = 256;         ///< tasks open inside one another in a run (functions recurse)
inline constexpr std::size_t k_child_depth = 32;         ///< sub-workflows inside one another
inline constexpr std::size_t k_stimulus_events = 1'000;  ///< events decided before the machine yields
inline constexpr std::size_t k_stimulus_bytes = 1u << 20;        ///< bytes of event values before the machine yields
inline constexpr std::size_t k_effect_result_bytes = 16u << 20;  ///< body of a response, output of a process
inline constexpr std::size_t k_effects_in_flight = 64;           ///< effects running at once in one process
inline constexpr std::size_t k_starts_waiting = 16'384;          ///< runs accepted and not durable yet, of one process
inline constexpr std::size_t k_runs_in_memory =
    250'000;  ///< runs of one process with something to do, when a start is asked for
inline constexpr std::int64_t k_duration_ms = 3'155'760'000'000;  ///< longest duration: 100 years

}  // namespace cairn::limits
