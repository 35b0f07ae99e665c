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
    const gp_engine_options options{1, 0, nullptr};
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

TEST("a read goes on in the slots that are offered, and every row is where it was") {
  for (unsigned seed = 1; seed <= 40; seed++) {
    Connection c;
    std::minstd_rand random(seed);
    const auto below = [&](size_t limit) { return static_cast<size_t>(random()) % limit; };
    std::vector<std::string> texts;
    std::vector<std::vector<Field>> all;
    for (int i = 0; i < 3000; i++) {
      texts.emplace_back(below(700), static_cast<char>('a' + i % 26));
      all.push_back({texts.back()});
    }
    const std::string bytes = copyStream(all) + message('c', "");
    std::jthread sender([&, seed] {
      std::minstd_rand pieces(seed);
      for (size_t at = 0; at < bytes.size();) {
        const size_t piece = std::min<size_t>(1 + pieces() % 30000, bytes.size() - at);
        c.send(bytes.substr(at, piece));
        at += piece;
        usleep(50);  // a read goes on for a while
      }
    });

    // Slots are never used twice here: the engine has them until the end.
    std::vector<std::vector<char>> slots;
    const auto fresh = [&]() -> std::vector<char>& { return slots.emplace_back(30000 + below(60000)); };
    slots.reserve(3000);
    gp_column text = column(GP_TEXT, true);
    text.name = "text";
    gp_writer_options writer{};
    writer.created_by = "test";
    gp_schema* schema;
    gp_batch* batch;
    gp_schema_open(c.engine, &text, 1, &writer, &schema, &c.status);
    gp_batch_open(schema, 1 << 30, &batch, &c.status);
    int32_t appended = 0, moves = 0, taken = 0;
    std::string image;
    // The event of a read, or of the batch, whose image it copies.
    const auto await = [&](int type) {
      while (true) {
        gp_event event{};
        int32_t count = 0;
        holds(gp_wait(c.engine, &event, 1, 20000, &count, &c.status) == GP_OK && count == 1, "an event within 20 s");
        expect(event.code, static_cast<int>(GP_OK), "code");
        if (event.type != GP_EVENT_SLOT) {
          expect(event.type, type, "type");
          if (event.image != nullptr) image.assign(static_cast<const char*>(event.image), static_cast<size_t>(event.bytes));
          gp_image_free(c.engine, event.image);
          return event.id;
        }
      }
    };

    const int64_t least = 1 + static_cast<int64_t>(below(3000));
    gp_received founds[2];
    std::vector<char>* slot = &fresh();
    std::vector<char>* next = nullptr;
    int current = 0;
    int64_t rows = 0;
    c.id = 1;
    gp_receiver_read(c.receiver, slot->data(), 0, 0, static_cast<int64_t>(slot->size()), least, &founds[0], c.id, &c.status);
    while (true) {
      if (taken == 0 && below(4) > 0) {
        next = &fresh();
        expect(gp_receiver_offer(c.receiver, next->data(), static_cast<int64_t>(next->size()), least, &founds[1 - current], c.id + 1,
                                 &taken, &c.status),
               static_cast<int>(GP_OK), "offer");
      }
      if (below(8) == 0) usleep(300);  // the receiver is ahead
      expect(await(GP_EVENT_READ), c.id, "id");
      const gp_received& found = founds[current];
      rows += found.rows;
      if (found.rows > 0) expect(gp_batch_append(batch, c.stream, slot->data(), ++appended, &c.status), static_cast<int>(GP_OK), "append");
      if (found.stop == 'c') break;
      if (found.moved) {
        holds(taken != 0, "only into a slot that was offered");
        moves++;
        current = 1 - current;
        slot = next;
        c.id++;
      } else {
        const int64_t unfinished = found.filled - found.end;
        std::vector<char>& target = fresh();
        std::memcpy(target.data(), slot->data() + found.end, static_cast<size_t>(unfinished));
        slot = &target;
        c.id += 2;
        gp_receiver_read(c.receiver, slot->data(), 0, unfinished, static_cast<int64_t>(slot->size()), least, &founds[current], c.id,
                         &c.status);
      }
      taken = 0;
    }
    sender.join();
    expect(rows, int64_t{3000}, "rows");
    holds(moves > 0, "some slots followed without the caller");
    gp_batch_finish(batch, &c.status);
    await(GP_EVENT_BATCH);
    gp_batch_close(batch);
    gp_schema_close(schema);
    const File file = readFile(image);
    for (size_t i = 0; i < texts.size(); i++) holds(file.columns[0].values[i] == texts[i], "every row, in order");
  }
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
