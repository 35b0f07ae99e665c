// What a server can give at best: connections that read a binary COPY of one table's even shares and throw the bytes away.
// usage: drain SOCKET_FOLDER PORT USER DATABASE TABLE PAGES CONNECTIONS     Prints {"seconds", "cpuSeconds", "bytes"}.
// Speaks to servers that trust the user; anything else is an error.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr size_t kBuffer = 1 << 20;

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "drain: %s\n", message.c_str());
  std::exit(1);
}

void putLength(std::string& message, size_t at) {
  const auto length = static_cast<uint32_t>(message.size() - at);
  for (int i = 0; i < 4; i++) message[at + static_cast<size_t>(i)] = static_cast<char>(length >> (24 - 8 * i));
}

class Connection {
 public:
  Connection(const std::string& folder, const std::string& port, const std::string& user, const std::string& database) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder + "/.s.PGSQL." + port;
    if (path.size() >= sizeof address.sun_path) die("the socket's path is too long");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("cannot connect to " + path);
    std::string startup("\0\0\0\0\0\3\0\0", 8);
    for (const std::string& text : {std::string("user"), user, std::string("database"), database}) startup += text + '\0';
    startup += '\0';
    putLength(startup, 0);
    send(startup);
    readUntilReady();
  }
  ~Connection() { close(socket_); }

  uint64_t query(const std::string& sql) {
    std::string message("Q\0\0\0\0", 5);
    message += sql + '\0';
    putLength(message, 1);
    send(message);
    return readUntilReady();
  }

 private:
  void send(const std::string& bytes) {
    if (write(socket_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) die("cannot write");
  }

  // Skips messages until ReadyForQuery; returns the bytes that were read.
  uint64_t readUntilReady() {
    uint64_t total = 0, skip = 0;
    size_t held = 0;  // of a header that was cut
    uint8_t header[5];
    while (true) {
      const ssize_t got = read(socket_, buffer_.data(), kBuffer);
      if (got <= 0) die("the server closed the connection");
      total += static_cast<uint64_t>(got);
      const uint8_t* p = buffer_.data();
      const uint8_t* const end = p + got;
      while (p < end) {
        if (skip > 0) {
          const uint64_t here = std::min<uint64_t>(skip, static_cast<uint64_t>(end - p));
          p += here;
          skip -= here;
          if (skip == 0 && ready_) {
            ready_ = false;
            return total;
          }
          continue;
        }
        header[held++] = *p++;
        if (held < 5) continue;
        held = 0;
        skip = (uint64_t{header[1]} << 24 | uint64_t{header[2]} << 16 | uint64_t{header[3]} << 8 | header[4]) - 4;
        if (header[0] == 'E') die("the server reports an error");
        if (header[0] == 'R' && skip > 4) die("the server asks for a password");
        ready_ = header[0] == 'Z';
      }
    }
  }

  int socket_;
  bool ready_ = false;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(kBuffer);
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) die("usage: drain SOCKET_FOLDER PORT USER DATABASE TABLE PAGES CONNECTIONS");
  const std::string table = argv[5];
  const long pages = std::atol(argv[6]);
  const int count = std::atoi(argv[7]);
  std::vector<uint64_t> bytes(static_cast<size_t>(count));
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < count; i++) {
    threads.emplace_back([&, i] {
      Connection connection(argv[1], argv[2], argv[3], argv[4]);
      const std::string from = "ctid >= '(" + std::to_string(pages * i / count) + ",0)'";
      const std::string to = i + 1 == count ? "" : " AND ctid < '(" + std::to_string(pages * (i + 1) / count) + ",0)'";
      bytes[static_cast<size_t>(i)] =
          connection.query("COPY (SELECT * FROM " + table + " WHERE " + from + to + ") TO STDOUT (FORMAT binary)");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  uint64_t total = 0;
  for (uint64_t b : bytes) total += b;
  std::printf("{\"seconds\":%.3f,\"cpuSeconds\":%.2f,\"bytes\":%llu}\n", seconds, cpu, static_cast<unsigned long long>(total));
}
