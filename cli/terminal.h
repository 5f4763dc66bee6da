#pragma once
// Where output goes: descriptors, whether a person looks at them, colours.

#include "workflows/core/error.h"
#include "workflows/value/value.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace cairn {

enum class Colour { plain, bold, dim, red, green, yellow, cyan };

/// stdout or stderr.
class Output {
 public:
  explicit Output(int descriptor);

  /// A person looks at it (and it understands cursor movements).
  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  /// A terminal, and NO_COLOR is not set.
  [[nodiscard]] bool has_colours() const { return has_colours_; }
  /// Columns and rows; 80 × 24 when they cannot be told.
  [[nodiscard]] std::size_t width() const;
  [[nodiscard]] std::size_t height() const;

  /// `text` in a colour, when there are colours.
  [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;

  /// Writes at once and in full. A failure is kept and tells what followed it nothing.
  void write(std::string_view text);
  /// The first failure of write(), if there was one.
  [[nodiscard]] Result<void> status() const;

 private:
  int descriptor_;
  bool is_terminal_ = false;
  bool has_colours_ = false;
  int failure_ = 0;
};

Output& standard_output();
Output& standard_error();

/// "cairn: WHERE: MESSAGE. REMEDY" on stderr.
void print_error(const Error& error);
/// "cairn: TEXT" on stderr.
void print_note(std::string_view text);
/// What a process exits with after this error.
int exit_code_of(const Error& error);

/// JSON on stdout: indented for a person, one line otherwise.
void print_json(const Value& value);

/// Columns that `text` takes on a terminal: one a code point, two for wide ones, none for escapes and combining marks.
std::size_t columns_of(std::string_view text);
/// `text` without colours, cut to `columns` and marked with "…" when it is longer.
std::string cut_to(std::string_view text, std::size_t columns);
/// `text` filled up with blanks to `columns`.
std::string padded(std::string_view text, std::size_t columns);

}  // namespace cairn
