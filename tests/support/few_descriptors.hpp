// Lets the process run out of file descriptors.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace triaged {

// While it lives, this process may open only a few files more than it has open.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t more) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    set(static_cast<rlim_t>(next) + more);
  }
  ~FewDescriptors() { lift(); }
  void lift() const { set(before_.rlim_cur); }

 private:
  void set(rlim_t number) const {
    const rlimit limit{number, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  rlimit before_{};
};

}  // namespace triaged
