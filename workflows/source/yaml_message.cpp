#include "workflows/source/yaml_message.h"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <array>

namespace cairn {

namespace {

namespace ErrorMsg = YAML::ErrorMsg;

struct Explanation {
  std::string_view message;  // a prefix of yaml-cpp's
  std::string_view text;
  std::string_view hint;
};

const std::array k_explanations = {
    Explanation{ErrorMsg::END_OF_MAP, "this line does not continue the mapping above it",
                "check the indentation: keys of one mapping begin in the same column"},
    Explanation{ErrorMsg::END_OF_MAP_FLOW, "a '{' is not closed", "add the missing '}'"},
    Explanation{ErrorMsg::END_OF_SEQ, "this line does not continue the list above it",
                "check the indentation: items of one list begin with '-' in the same column"},
    Explanation{ErrorMsg::END_OF_SEQ_FLOW, "a '[' is not closed", "add the missing ']'"},
    Explanation{ErrorMsg::EOF_IN_SCALAR, "the text ends inside a quoted string", "add the missing quote"},
    Explanation{ErrorMsg::DOC_IN_SCALAR, "a document mark ('---' or '...') stands inside a quoted string",
                "add the missing quote"},
    Explanation{ErrorMsg::TAB_IN_INDENTATION, "a tab stands in the indentation", "indent with spaces"},
    Explanation{ErrorMsg::MAP_VALUE, "a ':' stands where no key can be",
                "quote a text that holds ': ', or check the indentation"},
    Explanation{ErrorMsg::MAP_KEY, "a key cannot begin here", "check the indentation"},
    Explanation{ErrorMsg::BLOCK_ENTRY, "a list item ('- ') cannot begin here", "check the indentation"},
    Explanation{ErrorMsg::FLOW_END, "a bracket is closed that was not opened", "remove it, or quote the text"},
    Explanation{ErrorMsg::UNKNOWN_TOKEN, "this character cannot begin a value", "quote the text"},
    Explanation{ErrorMsg::INVALID_ESCAPE, "unknown escape in a double-quoted string",
                "write '\\\\' for a backslash, or use single quotes"},
    Explanation{ErrorMsg::INVALID_HEX, "bad digits in an escape", "write \\x41, \\u0041 or \\U00000041"},
    Explanation{ErrorMsg::INVALID_UNICODE, "this escape is no character", ""},
    Explanation{ErrorMsg::UNKNOWN_ANCHOR, "no anchor has this alias's name above it",
                "define it with '&name', or quote the text"},
    Explanation{ErrorMsg::ALIAS_NOT_FOUND, "a name must follow '*'", "quote the text"},
    Explanation{ErrorMsg::ANCHOR_NOT_FOUND, "a name must follow '&'", "quote the text"},
    Explanation{ErrorMsg::CHAR_IN_ALIAS, "this character cannot be in an alias's name", "quote the text"},
    Explanation{ErrorMsg::CHAR_IN_ANCHOR, "this character cannot be in an anchor's name", "quote the text"},
    Explanation{ErrorMsg::TAG_WITH_NO_SUFFIX, "a tag's name must follow '!'", "quote the text"},
    Explanation{ErrorMsg::CHAR_IN_TAG_HANDLE, "this character cannot be in a tag", "quote the text"},
    Explanation{ErrorMsg::END_OF_VERBATIM_TAG, "a tag that begins with '!<' is not closed", "add the missing '>'"},
    Explanation{ErrorMsg::ZERO_INDENT_IN_BLOCK, "a block's indentation cannot be 0", ""},
    Explanation{ErrorMsg::CHAR_IN_BLOCK, "only an indentation, '-' or '+' may follow '|' or '>'", ""},
};

std::string_view line_at(std::string_view text, std::size_t offset, std::size_t& begin) {
  offset = std::min(offset, text.size());
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, std::min(text.find('\n', offset), text.size()) - begin);
}

}  // namespace

YamlMessage explain_yaml_error(std::string_view message, std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  // At the end of the text, point at the last line that says something.
  if (offset == text.size()) {
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    offset = last == std::string_view::npos ? 0 : last + 1;
  }
  std::size_t begin = 0;
  const std::string_view line = line_at(text, offset, begin);
  const std::size_t tab = line.find('\t');
  if (tab != std::string_view::npos && line.find_first_not_of(" \t") > tab) {
    return {begin + tab, "a tab stands in the indentation", "indent with spaces"};
  }
  if (message == std::string(ErrorMsg::INVALID_ESCAPE) + "(") {
    return {offset, "'\\(' in a double-quoted string is an escape YAML does not know",
            "write '\\\\(' for jq's '\\(', or use single quotes"};
  }
  for (const Explanation& explanation : k_explanations) {
    if (message.starts_with(explanation.message)) {
      return {offset, std::string(explanation.text), std::string(explanation.hint)};
    }
  }
  return {offset, fmt::format("the text cannot be read as YAML: {}", message), {}};
}

}  // namespace cairn
