#include "cli/terminal.h"

#include "cli/cli.h"
#include "workflows/value/json.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace cairn {
namespace {

constexpr std::size_t k_default_width = 80;
constexpr std::size_t k_default_height = 24;

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

winsize size_of(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::plain: return "";
    case Colour::bold: return "\x1b[1m";
    case Colour::dim: return "\x1b[2m";
    case Colour::red: return "\x1b[31m";
    case Colour::green: return "\x1b[32m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::cyan: return "\x1b[36m";
  }
  return "";
}

/// The code point at `at`, and where the next one begins. Data is valid UTF-8; what is not counts as one byte each.
char32_t decode(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  char32_t code = more == 3 ? lead & 0x07U : more == 2 ? lead & 0x0FU : more == 1 ? lead & 0x1FU : lead;
  for (; more > 0 && at < text.size(); --more) code = code << 6U | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  return code;
}

std::size_t columns_of(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return 0;
  if ((code >= 0x300 && code <= 0x36F) || code == 0x200D || (code >= 0xFE00 && code <= 0xFE0F)) return 0;
  const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                    (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                    (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                    (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1FAFF) ||
                    (code >= 0x20000 && code <= 0x3FFFD);
  return wide ? 2 : 1;
}

/// Skips an escape sequence (ESC [ … letter) at `at`, if there is one.
bool skip_escape(std::string_view text, std::size_t& at) {
  if (text.substr(at, 2) != "\x1b[") return false;
  at += 2;
  while (at < text.size() && (text[at] < '@' || text[at] > '~')) ++at;
  if (at < text.size()) ++at;
  return true;
}

}  // namespace

Output::Output(int descriptor) : descriptor_(descriptor) {
  const char* kind = std::getenv("TERM");
  const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
  is_terminal_ = ::isatty(descriptor) == 1 && !dumb;
  has_colours_ = is_terminal_ && !is_set("NO_COLOR");
}

std::size_t Output::width() const {
  const auto columns = size_of(descriptor_).ws_col;
  return columns == 0 ? k_default_width : columns;
}
std::size_t Output::height() const {
  const auto rows = size_of(descriptor_).ws_row;
  return rows == 0 ? k_default_height : rows;
}

std::string Output::paint(Colour colour, std::string_view text) const {
  if (!has_colours_ || colour == Colour::plain || text.empty()) return std::string(text);
  return std::string(code_of(colour)) + std::string(text) + "\x1b[0m";
}

void Output::write(std::string_view text) {
  while (!text.empty() && failure_ == 0) {
    const auto put = ::write(descriptor_, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      failure_ = errno;
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

Result<void> Output::status() const {
  if (failure_ == 0) return success();
  return make_error(ErrorCode::io, std::generic_category().message(failure_),
                    descriptor_ == STDOUT_FILENO ? "standard output" : "standard error");
}

Output& standard_output() {
  static Output output(STDOUT_FILENO);
  return output;
}
Output& standard_error() {
  static Output output(STDERR_FILENO);
  return output;
}

void print_error(const Error& error) {
  std::string text = error.to_string();
  if (!text.ends_with('\n')) text += '\n';
  Output& out = standard_error();
  out.write(out.paint(Colour::red, "cairn:") + " " + text);
}

void print_note(std::string_view text) {
  Output& out = standard_error();
  out.write(out.paint(Colour::bold, "cairn:") + " " + std::string(text) + "\n");
}

int exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid_definition:
    case ErrorCode::invalid_input:
    case ErrorCode::invalid_usage:
    case ErrorCode::invalid_configuration:
    case ErrorCode::unsupported:
    case ErrorCode::limit_exceeded: return k_exit_usage;
    default: return k_exit_failed;
  }
}

void print_json(const Value& value) {
  Output& out = standard_output();
  out.write((out.is_terminal() ? to_pretty_json(value) : to_json(value)) + "\n");
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!skip_escape(text, at)) columns += columns_of(decode(text, at));
  }
  return columns;
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::string out;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (skip_escape(text, at)) continue;
    const std::size_t begin = at;
    const std::size_t wide = columns_of(decode(text, at));
    if (used + wide > columns - 1) break;
    used += wide;
    out += text.substr(begin, at - begin);
  }
  return out + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  return std::string(text) + std::string(used < columns ? columns - used : 0, ' ');
}

}  // namespace cairn
