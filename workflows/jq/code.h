#pragma once
// A compiled program: a resolved tree for each body, and the code of the backtracking machine where the tree needs it.
//
// A *body* is the main expression, a function that is called rather than inlined, or the closure passed for a
// parameter. Each activation of a body has a frame: slot 0 holds the input, slot 1 its path (when the body runs for
// paths), then value parameters, variables and temporaries. A variable is found by the hops to the frame of the body
// that declares it and its slot.
//
// A node is *direct* when it has at most one output and evaluating it needs no frame and no point to come back to: the
// evaluator walks it recursively (its depth is bounded by syntax::k_depth). It is *streamed* when it has any number of
// outputs and the evaluator can hand them to a callback, again without frames: what calls nothing. Everything else is
// code: each body is compiled for values, and for paths where it may be asked for paths.

#include "workflows/jq/native.h"
#include "workflows/jq/syntax.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace cairn::jq {

enum class Op : std::uint8_t {
  identity,
  constant,    ///< value
  variable,    ///< slot, hops
  index,       ///< a[b]; optional
  slice,       ///< a[b:c]; b and c may be missing; optional
  each,        ///< a[]; optional
  descend,     ///< ..; a is the same in terms of calls
  list,        ///< [list…], each part with at most one output
  collect,     ///< [a]
  object,      ///< {list}: keys and values alternate
  text,        ///< list joined, everything but constants through the format `value`
  format,      ///< @value on the input
  arithmetic,  ///< a `oper` b
  compare,     ///< a `oper` b
  negate,      ///< -a
  invert,      ///< not
  both,
  either,
  alternative,  ///< a // b
  branch,       ///< if a then b else c
  attempt,      ///< try a catch b; b may be missing
  pipe,         ///< list
  comma,        ///< list
  bind,         ///< a as bindings | b
  reduce,       ///< reduce a as bindings (b; c)
  foreach,      ///< foreach a as bindings (b; c; d)
  label,        ///< slot holds the height to go back to; a
  escape,       ///< break: slot, hops
  call,         ///< call
  parameter,    ///< calls the closure passed as parameter `slot` of the frame at `hops`
  native,       ///< native(list)
  empty,
  raise,    ///< error(a)
  path,     ///< path(a)
  getpath,  ///< getpath(a)
  assign,   ///< a = b
  update,   ///< a |= b
  first,    ///< first(a)
  last,     ///< last(a)
  limit,    ///< limit(b; a)
  skip,     ///< skip(b; a)
  range,    ///< list: from, upto, by
};

struct Body;
struct Call;

struct Binding {
  struct Entry {
    const struct Node* key = nullptr;
    std::int32_t slot = -1;  ///< of `$name`, or -1
    const Binding* inner = nullptr;
  };
  syntax::Pattern::Kind kind = syntax::Pattern::Kind::variable;
  std::int32_t slot = -1;
  std::vector<const Binding*> elements;
  std::vector<Entry> entries;
};

struct Node {
  Op op = Op::identity;
  syntax::Operator oper = syntax::Operator::add;
  bool optional = false;
  bool direct = false;
  bool direct_path = false;  ///< the evaluator can also give its path
  bool streamed = false;     ///< every direct node is, too
  bool total = false;        ///< of a direct node: gives a value or fails
  std::uint32_t hops = 0;
  std::uint32_t slot = 0;
  std::uint32_t offset = 0;  ///< in the program's text
  std::uint32_t depth = 1;
  Value value;
  const Node* a = nullptr;
  const Node* b = nullptr;
  const Node* c = nullptr;
  const Node* d = nullptr;
  std::vector<const Node*> list;
  std::vector<const Binding*> bindings;  ///< several: ?//
  std::vector<std::uint32_t> slots;      ///< bind: every slot its bindings set
  const Native* native = nullptr;
  const Call* call = nullptr;
};

/// What a call passes for a parameter that is a filter.
struct Passed {
  Body* body = nullptr;  ///< a closure of the caller's frame; or, when null, the caller's own parameter
  std::uint32_t hops = 0;
  std::uint32_t index = 0;
};

struct Call {
  Body* body = nullptr;
  std::uint32_t hops = 0;  ///< from the caller's frame to the one around the function
  std::vector<const Node*> values;
  std::vector<Passed> closures;
};

// ---- code
// --------------------------------------------------------------------------------------------------------------

enum class Code : std::uint8_t {
  evaluate,       ///< slot a = node on slot b; nothing: back
  evaluate_path,  ///< slots a, a+1 = node on slots b, b+1
  consume,        ///< slot a = node on the value moved out of slot a; nothing: a = null, back
  copy,           ///< slot a = slot b
  clear,          ///< every slot in node->slots = null
  copy_path,      ///< slots a, a+1 = slots b, b+1
  no_path,        ///< slot a+1 = "not a path"
  computed,       ///< slot a+1 = path of slot a, a value computed from path slot b: mostly none
  test,           ///< go to target unless node on slot b is true
  test_slot,      ///< go to target unless slot b is true
  jump,           ///< go to target
  fork,           ///< later: target
  back,
  each,  ///< slot a = each element of slot b
  each_path,
  range,         ///< slot a = numbers; b, b+1, b+2: from, upto, by
  collect,       ///< begins an array; when all is gathered it is slot a, at target
  gather,        ///< slot b joins the array of the collect it belongs to; back
  attempt,       ///< slot a = where the handler is; slot b = the error, at target
  leave,         ///< out of the attempt in slot a
  alternative,   ///< slot a = false; when nothing is left: target, if slot a is still false
  found,         ///< back unless slot b is true; slot a = true
  mark,          ///< slot a = height of the points to come back to
  cut,           ///< forget the points above slot a
  escape,        ///< forget the points above the slot of `node`, back
  take,          ///< slot a = slot b moved out
  take_last,     ///< slot a = slot b, moved out when no point above slot c can come back to where it is needed
  count_down,    ///< slot a counts down; at the last: cut to slot b
  skip_down,     ///< slot a counts down; back as long as it is not through
  count,         ///< slot a = slot b as a count for limit; none: back
  count_skip,    ///< the same for skip; none is 0
  index_path,    ///< slots a, a+1 = slots b, b+1 indexed by slot c; node: the index or slice (optional)
  getpath_path,  ///< slots a, a+1 = slots b, b+1 followed along slot c
  end_path,      ///< slot a = the path of slots b, b+1
  set,           ///< slot a = slot a with slot c at path slot b
  modify,        ///< slot a = slot a with node on what is at path slot b in its place; nothing: the path joins slot c
  remember,      ///< path slot b joins the list slot a
  remove,        ///< slot a = slot a without the paths in slot b
  call,          ///< node->call on slot b, value arguments in slots from c; slot a = each output
  call_path,
  parameter,  ///< the closure node->slot at node->hops on slot b; slot a
  parameter_path,
  tail_call,  ///< as call, but the frame may be given up
  tail_call_path,
  tail_parameter,
  tail_parameter_path,
  give,  ///< slot b is an output of this body
  give_path,
};

struct Instruction {
  Code code = Code::back;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t target = 0;
  std::uint32_t offset = 0;  ///< in the program's text
  const Node* node = nullptr;
};

struct Routine {
  std::vector<Instruction> code;
  std::uint32_t slots = 0;
  [[nodiscard]] bool compiled() const { return !code.empty(); }
};

struct Body {
  const Node* root = nullptr;
  std::uint32_t level = 0;       ///< frames around it
  std::uint32_t slots = 2;       ///< input, path, value parameters and variables; routines add temporaries
  std::uint32_t parameters = 0;  ///< value parameters: slots 2 …
  Routine for_values;
  Routine for_paths;
};

struct ProgramData {
  std::deque<Node> nodes;
  std::deque<Binding> bindings;
  std::deque<Call> calls;
  std::deque<Body> bodies;  ///< the first is the main one
  std::vector<bool> used;   ///< by variable given: mentioned
  bool only_picks = false;  ///< Program::only_picks()
  bool evaluator = true;    ///< false: as much as possible is left to the machine (for tests)
};

}  // namespace cairn::jq
