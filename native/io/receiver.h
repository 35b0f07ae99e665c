// Sockets read straight into slots, on threads of their own: what one JavaScript thread cannot drain, these can.
#ifndef GPUPARSER_IO_RECEIVER_H
#define GPUPARSER_IO_RECEIVER_H

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/fault.h"
#include "rows/stream.h"

namespace gp {

using Post = std::function<void(const gp_event&)>;

// One connection. A read fills a stretch of a slot and walks its messages; one read at a time, and one that is to follow it.
class Receiver {
 public:
  // descriptor is duplicated: the caller may close its own while a read goes on.
  Receiver(Stream& stream, int descriptor);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  struct Read {
    uint8_t* slot = nullptr;
    int64_t from = 0;  // messages before this have been walked
    int64_t filled = 0;
    int64_t capacity = 0;
    int64_t least = 0;  // with less room than this the read ends
    gp_received* out = nullptr;
    int64_t id = 0;
  };

  // Where to go on when the slot that is being read has no more room. False where no read goes on.
  bool offer(const Read& next);

  // Ends a read that is going on, and the connection.
  void stop();
  void status(gp_status* status) const { writeStatus(fault_, status); }

 private:
  friend class ReceiverThread;

  enum class Walk { kMore, kFull, kDone };

  void begin(const Read& read);
  // What recv gave, or that it would have waited; true when the read has ended.
  bool take(const Post& post, bool& dry);
  // Walks what is there, from slot to slot; true when the read has ended.
  bool proceed(const Post& post);
  Walk walk();
  bool move(const Post& post);
  void end(const Post& post);

  Stream& stream_;
  const int descriptor_;
  Read read_;
  bool known_ = false;  // to epoll
  Fault fault_;
  int64_t lastNs_ = 0;  // when the last bytes came

  std::mutex mutex_;  // over what two threads hand each other
  bool reading_ = false;
  std::optional<Read> next_;
};

// A thread and the connections it reads.
class ReceiverThread {
 public:
  explicit ReceiverThread(const Post& post);
  ~ReceiverThread();

  void remove(Receiver& receiver);
  void read(Receiver& receiver, const Receiver::Read& read);

 private:
  void run();
  void arm(Receiver& receiver);

  const Post& post_;
  const int poll_;
  const int wake_;
  std::atomic<bool> closing_{false};
  std::thread thread_;
};

// The threads of an engine, started when the first connection comes.
class Receivers {
 public:
  explicit Receivers(Post post) : post_(std::move(post)) {}
  // The thread for one more connection.
  ReceiverThread& next();

 private:
  const Post post_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<ReceiverThread>> threads_;
  size_t turn_ = 0;
};

}  // namespace gp

#endif
