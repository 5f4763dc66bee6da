#pragma once
// workflows/: the language, as pure code: no clock, no thread, no socket.
//
//   core/         errors, results, assertions, hashes, durations: what every floor needs
//   value/        Value, the one data type from YAML to log; JSON text and binary forms of it
//   source/       YAML (and JSON) text with positions, diagnostics that point into it
//   expressions/  jq behind one interface
//   schema/       JSON Schema
//   program/      Program: the state machine a definition compiles to
//   definition/   text → checked definition → Program
//   diagram/      Program → Mermaid or dot
//
// Called by engine/ and everything above it; includes nothing of ours but schemas/.
