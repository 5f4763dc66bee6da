#include "connectors/process/spawn.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

namespace cairn {

namespace {

Error system_error(const std::string& what) {
  return make_error(ErrorCode::io, what + ": " + std::generic_category().message(errno));
}

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

// Above the three standard descriptors, so that the child's dup2 never meets its own source (we may run without stdin).
Result<FileDescriptor> lift(int fd) {
  if (fd > STDERR_FILENO) return FileDescriptor(fd);
  const FileDescriptor low(fd);
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (high < 0) return system_error("no file descriptor for a child process");
  return FileDescriptor(high);
}

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error("no pipe for a child process");
  auto read = lift(ends[0]);
  auto write = lift(ends[1]);
  if (!read) return read.error();
  if (!write) return write.error();
  return Pipe{std::move(read).value(), std::move(write).value()};
}

// Pointers as execve wants them; the strings stay the caller's.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));  // execve promises not to write
  result.push_back(nullptr);
  return result;
}

struct ChildSide {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int input, output, error, exec_error;
  pid_t parent;
};

// Runs between fork and exec of a process with threads: system calls only, no memory, no locks.
[[noreturn]] void become_child(const ChildSide& side) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != side.parent) _exit(127);  // the parent died before prctl
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  int failure = 0;
  if (dup2(side.input, STDIN_FILENO) < 0 || dup2(side.output, STDOUT_FILENO) < 0 ||
      dup2(side.error, STDERR_FILENO) < 0) {
    failure = errno;
  }
  // Whatever a library has opened without close-on-exec stays ours. Older kernels lack the call; then ours all have the
  // flag.
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
  if (failure == 0) {
    execve(side.program, side.arguments, side.environment);
    failure = errno;
  }
  const auto written = write(side.exec_error, &failure, sizeof failure);
  _exit(written == sizeof failure ? 127 : 126);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

Result<Spawned> spawn(const SpawnRequest& request) {
  CAIRN_TRY(auto output, make_pipe());
  CAIRN_TRY(auto error, make_pipe());
  CAIRN_TRY(auto exec_error, make_pipe());
  Pipe input;
  if (request.with_stdin) {
    CAIRN_TRY(input, make_pipe());
  } else {
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0) return system_error("/dev/null");
    CAIRN_TRY(input.read, lift(nothing));
  }
  const auto arguments = pointers(request.arguments);
  const auto environment = pointers(request.environment);
  const ChildSide side{request.program.c_str(), arguments.data(),  environment.data(),     input.read.get(),
                       output.write.get(),      error.write.get(), exec_error.write.get(), getpid()};

  // No handler of ours may run in the child before its dispositions are reset.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) become_child(side);
  const int fork_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    errno = fork_error;
    return system_error("no process");
  }
  setpgid(pid, pid);  // so that the group exists for us at once; fails harmlessly when the child was faster

  Spawned spawned;
  spawned.pid = pid;
  spawned.exit = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (spawned.exit.get() < 0) {
    const Error failure = system_error("pidfd_open (Linux 5.3 or newer is needed)");
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return failure;
  }
  spawned.input = std::move(input.write);
  spawned.output = std::move(output.read);
  spawned.error = std::move(error.read);
  spawned.exec_error = std::move(exec_error.read);
  return spawned;
}

std::optional<std::string> find_program(const std::string& name, const std::vector<std::string>& environment) {
  std::string_view path;
  for (const std::string_view variable : environment) {
    if (variable.starts_with("PATH=")) path = variable.substr(5);
  }
  while (!path.empty()) {
    const auto end = std::min(path.find(':'), path.size());
    std::string candidate = std::string(path.substr(0, end)) + "/" + name;
    path.remove_prefix(std::min(end + 1, path.size()));
    struct stat status{};
    if (candidate.front() == '/' && stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return std::nullopt;
}

}  // namespace cairn
