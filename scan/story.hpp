// Files given together are one story: merges what is found in many files into one sequence by time, whatever order the
// files were named in. Worker threads read ahead, a bounded number of batches a file; the merge takes the earliest
// head. Ties are broken by file name and place, so the result does not depend on the threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "scan/finding_stream.hpp"

namespace triaged::scan {

class Story {
 public:
  /// `streams` must be in an order that does not depend on how the files were named on the command line.
  Story(std::vector<std::unique_ptr<FindingStream>> streams, unsigned threads);
  ~Story();
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  /// The next finding of the story; nullopt at its end. Those without any time come last.
  [[nodiscard]] std::optional<Finding> next();

  /// Files that could not be read to their end, one message each; complete when next() gave nullopt.
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  struct Reader {
    std::unique_ptr<FindingStream> stream;
    std::deque<std::vector<Finding>> ahead;  // batches that are not empty; guarded by mutex_
    bool is_busy = false;                    // guarded by mutex_
    bool is_done = false;                    // guarded by mutex_
    std::vector<Finding> head;               // the merging thread's own
    std::size_t at = 0;                      // in head
  };

  void work();
  [[nodiscard]] Reader* pick();
  [[nodiscard]] bool fill(Reader& reader);

  std::vector<std::unique_ptr<Reader>> readers_;
  mutable std::mutex mutex_;
  std::condition_variable read_, taken_;
  std::vector<std::string> failures_;  // guarded by mutex_
  bool is_stopping_ = false;           // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace triaged::scan
