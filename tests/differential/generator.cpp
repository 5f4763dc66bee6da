#include "tests/differential/generator.h"

#include "tests/differential/builtins.h"

#include <cstring>

namespace cairn::differential {
namespace {

constexpr const char* k_names[] = {"a", "b", "c"};
constexpr const char* k_texts[] = {"\"\"",      "\"a\"",    "\"b\"",       "\"abc\"",     "\"a,b, c\"",    "\"aXbxc\"",
                                   "\"Ab cA\"", "\"1\"",    "\"-2.5\"",    "\"\\u00e9\"", "\"x\\u2606y\"", "\"a\\nb\"",
                                   "\"[1,2]\"", "\"null\"", "\"<&'\\\"\"", "\"YWI=\""};
constexpr const char* k_numbers[] = {"0",    "1",   "2",   "3",   "5",  "10", "-1",  "-2", "0.5",
                                     "-1.5", "2.5", "100", "1e3", "65", "97", "0.1", "255"};
constexpr const char* k_counts[] = {"0", "1", "2", "3", "4", "-1", "-2", "1.5"};
constexpr const char* k_arrays[] = {
    "[]",     "[1,2,3]", "[3,1,2,1]", "[\"a\",\"b\"]", "[[1,2],[3]]", "[null,false,1]", "[{\"a\":1},{\"a\":2,\"b\":0}]",
    "[97,98]"};
constexpr const char* k_objects[] = {"{}", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"a\":{\"b\":[1,2]},\"c\":null}",
                                     "{\"b\":\"x\",\"a\":[3,1]}"};
constexpr const char* k_regexes[] = {
    "\"a\"",      "\"[a-c]+\"", "\"(?<x>[a-z])\"",    "\"b*\"",  "\"^a\"",  "\"[A-Z]\"",
    "\"\\\\d+\"", "\"\"",       "\"(a)|(b)\"",        "\"a.c\"", "\", *\"", "\"(?<x>a)(?<y>b)?\"",
    "\"x$\"",     "\"\\\\s\"",  "\"\\u00e9|\\u2606\""};
constexpr const char* k_flags[] = {"null", "\"g\"", "\"i\"", "\"gi\"", "\"x\"", "\"n\"", "\"s\"", "\"gn\""};
constexpr const char* k_times[] = {"0",          "1",          "86399",      "951782400",
                                   "1425599621", "1456704000", "1700000000", "2147483648"};
constexpr const char* k_handler = "(if type == \"string\" then \"failed\" else . end)";
constexpr const char* k_kinds = "nslob";

}  // namespace

Term Generator::program() {
  variables_.clear();
  functions_.clear();
  labels_.clear();
  names_ = 0;
  return expression('a', 2 + static_cast<int>(random_.below(4)));
}

Value Generator::input() { return value(3); }

Value Generator::value(int depth) {
  constexpr const char* texts[] = {"", "a", "b", "abc", "a,b, c", "aXbxc", "é", "x☆y", "1", "2015-03-05T23:51:47Z"};
  switch (random_.below(depth > 0 ? 9 : 5)) {
    case 0: return Value::null();
    case 1: return Value::boolean(random_.one_in(2));
    case 2: return Value::integer(static_cast<std::int64_t>(random_.below(10)) - 2);
    case 3: return Value::number(static_cast<double>(random_.below(40)) / 4 - 3);
    case 4: return Value::string(random_.of(texts));
    case 5:
    case 6: {
      Array items;
      for (std::size_t count = random_.below(4); count > 0; --count) items.push_back(value(depth - 1));
      return Value::array(std::move(items));
    }
    default: {
      std::vector<Member> members;
      for (const char* name : k_names) {
        if (!random_.one_in(3)) members.push_back({name, value(depth - 1)});
      }
      return Value::object(std::move(members));
    }
  }
}

Term Generator::in_parentheses(Term term) { return Term("(@)", {std::move(term)}); }

Term Generator::number_leaf() { return Term(random_.of(k_numbers)); }

Term Generator::leaf(char kind) {
  if (!variables_.empty() && random_.one_in(4)) return Term(random_.of(variables_));
  if (random_.one_in(3)) return Term(".");
  switch (kind) {
    case 'n': return number_leaf();
    case 's': return Term(random_.of(k_texts));
    case 'l': return Term(random_.of(k_arrays));
    case 'o': return Term(random_.of(k_objects));
    case 'b': return Term(random_.one_in(2) ? "true" : "false");
    case 'c': return Term(random_.of(k_counts));
    case 'r': return Term(random_.of(k_regexes));
    case 'f': return Term(random_.of(k_flags));
    case 't': return Term(random_.of(k_times));
    case 'k': return keys();
    case 'p': return path(0);
    default: break;
  }
  if (random_.one_in(6)) return Term("null");
  if (random_.one_in(4)) return path(0);
  return leaf(k_kinds[random_.below(std::strlen(k_kinds))]);
}

Term Generator::expression(char kind, int depth) {
  if (kind == 'p') return path(depth);
  if (kind == 'k') return keys();
  if (std::strchr("crft", kind) != nullptr) return leaf(kind);
  if (depth <= 0) return leaf(kind);
  if (random_.one_in(12)) kind = 'a';  // what does not fit should fail in the same way, too
  switch (random_.below(9)) {
    case 0:
    case 1: return leaf(kind);
    case 2:
    case 3: return builtin(kind, depth);
    case 4: return operation(kind, depth);
    case 5: return construction(kind, depth);
    case 6: return random_.one_in(2) ? builtin(kind, depth) : operation(kind, depth);
    default: return any(depth);
  }
}

Term Generator::any(int depth) {
  switch (random_.below(9)) {
    case 0:
    case 1: return form(depth);
    case 2: return binding(depth);
    case 3: return loop(depth);
    case 4: return definition(depth);
    case 5: return update(depth);
    case 6: return functions_.empty() ? update(depth) : call(depth);
    case 7: return interpolation(depth);
    default: return in_parentheses(Term("@ | @", {expression('a', depth - 1), expression('a', depth - 1)}));
  }
}

Term Generator::builtin(char kind, int depth) {
  const auto all = builtins();
  const Builtin* chosen = &random_.of(all);
  for (int i = 0; i < 20 && kind != 'a' && chosen->output != kind; ++i) chosen = &random_.of(all);
  std::vector<Term> arguments;
  for (const char argument : chosen->arguments) arguments.push_back(expression(argument, depth - 2));
  Term made(std::string(chosen->pattern), std::move(arguments));
  if (chosen->input == 'a' && random_.one_in(2)) return in_parentheses(std::move(made));
  return in_parentheses(Term("@ | @", {expression(chosen->input, depth - 1), std::move(made)}));
}

Term Generator::operation(char kind, int depth) {
  const auto two = [&](const char* pattern, char left, char right) {
    Term made(pattern, {expression(left, depth - 1), expression(right, depth - 1)});
    return random_.one_in(4) ? made : in_parentheses(std::move(made));
  };
  switch (kind) {
    case 'n': {
      constexpr const char* patterns[] = {"@ + @", "@ - @", "@ * @", "@ / @", "@ % @"};
      if (random_.one_in(6)) return in_parentheses(Term("-(@)", {expression('n', depth - 1)}));
      return two(random_.of(patterns), 'n', 'n');
    }
    case 's':
      if (random_.one_in(4)) return two("@ * @", 's', 'c');
      return two("@ + @", 's', 's');
    case 'l':
      if (random_.one_in(4)) return two("@ / @", 's', 's');
      return two(random_.one_in(2) ? "@ + @" : "@ - @", 'l', 'l');
    case 'o': return two(random_.one_in(2) ? "@ + @" : "@ * @", 'o', 'o');
    case 'b': {
      constexpr const char* patterns[] = {"@ == @", "@ != @", "@ < @", "@ <= @", "@ > @", "@ >= @"};
      if (random_.one_in(3)) return two(random_.one_in(2) ? "@ and @" : "@ or @", 'b', 'b');
      return two(random_.of(patterns), 'a', 'a');
    }
    default:
      if (random_.one_in(3)) return two("@ // @", 'a', 'a');
      if (random_.one_in(3)) return two("@, @", 'a', 'a');
      return operation(k_kinds[random_.below(std::strlen(k_kinds))], depth);
  }
}

Term Generator::form(int depth) {
  const auto inner = [&](char kind = 'a') { return expression(kind, depth - 1); };
  switch (random_.below(8)) {
    case 0: return Term("if @ then @ else @ end", {inner('b'), inner(), inner()});
    case 1: return Term("if @ then @ elif @ then @ else @ end", {inner('b'), inner(), inner('b'), inner(), inner()});
    // What jq says of an error changes from version to version, so no program may look at it. In 1.6 a `try` also
    // catches what fails behind it, as long as it may give more; most are put where nothing is behind them.
    case 2:
      return in_parentheses(Term(random_.one_in(30) ? "try (@) catch " + std::string(k_handler)
                                                    : "[try (@) catch " + std::string(k_handler) + "] | .[]",
                                 {inner()}));
    case 3: return random_.one_in(30) ? Term("(@)?", {inner()}) : in_parentheses(Term("[(@)?] | .[]", {inner()}));
    case 4: {
      const std::string name = "$l" + std::to_string(++names_);
      labels_.push_back(name);
      Term body = expression('a', depth - 1);
      labels_.pop_back();
      return in_parentheses(Term("label " + name + " | @", {std::move(body)}));
    }
    case 5:
      if (!labels_.empty()) return in_parentheses(Term("@, break " + random_.of(labels_), {inner()}));
      return Term("[@]", {inner()});
    case 6: return in_parentheses(Term("@ | select(@)", {inner(), inner('b')}));
    default: return Term("[@][@:@]", {inner(), leaf('c'), leaf('c')});
  }
}

std::string Generator::pattern(int depth, std::vector<std::string>& variables) {
  const auto variable = [&] {
    const std::string name = "$v" + std::to_string(++names_);
    variables.push_back(name);
    return name;
  };
  if (depth <= 0 || random_.one_in(2)) return variable();
  if (random_.one_in(2)) {
    std::string text = "[" + pattern(depth - 1, variables);
    if (random_.one_in(2)) text += ", " + pattern(depth - 1, variables);
    return text + "]";
  }
  std::string text = std::string("{") + random_.of(k_names) + ": " + pattern(depth - 1, variables);
  if (random_.one_in(2)) {
    std::string name = random_.of(k_names);
    variables.push_back("$" + name);
    text += ", $" + name;
  }
  return text + "}";
}

Term Generator::binding(int depth) {
  std::vector<std::string> bound;
  std::string text = pattern(2, bound);
  if (random_.one_in(5)) text += " ?// " + pattern(2, bound);
  Term source = expression('a', depth - 1);
  const std::size_t outer = variables_.size();
  variables_.insert(variables_.end(), bound.begin(), bound.end());
  Term body = expression('a', depth - 1);
  variables_.resize(outer);
  return in_parentheses(Term("(@) as " + text + " | @", {std::move(source), std::move(body)}));
}

Term Generator::loop(int depth) {
  std::vector<std::string> bound;
  const std::string text = pattern(1, bound);
  Term source = expression('a', depth - 1);
  Term begin = expression('a', depth - 2);
  const std::size_t outer = variables_.size();
  variables_.insert(variables_.end(), bound.begin(), bound.end());
  Term update = expression('a', depth - 1);
  Term extract = expression('a', depth - 2);
  variables_.resize(outer);
  switch (random_.below(3)) {
    case 0: return Term("foreach (@) as " + text + " (@; @)", {std::move(source), std::move(begin), std::move(update)});
    case 1:
      return Term("foreach (@) as " + text + " (@; @; @)",
                  {std::move(source), std::move(begin), std::move(update), std::move(extract)});
    default: return Term("reduce (@) as " + text + " (@; @)", {std::move(source), std::move(begin), std::move(update)});
  }
}

Term Generator::definition(int depth) {
  Function function{"f" + std::to_string(++names_), ""};
  std::string head = "def " + function.name;
  const std::size_t outer_variables = variables_.size();
  const std::size_t outer_functions = functions_.size();
  const std::size_t parameters = random_.below(3);
  for (std::size_t i = 0; i < parameters; ++i) {
    const bool is_value = random_.one_in(2);
    const std::string name = "p" + std::to_string(++names_);
    head += (i == 0 ? "(" : "; ") + std::string(is_value ? "$" : "") + name;
    function.parameters += is_value ? 'v' : 'f';
    if (is_value) variables_.push_back("$" + name);
    functions_.push_back({name, ""});
  }
  if (parameters > 0) head += ")";
  // Inside of itself the function is not known: what recurses is written so that it ends.
  Term body = random_.one_in(6) ? Term("if type == \"number\" and . < 4 then ., (. + 1 | " + function.name +
                                           (parameters == 0   ? ""
                                            : parameters == 1 ? "(@)"
                                                              : "(@; @)") +
                                           ") else @ end",
                                       [&] {
                                         std::vector<Term> parts;
                                         for (std::size_t i = 0; i < parameters; ++i) parts.push_back(leaf('a'));
                                         parts.push_back(expression('a', depth - 2));
                                         return parts;
                                       }())
                                : expression('a', depth - 1);
  variables_.resize(outer_variables);
  functions_.resize(outer_functions);
  functions_.push_back(function);
  Term rest = expression('a', depth - 1);
  functions_.pop_back();
  return in_parentheses(Term(head + ": @; @", {std::move(body), std::move(rest)}));
}

Term Generator::call(int depth) {
  const Function function = random_.of(functions_);
  std::string text = function.name;
  std::vector<Term> arguments;
  for (std::size_t i = 0; i < function.parameters.size(); ++i) {
    text += i == 0 ? "(@" : "; @";
    arguments.push_back(expression('a', depth - 1));
  }
  if (!arguments.empty()) text += ")";
  return Term(text, std::move(arguments));
}

Term Generator::update(int depth) {
  constexpr const char* patterns[] = {"@ = @",  "@ |= @", "@ |= @", "@ += @", "@ -= @",
                                      "@ *= @", "@ /= @", "@ %= @", "@ //= @"};
  const char* chosen = random_.of(patterns);
  return in_parentheses(Term(chosen, {in_parentheses(path(depth - 1)), in_parentheses(expression('a', depth - 1))}));
}

Term Generator::construction(char kind, int depth) {
  if (kind == 'o' || (kind == 'a' && random_.one_in(2))) {
    switch (random_.below(4)) {
      case 0:
        return Term(std::string("{") + random_.of(k_names) + ": (@), " + random_.of(k_names) + ": (@)}",
                    {expression('a', depth - 1), expression('a', depth - 1)});
      case 1: return Term("{(@): (@)}", {expression('s', depth - 1), expression('a', depth - 1)});
      case 2:
        if (!variables_.empty()) return Term("{" + random_.of(variables_) + ", " + random_.of(k_names) + "}");
        return Term("{a, b}");
      default: return Term("{\"k\\(@)\": (@)}", {expression('a', depth - 1), expression('a', depth - 1)});
    }
  }
  if (kind == 's') return interpolation(depth);
  if (kind == 'b' || kind == 'n') return operation(kind, depth);
  return Term("[@]", {expression('a', depth - 1)});
}

Term Generator::interpolation(int depth) {
  return Term("\"<\\(@)|\\(@)>\"", {expression('a', depth - 1), expression('a', depth - 2)});
}

Term Generator::keys() {
  std::string text = "[";
  for (std::size_t count = random_.below(4); count > 0; --count) {
    if (text.size() > 1) text += ", ";
    text += random_.one_in(2) ? std::string("\"") + random_.of(k_names) + "\"" : std::string(random_.of(k_counts));
  }
  return Term(text + "]");
}

Term Generator::path(int depth) {
  constexpr const char* steps[] = {".",   ".a",    ".b",    ".c",      ".[0]",  ".[1]",    ".[-1]",
                                   ".[]", ".[]?",  ".a?",   ".[1:]",   ".[:1]", ".[-2:]",  ".[5]",
                                   "..",  ".a.b?", ".a[]?", ".[0].a?", ".b.c",  ".[\"a\"]"};
  if (depth <= 0) return Term(random_.of(steps));
  const auto inner = [&] { return path(depth - 1); };
  switch (random_.below(14)) {
    case 0:
    case 1:
    case 2: return in_parentheses(Term("@ | @", {inner(), inner()}));
    case 3: return in_parentheses(Term("@, @", {inner(), inner()}));
    case 4: return in_parentheses(Term("@ | select(@)", {inner(), expression('b', depth - 1)}));
    case 5: return Term("if @ then @ else @ end", {expression('b', depth - 1), inner(), inner()});
    case 6: return in_parentheses(Term("@ // @", {inner(), inner()}));
    case 7: return Term("first(@)", {inner()});
    case 8: return Term("getpath(@)", {keys()});
    case 9: return Term("first((@)?)", {inner()});
    case 10: return Term("limit(@; @)", {leaf('c'), inner()});
    case 11: return in_parentheses(Term("@ | .[@]", {inner(), expression('c', 0)}));
    case 12: return random_.one_in(3) ? expression('a', depth - 1) : inner();
    default: return Term(random_.of(steps));
  }
}

}  // namespace cairn::differential
