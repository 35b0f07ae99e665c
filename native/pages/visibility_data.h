// What visibility is decided by, owned: a snapshot, files of pg_xact and what the server answered. It grows while batches read it:
// each of them keeps the state that it was given.
#ifndef GPUPARSER_PAGES_VISIBILITY_DATA_H
#define GPUPARSER_PAGES_VISIBILITY_DATA_H

#include <memory>
#include <mutex>
#include <vector>

#include "pages/visibility.h"

namespace gp {

// One state, which never changes.
struct VisibilityState {
  Xid xmin, xmax;
  bool overflowed;
  std::vector<Xid> running;
  std::vector<std::shared_ptr<const std::vector<uint8_t>>> owned;  // what files point to
  std::vector<XactFile> files;
  std::vector<Answer> xids, multis;

  Visibility view() const;
};

class VisibilityData {
 public:
  VisibilityData(Xid xmin, Xid xmax, std::vector<Xid> running, bool overflowed);
  void file(uint32_t number, std::vector<uint8_t> bytes);
  void answer(const gp_asked* answers, size_t count);
  std::shared_ptr<const VisibilityState> now();

 private:
  std::mutex mutex_;
  std::shared_ptr<const VisibilityState> state_;
};

}  // namespace gp

#endif
