// cairn secret

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/query.h"
#include "cli/secret_sources.h"
#include "cli/terminal.h"
#include "cli/text_file.h"
#include "connectors/secrets/secret_text.h"

#include <CLI/CLI.hpp>
#include <openssl/crypto.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>

namespace cairn {
namespace {

struct SecretOptions {
  std::string name;
  std::string file;
  bool json = false;
};

/// Turns the echo of a terminal off while it lives.
class Unseen {
 public:
  Unseen() : known_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  ~Unseen() {
    if (known_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool known_;
};

Result<std::string> read_value(const SecretOptions& options) {
  if (options.file.empty() && ::isatty(STDIN_FILENO) == 1) {
    standard_error().write("value of " + options.name + " (it is not shown): ");
    std::string line;
    {
      const Unseen unseen;
      std::getline(std::cin, line);
    }
    standard_error().write("\n");
    return read_secret_text(std::move(line), "standard input");
  }
  const std::string path = options.file.empty() ? "-" : options.file;
  CAIRN_TRY(auto text, read_text_file(path, k_secret_bytes + 2));
  return read_secret_text(std::move(text), options.file.empty() ? "standard input" : path);
}

Result<int> set(const SecretOptions& options, const Settings& settings) {
  if (!is_secret_store_name(options.name)) {
    return make_error(ErrorCode::invalid_usage, "a secret's name has 1 to 256 bytes of text", "NAME");
  }
  CAIRN_TRY(auto text, read_value(options));
  if (text.empty()) return make_error(ErrorCode::invalid_usage, "the value is empty", options.name);
  const auto folder = std::filesystem::path(secret_store_path(settings)).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return make_error(ErrorCode::io, error.message(), folder.string());
  auto stored = secret_store(settings).set(options.name, text);
  OPENSSL_cleanse(text.data(), text.size());
  CAIRN_TRY(std::move(stored));
  print_note("the store has " + options.name);
  return k_exit_ok;
}

Result<int> list(const SecretOptions& options, const Settings& settings) {
  CAIRN_TRY(const auto names, secret_store(settings).names());
  if (options.json) {
    Array items;
    for (const auto& name : names) items.push_back(Value::string(name));
    print_json(Value::array(std::move(items)));
    return k_exit_ok;
  }
  for (const auto& name : names) standard_output().write(name + "\n");
  return k_exit_ok;
}

/// Nothing to change where there is no store: its folder may be missing too.
Result<void> check_there_is_one(const Settings& settings) {
  if (stamp_of(secret_store_path(settings))) return success();
  return make_error(ErrorCode::not_found, "there is no store of secrets", secret_store_path(settings),
                    "Make one with: cairn secret set NAME");
}

Result<int> remove(const SecretOptions& options, const Settings& settings) {
  CAIRN_TRY(check_there_is_one(settings));
  CAIRN_TRY(secret_store(settings).remove(options.name));
  print_note(options.name + " is removed");
  return k_exit_ok;
}

Result<int> rekey(const SecretOptions& options, const Settings& settings) {
  constexpr std::size_t k_key_file_bytes = 4'096;
  CAIRN_TRY(check_there_is_one(settings));
  CAIRN_TRY(const auto text, read_text_file(options.file, k_key_file_bytes));
  CAIRN_TRY(const auto key, SecretKey::parse(text, options.file));
  CAIRN_TRY(secret_store(settings).rekey(key));
  print_note("the store has the new key; name it as secrets.keyFile or CAIRN_SECRETS_KEY from now on");
  return k_exit_ok;
}

Result<int> make_key(const SecretOptions& options) {
  CAIRN_TRY(replace_file(options.file, SecretKey::make().text() + "\n", true));
  print_note("the key is in " + options.file + "; without it, nobody can read what is stored under it");
  return k_exit_ok;
}

using Action = Result<int> (*)(const SecretOptions&, const Settings&);

CLI::App* add(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
              const std::shared_ptr<SecretOptions>& options, Action action, const std::string& example) {
  auto* command = parent.add_subcommand(name, help);
  add_data_option(*command, line);
  add_example(*command, example);
  command->callback([options, action, &line] {
    line.action = [options, action](const Settings& settings) { return action(*options, settings); };
  });
  return command;
}

}  // namespace

void add_secret_command(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("secret", "The encrypted store of secrets");
  command->require_subcommand(1);
  add_example(*command, "cairn secret key secrets.key && cairn secret set crm-token < token.txt");
  const auto options = std::make_shared<SecretOptions>();

  auto* setting = add(*command, line, "set", "Store a secret; its value is read from standard input", options, set,
                      "printf %s \"$TOKEN\" | cairn secret set crm-token");
  setting->add_option("NAME", options->name, "Its name, as in use.secrets")->required();
  setting->add_option("--from-file", options->file, "Read the value from a file instead")->type_name("FILE");

  auto* listing = add(*command, line, "list", "The names of the stored secrets", options, list, "cairn secret list");
  listing->add_flag("--json", options->json, "As a JSON array");

  auto* removing =
      add(*command, line, "rm", "Remove a secret from the store", options, remove, "cairn secret rm crm-token");
  removing->add_option("NAME", options->name, "Its name")->required();

  auto* changing = add(*command, line, "rekey", "Encrypt the store anew, under another key", options, rekey,
                       "cairn secret key new.key && cairn secret rekey --new-key-file new.key");
  changing->add_option("--new-key-file", options->file, "The new key")->type_name("FILE")->required();

  auto* making = add(
      *command, line, "key", "Make a key, in a file of its own", options,
      [](const SecretOptions& chosen, const Settings&) { return make_key(chosen); }, "cairn secret key secrets.key");
  making->add_option("FILE", options->file, "Where to; nothing is overwritten")->required();
}

}  // namespace cairn
