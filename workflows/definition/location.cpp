#include "workflows/definition/location.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace cairn {

namespace {

constexpr std::string_view k_github = "https://github.com/";
constexpr std::string_view k_gitlab = "https://gitlab.com/";
constexpr std::string_view k_function_file = "function.yaml";

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return segments;
}

std::string joined(const std::vector<std::string_view>& segments, std::size_t from) {
  std::string path;
  for (std::size_t i = from; i < segments.size(); ++i) path += "/" + std::string(segments[i]);
  return path;
}

bool is_commit(std::string_view text) {
  return text.size() == 40 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// github.com/OWNER/REPOSITORY[/tree|blob/REF[/PATH]] → the raw content below it.
std::string github_raw(std::string_view path, std::string_view whole) {
  const auto segments = segments_of(path);
  if (segments.size() < 2) return std::string(whole);
  std::string repository(segments[1]);
  if (repository.ends_with(".git")) repository.resize(repository.size() - 4);
  const std::string root = fmt::format("https://raw.githubusercontent.com/{}/{}", segments[0], repository);
  if (segments.size() == 2) return root + "/HEAD";
  const bool page = segments[2] == "tree" || segments[2] == "blob";
  if (page && segments.size() > 3) {
    const std::string ref = is_commit(segments[3]) || segments[3] == "refs" || segments[3] == "HEAD"
                                ? std::string(segments[3])
                                : "refs/heads/" + std::string(segments[3]);
    return root + "/" + ref + joined(segments, 4);
  }
  // A folder of the default branch, as `OWNER/REPOSITORY/functions/…` has it.
  return segments[2] == "raw" ? std::string(whole) : root + "/HEAD" + joined(segments, 2);
}

/// HOST/GROUP/PROJECT/-/tree|blob/REF[/PATH] → …/-/raw/REF…
std::string gitlab_raw(std::string_view whole) {
  for (const std::string_view page : {"/-/tree/", "/-/blob/"}) {
    const std::size_t at = whole.find(page);
    if (at == std::string_view::npos) continue;
    return fmt::format("{}/-/raw/{}", whole.substr(0, at), whole.substr(at + page.size()));
  }
  if (!whole.starts_with(k_gitlab) || whole.find("/-/raw/") != std::string_view::npos) return std::string(whole);
  // The project's own page; a function's folder below it is told from a group by the catalog's structure.
  const std::size_t below = whole.find("/functions/");
  if (below == std::string_view::npos) return std::string(whole);
  return fmt::format("{}/-/raw/HEAD{}", whole.substr(0, below), whole.substr(below));
}

/// The path with `.` and `..` taken out; nothing when it leads above its root.
std::optional<std::string> without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto segment : segments_of(path)) {
    if (segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (kept.empty()) {
      return std::nullopt;
    } else {
      kept.pop_back();
    }
  }
  std::string result = joined(kept, 0);
  if (!path.starts_with('/') && !result.empty()) result.erase(0, 1);
  return result;
}

}  // namespace

std::string scheme_of(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  std::string scheme(uri.substr(0, colon));
  for (char& c : scheme) {
    if (!is_alphanumeric(c) && c != '+' && c != '-' && c != '.') return {};
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return scheme;
}

Result<std::string> resolve_reference(std::string_view base, std::string_view reference) {
  const auto refuse = [&](std::string why) {
    return make_error(ErrorCode::invalid_definition, fmt::format("'{}' {}", reference, why));
  };
  const std::string from = scheme_of(base);
  const std::string to = scheme_of(reference);
  const bool remote = from == "http" || from == "https";
  if (!to.empty()) {
    if (to == "http" || to == "https") return std::string(reference);
    if (to != "file") return refuse("cannot be fetched: it takes http, https or file");
    if (remote || from == k_default_catalog_scheme) {
      return refuse(fmt::format("is a file here, and {} comes from elsewhere", base));
    }
    return std::string(reference);
  }
  if (base.empty()) return std::string(reference);
  // The root of what `base` is in: the host, the default catalog, or the file system.
  std::size_t root = from.size() + 1;
  if (base.substr(root).starts_with("//")) {
    const std::size_t slash = base.find('/', root + 2);
    root = slash == std::string_view::npos ? base.size() : slash;
  } else if (from.empty()) {
    root = 0;
  }
  const std::string_view path = base.substr(root);
  const bool absolute = reference.starts_with('/');
  if (from.empty() && absolute) return std::string(reference);
  const std::string folder(path.substr(0, path.rfind('/') + 1));
  const auto resolved = without_dots(absolute ? std::string(reference) : folder + std::string(reference));
  if (!resolved) {
    if (from.empty()) return folder + std::string(reference);  // above the definition's folder
    return refuse(fmt::format("leads out of where {} is", base));
  }
  return std::string(base.substr(0, root)) + *resolved;
}

std::string raw_uri(std::string_view uri) {
  if (uri.starts_with(k_github)) return github_raw(uri.substr(k_github.size()), uri);
  return gitlab_raw(uri);
}

std::string cataloged_function_uri(std::string_view root, std::string_view name, std::string_view version) {
  while (root.ends_with('/')) root.remove_suffix(1);
  const std::string separator = root.empty() || root.ends_with(':') ? "" : "/";
  return raw_uri(fmt::format("{}{}functions/{}/{}/{}", root, separator, name, version, k_function_file));
}

std::string custom_function_uri(std::string_view uri) {
  const auto is_file = [](std::string_view path) {
    return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
  };
  if (uri.starts_with(k_github)) {
    std::string_view path = uri.substr(k_github.size());
    const std::size_t at = path.rfind('@');
    const auto segments = segments_of(path.substr(0, at));
    if (at != std::string_view::npos && segments.size() >= 2) {
      std::string raw = fmt::format("https://raw.githubusercontent.com/{}/{}/{}{}", segments[0], segments[1],
                                    path.substr(at + 1), joined(segments, 2));
      return is_file(raw) ? raw : raw + "/" + std::string(k_function_file);
    }
  }
  const std::string raw = raw_uri(uri);
  if (raw == uri || is_file(raw)) return raw;
  return raw + (raw.ends_with('/') ? "" : "/") + std::string(k_function_file);
}

bool is_relative_reference(std::string_view text) {
  return !text.empty() && scheme_of(text).empty() && text.find('{') == std::string_view::npos;
}

std::optional<CatalogedName> parse_cataloged_name(std::string_view text) {
  CatalogedName parsed;
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    parsed.catalog = text.substr(at + 1);
    if (parsed.catalog.empty()) return std::nullopt;
    text = text.substr(0, at);
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  parsed.name = text.substr(0, colon);
  parsed.version = text.substr(colon + 1);
  // They become parts of a path.
  const auto sound = [](std::string_view part) {
    return !part.empty() && is_alphanumeric(part.front()) && std::all_of(part.begin(), part.end(), [](char c) {
      return is_alphanumeric(c) || c == '.' || c == '-' || c == '_' || c == '+';
    });
  };
  if (!sound(parsed.name) || !sound(parsed.version)) return std::nullopt;
  return parsed;
}

}  // namespace cairn
