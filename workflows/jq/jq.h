#pragma once
// workflows/jq/: our own jq 1.8 on Values: exact integers, limits inside every builtin, no way to the outside.
//
//   lexer, parser   text → syntax tree with positions
//   resolver        names → definitions, variables → slots of a frame of fixed size
//   compiler        tree → code of one backtracking machine (no recursion on the C++ stack that input can drive)
//   natives/        builtins in C++, one table: name, arity, purity, documentation
//   prelude         builtins written in jq; compiled once per process
//   budget          fuel, bytes, outputs, depth
//
// Called by workflows/expressions only. Includes workflows/core and workflows/value.
