#include "io/receiver.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace gp {
namespace {

// A backend sends 8 KiB at a time, and waking for each costs more than the bytes. After reads this short a thread rests, in which
// the kernel's buffers take what the backends send (some 200 KB in a millisecond each), unless the server is so fast that a
// buffer would be full long before.
constexpr int64_t kShortRead = 32 << 10;
constexpr double kFastBytesPerNs = 0.4;
constexpr auto kRest = std::chrono::microseconds(1000);

// A thread copies about 3 GB/s out of the kernel; a server with all of 16 cores sends 2.
constexpr unsigned kCoresPerThread = 8, kMostThreads = 4;

int64_t now() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

[[noreturn]] void refuse(const char* what) { throw Fault{GP_MEMORY, -1, -1, std::string(what) + ": " + std::strerror(errno)}; }

int checked(int descriptor, const char* what) {
  if (descriptor < 0) refuse(what);
  return descriptor;
}

}  // namespace

Receiver::Receiver(Stream& stream, int descriptor)
    : stream_(stream), descriptor_(checked(fcntl(descriptor, F_DUPFD_CLOEXEC, 0), "a socket cannot be duplicated")) {}

Receiver::~Receiver() { close(descriptor_); }

void Receiver::stop() { shutdown(descriptor_, SHUT_RDWR); }

void Receiver::begin(const Read& read) {
  const std::lock_guard guard(mutex_);
  reading_ = true;
  next_.reset();
  read_ = read;
  fault_ = {};
  *read.out = {};
  read.out->end = read.from;
  read.out->filled = read.filled;
}

bool Receiver::offer(const Read& next) {
  const std::lock_guard guard(mutex_);
  if (reading_) next_ = next;
  return reading_;
}

bool Receiver::proceed(const Post& post) {
  while (true) {
    const Walk walked = walk();
    if (walked == Walk::kMore) return false;
    if (walked == Walk::kDone || !move(post)) return true;
  }
}

// Updates what the caller sees. kDone: it is the caller's turn, also with an error; kFull: it is unless there is another slot.
Receiver::Walk Receiver::walk() {
  gp_received& out = *read_.out;
  gp_scan scan;
  try {
    stream_.scan(read_.slot, out.end, out.filled, scan);
  } catch (Fault& fault) {
    fault_ = std::move(fault);
    return Walk::kDone;
  }
  out.rows += scan.rows;
  out.end = scan.end;
  out.need = scan.need;
  out.stop = scan.stop;
  const bool whole = scan.need > 0 && scan.end + scan.need <= out.filled;
  if (scan.stop != 0 && whole) return Walk::kDone;
  return scan.end + scan.need > read_.capacity || read_.capacity - out.filled < read_.least ? Walk::kFull : Walk::kMore;
}

// Goes on in the next slot, where there is one with room for the message that has begun.
bool Receiver::move(const Post& post) {
  const gp_received& from = *read_.out;
  const int64_t unfinished = from.filled - from.end;
  Read next;
  {
    const std::lock_guard guard(mutex_);
    if (!next_ || std::max(from.need, unfinished + 1) + next_->least > next_->capacity) return false;
    next = *next_;
    next_.reset();
  }
  std::memcpy(next.slot, read_.slot + from.end, static_cast<size_t>(unfinished));
  *next.out = {};
  next.out->filled = unfinished;
  stream_.setAside();
  const Read left = std::exchange(read_, next);
  left.out->moved = 1;
  gp_event event{};
  event.type = GP_EVENT_READ;
  event.id = left.id;
  post(event);  // from here on the slot that was left is the caller's
  return true;
}

void Receiver::end(const Post& post) {
  {
    const std::lock_guard guard(mutex_);
    reading_ = false;
    next_.reset();
  }
  gp_event event{};
  event.type = GP_EVENT_READ;
  event.code = fault_.code;
  event.id = read_.id;
  post(event);  // from here on the receiver is the caller's again
}

bool Receiver::take(const Post& post, bool& dry) {
  {
    const std::lock_guard guard(mutex_);
  }  // sees what begin wrote, on whichever thread
  gp_received& out = *read_.out;
  const int64_t room = read_.capacity - out.filled;
  const ssize_t got = recv(descriptor_, read_.slot + out.filled, static_cast<size_t>(room), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
  if (got <= 0) {
    out.ended = 1;
    return true;
  }
  const int64_t time = now();
  dry = dry && got < kShortRead && got < room && static_cast<double>(got) < kFastBytesPerNs * static_cast<double>(time - lastNs_);
  lastNs_ = time;
  out.filled += got;
  return proceed(post);
}

ReceiverThread::ReceiverThread(const Post& post)
    : post_(post), poll_(checked(epoll_create1(EPOLL_CLOEXEC), "sockets cannot be polled")),
      wake_(checked(eventfd(0, EFD_CLOEXEC), "a thread cannot be woken")) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (epoll_ctl(poll_, EPOLL_CTL_ADD, wake_, &event) != 0) refuse("sockets cannot be polled");
  thread_ = std::thread([this] { run(); });
}

ReceiverThread::~ReceiverThread() {
  closing_ = true;
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
  close(poll_);
}

void ReceiverThread::remove(Receiver& receiver) {
  if (receiver.known_) epoll_ctl(poll_, EPOLL_CTL_DEL, receiver.descriptor_, nullptr);
}

// For one event. Between reads nothing is armed, so that not even a lost connection wakes the thread.
void ReceiverThread::arm(Receiver& receiver) {
  const std::lock_guard guard(receiver.mutex_);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.ptr = &receiver;
  const int operation = receiver.known_ ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  receiver.known_ = true;
  if (epoll_ctl(poll_, operation, receiver.descriptor_, &event) != 0) refuse("a socket cannot be polled");
}

void ReceiverThread::read(Receiver& receiver, const Receiver::Read& read) {
  receiver.begin(read);
  // What is there already may end the read: no more bytes need ever come.
  if (read.filled > read.from && receiver.proceed(post_)) receiver.end(post_);
  else arm(receiver);
}

void ReceiverThread::run() {
  epoll_event events[64];
  while (true) {
    const int count = epoll_wait(poll_, events, 64, -1);
    if (closing_) return;
    bool dry = count > 0;
    for (int i = 0; i < count; i++) {
      auto* receiver = static_cast<Receiver*>(events[i].data.ptr);
      if (!receiver->take(post_, dry)) {
        arm(*receiver);
        continue;
      }
      dry = false;  // its next read comes at once
      receiver->end(post_);
    }
    if (dry) std::this_thread::sleep_for(kRest);
  }
}

ReceiverThread& Receivers::next() {
  const std::lock_guard guard(mutex_);
  const size_t most = std::clamp(std::thread::hardware_concurrency() / kCoresPerThread, 1u, kMostThreads);
  if (threads_.size() < most) {
    threads_.push_back(std::make_unique<ReceiverThread>(post_));
    return *threads_.back();
  }
  return *threads_[turn_++ % threads_.size()];
}

}  // namespace gp
