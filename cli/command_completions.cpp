// cairn completions: made from the command line itself, so that they cannot grow old.

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <memory>

namespace cairn {
namespace {

struct Choice {
  std::string name;  ///< "--input" or "run"
  std::string help;
  bool takes_value = false;
};

/// A command and what may follow it.
struct Completion {
  std::string path;  ///< "run", "log verify"; "" for cairn itself
  std::string help;
  std::vector<Choice> choices;
};

void gather(const CLI::App& app, const std::string& path, std::vector<Completion>& found) {
  Completion completion{path, app.get_description(), {}};
  const auto subcommands = app.get_subcommands(std::function<bool(const CLI::App*)>());
  for (const CLI::App* command : subcommands)
    completion.choices.push_back({command->get_name(), command->get_description(), false});
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) {
      completion.choices.push_back({"--" + name, option->get_description(), option->get_items_expected_max() > 0});
    }
  }
  found.push_back(std::move(completion));
  for (const CLI::App* command : subcommands)
    gather(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), found);
}

std::string names_of(const Completion& completion, std::string_view separator) {
  std::string names;
  for (const auto& choice : completion.choices) names += (names.empty() ? "" : std::string(separator)) + choice.name;
  return names;
}

/// For single quotes of a shell.
std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string bash(const std::vector<Completion>& all) {
  std::string text = R"(# bash completion of cairn: source <(cairn completions bash)
_cairn() {
  local word=${COMP_WORDS[COMP_CWORD]} path='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
)";
  for (const auto& completion : all) {
    if (!completion.path.empty())
      text += fmt::format("      {}) path={} ;;\n", single_quoted(" " + completion.path),
                          single_quoted(" " + completion.path));
  }
  text += "    esac\n  done\n  local choices=''\n  case \"$path\" in\n";
  for (const auto& completion : all) {
    const std::string path = completion.path.empty() ? "" : " " + completion.path;
    text += fmt::format("    {}) choices={} ;;\n", single_quoted(path), single_quoted(names_of(completion, " ")));
  }
  text += R"(  esac
  if [[ $word == -* || -z $path || $path == ' log' || $path == ' completions' ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _cairn cairn
)";
  return text;
}

std::string zsh(const std::vector<Completion>& all) {
  std::string text = R"(#compdef cairn
# zsh completion of cairn: source <(cairn completions zsh)
_cairn() {
  local word path='' i
  local -a choices
  for ((i = 2; i < CURRENT; i++)); do
    case "$path ${words[i]}" in
)";
  for (const auto& completion : all) {
    if (!completion.path.empty())
      text += fmt::format("      {}) path={} ;;\n", single_quoted(" " + completion.path),
                          single_quoted(" " + completion.path));
  }
  text += "    esac\n  done\n  case \"$path\" in\n";
  for (const auto& completion : all) {
    const std::string path = completion.path.empty() ? "" : " " + completion.path;
    text += fmt::format("    {}) choices=(", single_quoted(path));
    for (const auto& choice : completion.choices) text += single_quoted(choice.name + ":" + choice.help) + " ";
    text += ") ;;\n";
  }
  text += R"(  esac
  if [[ ${words[CURRENT]} == -* || -z $path || $path == ' log' ]]; then
    _describe cairn choices
  else
    _files
  fi
}
compdef _cairn cairn
)";
  return text;
}

std::string fish(const std::vector<Completion>& all) {
  std::string text = "# fish completion of cairn: cairn completions fish | source\n";
  for (const auto& completion : all) {
    std::string condition = "__fish_use_subcommand";
    if (!completion.path.empty()) {
      condition.clear();
      std::string_view rest = completion.path;
      while (!rest.empty()) {
        const auto space = rest.find(' ');
        condition += (condition.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
                     std::string(rest.substr(0, space));
        rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
      }
    }
    for (const auto& choice : completion.choices) {
      const bool is_option = choice.name.starts_with("--");
      text += fmt::format("complete -c cairn -n {} {} {}{} -d {}\n", single_quoted(condition),
                          is_option ? "-l" : "-f -a", is_option ? choice.name.substr(2) : choice.name,
                          choice.takes_value ? " -r" : "", single_quoted(choice.help));
    }
  }
  return text;
}

}  // namespace

void add_completions_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("completions", "Completions for a shell, to be sourced by it");
  const auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  add_example(*command, "source <(cairn completions bash)");
  command->callback([shell, &app, &line] {
    line.action = [shell, &app](const Settings&) -> Result<int> {
      std::vector<Completion> all;
      gather(app, "", all);
      standard_output().write(*shell == "bash" ? bash(all) : *shell == "zsh" ? zsh(all) : fish(all));
      return k_exit_ok;
    };
  });
}

}  // namespace cairn
