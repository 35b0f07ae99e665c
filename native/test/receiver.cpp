// Native reads of a socket: whatever the pieces it sends, rows and messages are found, and every read comes back once.
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "test/support/harness.h"
#include "test/support/run.h"

using namespace gp::test;

namespace {

struct Connection {
  Connection() {
    const gp_engine_options options{1, 0, 0, nullptr};
    gp_engine_open("cpu", &options, &engine, &status);
    gp_stream_open(engine, &stream, &status);
    holds(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "a pair of sockets");
    expect(gp_receiver_open(engine, stream, ends[0], &receiver, &status), static_cast<int>(GP_OK), "open");
    close(ends[0]);  // it has its own
  }
  ~Connection() {
    gp_receiver_close(receiver);
    gp_stream_close(stream);
    gp_engine_close(engine);
    if (ends[1] >= 0) close(ends[1]);
  }
  // All of it, or as much as a connection that ends takes.
  void send(const std::string& bytes) {
    for (size_t at = 0; at < bytes.size();) {
      const ssize_t sent = ::send(ends[1], bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (sent < 0) return;
      at += static_cast<size_t>(sent);
    }
  }
  void hangUp() { close(std::exchange(ends[1], -1)); }
  void begin(int64_t from, int64_t filled, int64_t least = 1) {
    expect(gp_receiver_read(receiver, slot.data(), from, filled, static_cast<int64_t>(slot.size()), least, &found, ++id, &status),
           static_cast<int>(GP_OK), "read");
  }
  gp_event end() {
    gp_event event{};
    int32_t count = 0;
    holds(gp_wait(engine, &event, 1, 20000, &count, &status) == GP_OK && count == 1, "an event within 20 s");
    expect(event.type, static_cast<int>(GP_EVENT_READ), "type");
    expect(event.id, id, "id");
    return event;
  }
  gp_engine* engine = nullptr;
  gp_stream* stream = nullptr;
  gp_receiver* receiver = nullptr;
  int ends[2] = {-1, -1};
  std::vector<char> slot = std::vector<char>(1 << 16);
  gp_received found{};
  gp_status status{};
  int64_t id = 0;
};

std::string rows(int count, size_t text) {
  std::vector<std::vector<Field>> all;
  for (int i = 0; i < count; i++) all.push_back({int4(i), std::string(text, 'x')});
  return copyStream(all);
}

}  // namespace

TEST("a read ends at a message that is not data, with everything before it counted") {
  Connection c;
  const std::string bytes = message('H', std::string("\1\0\1\0\1", 5)) + rows(100, 10) + message('c', "");
  c.begin(0, 0);
  std::jthread sender([&] {
    std::mt19937 random(1);
    for (size_t at = 0; at < bytes.size();) {
      const size_t piece = std::min<size_t>(1 + random() % 200, bytes.size() - at);
      c.send(bytes.substr(at, piece));
      at += piece;
    }
  });
  expect(c.end().code, static_cast<int>(GP_OK), "code");
  expect(c.found.stop, 'H', "stop");
  expect(c.found.rows, 0, "rows before H");
  c.begin(c.found.end + c.found.need, c.found.filled);
  c.end();
  sender.join();
  expect(c.found.stop, 'c', "stop");
  expect(c.found.rows, 100, "rows");
  expect(c.found.end, static_cast<int64_t>(bytes.size() - 5), "end");
}

TEST("a read ends when less room is left than asked for, and when the next message does not fit") {
  Connection c;
  const std::string bytes = rows(320, 100);
  c.send(bytes);
  c.begin(0, 0, 30000);
  c.end();
  holds(c.slot.size() - static_cast<size_t>(c.found.filled) < 30000, "little room is left");
  const int64_t before = c.found.rows;
  c.begin(c.found.end, c.found.filled);
  std::jthread sender([&] { c.send(message('d', std::string(100000, 'x'))); });
  const int64_t need = (c.end(), c.found.need), total = before + c.found.rows;
  gp_receiver_stop(c.receiver);
  sender.join();
  expect(total, int64_t{320}, "rows");
  expect(need, int64_t{100005}, "the message that does not fit");
}

TEST("a connection that ends, is stopped or sends nonsense ends its read") {
  {
    Connection c;
    c.begin(0, 0);
    c.send(rows(3, 5).substr(0, 60));
    c.hangUp();
    expect(c.end().code, static_cast<int>(GP_OK), "code");
    expect(c.found.ended, 1, "ended");
  }
  {
    Connection c;
    c.begin(0, 0);
    gp_receiver_stop(c.receiver);
    c.end();
    expect(c.found.ended, 1, "ended");
  }
  {
    Connection c;
    c.begin(0, 0);
    c.send(std::string("d\0\0\0\1", 5));
    expect(c.end().code, static_cast<int>(GP_PROTOCOL), "code");
    gp_receiver_status(c.receiver, &c.status);
    contains(c.status.message, "length");
  }
}

TEST("a read that begins before the end of what is there walks that first, and may end by it") {
  Connection c;
  const std::string bytes = message('H', std::string("\1\0\1\0\1", 5)) + rows(100, 10) + message('c', "");
  c.send(bytes);
  c.begin(0, 0);
  c.end();
  expect(c.found.filled, static_cast<int64_t>(bytes.size()), "all of it came at once");
  c.begin(c.found.end + c.found.need, c.found.filled);
  c.end();
  expect(c.found.stop, 'c', "stop");
  expect(c.found.rows, 100, "rows");
  std::memcpy(c.slot.data(), "d\0\0\0\1", 5);
  c.begin(0, 5);
  expect(c.end().code, static_cast<int>(GP_PROTOCOL), "code");
}

TEST("a connection may end between two reads") {
  Connection c;
  c.begin(0, 0);
  c.send(message('N', "hello"));
  c.end();
  c.hangUp();
  usleep(20000);
  c.begin(c.found.end + c.found.need, c.found.filled);
  c.end();
  expect(c.found.ended, 1, "ended");
}

TEST("many connections are read side by side") {
  std::vector<std::unique_ptr<Connection>> all;
  for (int i = 0; i < 20; i++) all.push_back(std::make_unique<Connection>());
  std::vector<std::jthread> senders;
  for (auto& c : all) {
    c->slot.resize(4 << 20);
    c->begin(0, 0);
    senders.emplace_back([&c] { c->send(rows(5000, 300) + message('c', "")); });
  }
  for (auto& c : all) {
    c->end();
    expect(c->found.rows, 5000, "rows");
    expect(c->found.stop, 'c', "stop");
  }
  for (std::jthread& sender : senders) sender.join();
}
