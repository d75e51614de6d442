// Files given together are one story: merges what is found in many files into one sequence by time, whatever order the
// files were named in. Worker threads read ahead, a bounded number of batches a file; the merge takes the earliest
// head. Ties are broken by file name and place, so the result does not depend on the threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.hpp"
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

  /// How well each log was understood. REQUIRES: next() gave nullopt.
  [[nodiscard]] std::vector<LogReading> readings() const;

 private:
  /// What the merging thread has of a file.
  struct Reader {
    std::unique_ptr<FindingStream> stream;  // of the worker that has the file
    std::vector<Finding> head;
    std::size_t at = 0;  // in head
  };
  /// What has been read of it beyond that.
  struct Ahead {
    std::deque<std::vector<Finding>> batches;  // none is empty
    bool is_busy = false;                      // a worker has the file
    bool is_done = false;
  };

  void work();
  /// The index of the file that has least ahead and room for more; nullopt when there is none now.
  [[nodiscard]] std::optional<std::size_t> pick() const TRIAGED_REQUIRES(mutex_);
  [[nodiscard]] bool fill(std::size_t index);

  std::vector<Reader> readers_;  // as many for the whole time
  mutable Mutex mutex_;
  std::vector<Ahead> ahead_ TRIAGED_GUARDED_BY(mutex_);  // of each reader
  std::condition_variable read_, taken_;
  std::vector<std::string> failures_ TRIAGED_GUARDED_BY(mutex_);
  bool is_stopping_ TRIAGED_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace triaged::scan
