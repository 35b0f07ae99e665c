#include "test/support/heap.h"

#include <cstring>
#include <memory>

#include "pages/page.h"
#include "test/support/harness.h"

namespace gp::test {
namespace {

void check(int32_t code, const gp_status& status) {
  if (code != GP_OK) throw Failed(std::string("call failed: ") + status.message);
}

void put(std::string& page, size_t at, const std::string& bytes) { page.replace(at, bytes.size(), bytes); }

}  // namespace

std::string little(uint64_t value, int bytes) {
  const std::string sent = big(value, bytes);
  return {sent.rbegin(), sent.rend()};
}

std::string shortDatum(const std::string& bytes) { return std::string(1, static_cast<char>((bytes.size() + 1) << 1 | 1)) + bytes; }

std::string longDatum(const std::string& bytes, size_t at) {
  return std::string((4 - at % 4) % 4, '\0') + little((bytes.size() + 4) << 2, 4) + bytes;
}

std::string compressedDatum(const std::string& stream, uint32_t raw, int method) {
  return little((stream.size() + 8) << 2 | 2, 4) + little(raw | static_cast<uint32_t>(method) << 30, 4) + stream;
}

std::string toastPointer() { return std::string("\x01\x12", 2) + std::string(16, 'p'); }

std::string HeapTuple::bytes() const {
  std::string bitmap;
  if (!there.empty()) bitmap.assign((there.size() + 7) / 8, '\0');
  for (size_t i = 0; i < there.size(); i++) {
    if (there[i]) bitmap[i / 8] = static_cast<char>(bitmap[i / 8] | 1 << i % 8);
  }
  const size_t head = (23 + bitmap.size() + 7) / 8 * 8;
  std::string out = little(xmin, 4) + little(xmax, 4) + little(xvac, 4) + std::string(6, '\0') + little(natts, 2) +
                    little(static_cast<uint16_t>(mask | (there.empty() ? 0 : 1)), 2) + std::string(1, static_cast<char>(head)) + bitmap;
  out.resize(head);
  return out + data;
}

std::string HeapPage::bytes() const {
  std::string page(kPageBytes, '\0');
  size_t lower = kPageHead, upper = kPageBytes;
  for (const std::string& tuple : tuples) {
    upper -= (tuple.size() + 7) / 8 * 8;
    put(page, upper, tuple);
    put(page, lower, little(upper | 1 << 15 | tuple.size() << 17, 4));
    lower += 4;
  }
  put(page, 10, little(flags, 2) + little(lower, 2) + little(upper, 2) + little(kPageBytes, 2) + little(kPageBytes | 4, 2));
  seal(page, block);
  return page;
}

void seal(std::string& page, uint32_t block) {
  put(page, 8, little(pageChecksum(reinterpret_cast<const uint8_t*>(page.data()), block), 2));
}

gp_attribute attribute(int32_t length, int32_t align, int32_t column, int32_t form) {
  gp_attribute a{};
  a.length = length;
  a.align = align;
  a.column = column;
  a.form = form;
  a.missing_bytes = -1;
  return a;
}

HeapRun::HeapRun(std::vector<gp_column> columns, const std::vector<gp_attribute>& attributes, uint32_t xmin, uint32_t xmax,
                 std::vector<uint32_t> running, bool overflowed) {
  const auto own = [](auto& owned, auto&& open) {
    gp_status status;
    typename std::remove_reference_t<decltype(owned)>::pointer made = nullptr;
    const int32_t code = open(&made, &status);
    owned.reset(made);
    check(code, status);
  };
  const gp_engine_options options{1, 0, nullptr};
  own(engine_, [&](auto out, gp_status* status) { return gp_engine_open("cpu", &options, out, status); });
  for (gp_column& column : columns) column.name = "c";
  gp_writer_options writer{};
  writer.created_by = "test";
  own(schema_, [&](auto out, gp_status* status) {
    return gp_schema_open(engine_.get(), columns.data(), static_cast<int32_t>(columns.size()), &writer, out, status);
  });
  own(layout_, [&](auto out, gp_status* status) {
    return gp_layout_open(schema_.get(), attributes.data(), static_cast<int32_t>(attributes.size()), out, status);
  });
  own(visibility_, [&](auto out, gp_status* status) {
    return gp_visibility_open(xmin, xmax, running.data(), static_cast<int64_t>(running.size()), overflowed, out, status);
  });
  own(batch_, [&](auto out, gp_status* status) { return gp_batch_open(schema_.get(), 0, out, status); });
}

gp_pages HeapRun::append(const std::string& pages, uint32_t firstBlock, bool resume, bool checksums) {
  const size_t count = pages.size() / kPageBytes;
  // exactly as long as its bytes: an overrun is the sanitizer's to find
  const auto memory = std::make_unique<char[]>(pages.size());
  std::memcpy(memory.get(), pages.data(), pages.size());
  std::vector<uint32_t> blocks(count);
  for (size_t i = 0; i < count; i++) blocks[i] = firstBlock + static_cast<uint32_t>(i);
  states.assign(count, {});
  asked.assign(1000, {});
  gp_pages result{};
  gp_status status;
  check(gp_batch_append_pages(batch_.get(), layout_.get(), visibility_.get(), memory.get(), blocks.data(), static_cast<int64_t>(count),
                              checksums, resume, &result, states.data(), asked.data(), static_cast<int64_t>(asked.size()), 1, &status),
        status);
  gp_event event;
  int32_t events = 0;
  check(gp_wait(engine_.get(), &event, 1, 60000, &events, &status), status);
  holds(events == 1 && event.type == GP_EVENT_SLOT, "the slot comes back");
  asked.resize(static_cast<size_t>(result.asked));
  return result;
}

void HeapRun::answer(const gp_asked& answer) {
  gp_status status;
  check(gp_visibility_answer(visibility_.get(), &answer, 1, &status), status);
}

void HeapRun::xact(int file, const std::string& bytes) {
  gp_status status;
  check(gp_visibility_xact(visibility_.get(), file, bytes.data(), static_cast<int64_t>(bytes.size()), &status), status);
}

int32_t HeapRun::end(std::string& image) {
  gp_status status;
  check(gp_batch_finish(batch_.get(), &status), status);
  gp_event event;
  int32_t events = 0;
  check(gp_wait(engine_.get(), &event, 1, 60000, &events, &status), status);
  holds(events == 1 && event.type == GP_EVENT_BATCH, "the batch ends");
  if (event.code == GP_OK) {
    image.assign(static_cast<const char*>(event.image), static_cast<size_t>(event.bytes));
    gp_image_free(engine_.get(), event.image);
  }
  return event.code;
}

File HeapRun::finish() {
  std::string image;
  if (end(image) != GP_OK) {
    gp_status status;
    gp_batch_status(batch_.get(), &status);
    throw Failed(std::string("conversion failed: ") + status.message);
  }
  return readFile(image);
}

gp_status HeapRun::refused() {
  std::string image;
  holds(end(image) != GP_OK, "the batch is refused");
  gp_status status;
  gp_batch_status(batch_.get(), &status);
  return status;
}

}  // namespace gp::test
