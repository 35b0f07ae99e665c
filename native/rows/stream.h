// Message headers of a COPY stream -> rows.
#ifndef GPUPARSER_ROWS_STREAM_H
#define GPUPARSER_ROWS_STREAM_H

#include <mutex>
#include <optional>

#include "base/fault.h"
#include "rows/rows.h"

namespace gp {

class Stream {
 public:
  void reset();
  // Throws Fault (GP_PROTOCOL, GP_USAGE).
  void scan(const uint8_t* slot, int64_t from, int64_t to, gp_scan& out);
  // Those found so far are what the next take gives, while scanning goes on in another slot, maybe on another thread.
  void setAside();
  // The rows that were set aside, or else those found since the last take.
  RowSet take();
  // Offers the memory of used rows for the next ones.
  void recycle(RowSet rows);

 private:
  uint64_t copyHeader(const uint8_t* slot, uint64_t at, uint64_t end);

  RowSet rows_;
  int64_t total_ = 0;
  bool begun_ = false;  // the COPY header has been read
  bool trailer_ = false;

  RowSet freshRows();

  std::mutex mutex_;  // over what two threads hand each other
  std::optional<RowSet> aside_;
  RowSet spare_;
};

}  // namespace gp

#endif
