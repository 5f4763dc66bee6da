#include "connectors/secrets/sources.h"

#include "connectors/secrets/files.h"
#include "connectors/secrets/secret_text.h"
#include "workflows/value/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace cairn {

namespace {

namespace fs = std::filesystem;

class EnvironmentSecrets final : public SecretSource {
 public:
  explicit EnvironmentSecrets(Value secrets) : secrets_(std::move(secrets)) {}

  Result<std::optional<Value>> find(const std::string& name) override {
    if (const Value* found = secrets_.find(name)) return std::optional<Value>(*found);
    if (const Value* found = secrets_.find(variable_form(name))) return std::optional<Value>(*found);
    return std::optional<Value>();
  }
  [[nodiscard]] std::string how_to_give(const std::string& name) const override {
    return fmt::format("in {}{}", k_secret_variable_prefix, variable_form(name));
  }

 private:
  Value secrets_;
};

class FolderSecrets final : public SecretSource {
 public:
  explicit FolderSecrets(std::string folder) : folder_(std::move(folder)) {}

  Result<std::optional<Value>> find(const std::string& name) override {
    std::error_code error;
    if (!fs::is_directory(folder_, error)) {
      return make_error(ErrorCode::invalid_configuration, "the folder of the secrets is not there", folder_,
                        "Create it, or correct secrets.folder");
    }
    if (!is_file_name(name)) return std::optional<Value>();
    const std::string path = folder_ + "/" + name;
    if (fs::is_directory(path, error)) return find_below(path);
    CAIRN_TRY(auto text, read(path));
    if (!text) return std::optional<Value>();
    return std::optional<Value>(secret_of_text(*text));
  }
  [[nodiscard]] std::string how_to_give(const std::string& name) const override {
    return is_file_name(name) ? fmt::format("in the file {}/{}", folder_, name)
                              : std::string("by another name in a file");
  }

 private:
  static bool is_file_name(const std::string& name) {
    return is_secret_store_name(name) && name.front() != '.' && name.find('/') == std::string::npos;
  }

  static Result<std::optional<std::string>> read(const std::string& path) {
    CAIRN_TRY(auto file, read_small_file(path, k_secret_bytes + 2));
    if (!file) return std::optional<std::string>();
    CAIRN_TRY(auto text, read_secret_text(std::move(file->text), path));
    return std::optional<std::string>(std::move(text));
  }

  static Result<std::optional<Value>> find_below(const std::string& path) {
    constexpr std::size_t k_most_members = 256;
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (is_file_name(name) && is_valid_utf8(name)) names.push_back(std::move(name));
      if (names.size() > k_most_members) {
        return make_error(ErrorCode::limit_exceeded, fmt::format("it holds more than {} files", k_most_members), path);
      }
    }
    if (error) return make_error(ErrorCode::io, error.message(), path);
    std::ranges::sort(names);
    std::vector<Member> members;
    for (const auto& name : names) {
      CAIRN_TRY(auto text, read(path + "/" + name));
      if (text) members.push_back({name, Value::string(*std::move(text))});
    }
    return std::optional<Value>(Value::object(std::move(members)));
  }

  std::string folder_;
};

class Chain final : public SecretSource {
 public:
  explicit Chain(std::vector<std::unique_ptr<SecretSource>> sources) : sources_(std::move(sources)) {}

  Result<std::optional<Value>> find(const std::string& name) override {
    for (const auto& source : sources_) {
      CAIRN_TRY(auto found, source->find(name));
      if (found) return found;
    }
    return std::optional<Value>();
  }
  [[nodiscard]] std::string how_to_give(const std::string& name) const override {
    std::string ways;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (i > 0) ways += i + 1 == sources_.size() ? " or " : ", ";
      ways += sources_[i]->how_to_give(name);
    }
    return ways;
  }

 private:
  std::vector<std::unique_ptr<SecretSource>> sources_;
};

}  // namespace

Value secrets_of_environment(const std::vector<std::string>& variables) {
  std::vector<Member> members;
  for (const auto& entry : variables) {
    const auto split = entry.find('=');
    if (!entry.starts_with(k_secret_variable_prefix) || split == std::string::npos) continue;
    if (split == k_secret_variable_prefix.size() || !is_valid_utf8(entry)) continue;
    members.push_back({entry.substr(k_secret_variable_prefix.size(), split - k_secret_variable_prefix.size()),
                       secret_of_text(entry.substr(split + 1))});
  }
  return Value::object(std::move(members));
}

std::unique_ptr<SecretSource> make_environment_secrets(Value secrets) {
  return std::make_unique<EnvironmentSecrets>(std::move(secrets));
}

std::unique_ptr<SecretSource> make_folder_secrets(std::string folder) {
  return std::make_unique<FolderSecrets>(std::move(folder));
}

std::unique_ptr<SecretSource> chain(std::vector<std::unique_ptr<SecretSource>> sources) {
  return std::make_unique<Chain>(std::move(sources));
}

}  // namespace cairn
