// The ABI's streams and receivers, which are the same with every engine. Included once by each engine's abi.cpp, behind its
// gp_engine, whose `receivers` they use.
#ifndef GPUPARSER_ABI_STREAMS_H
#define GPUPARSER_ABI_STREAMS_H

#include "abi/guard.h"
#include "io/receiver.h"

struct gp_stream {
  gp::Stream stream;
};

struct gp_receiver {
  gp_receiver(gp::ReceiverThread& on, gp::Stream& stream, int descriptor) : thread(on), receiver(stream, descriptor) {}
  ~gp_receiver() { thread.remove(receiver); }
  gp::ReceiverThread& thread;
  gp::Receiver receiver;
};

extern "C" {

int32_t gp_stream_open(gp_engine* engine, gp_stream** stream, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(engine != nullptr && stream != nullptr, "engine or stream is missing");
    *stream = new gp_stream;
  });
}

void gp_stream_close(gp_stream* stream) { delete stream; }

int32_t gp_stream_reset(gp_stream* stream, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(stream != nullptr, "stream is missing");
    stream->stream.reset();
  });
}

int32_t gp_stream_scan(gp_stream* stream, const void* slot, int64_t from, int64_t to, gp_scan* scan, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(stream != nullptr && slot != nullptr && scan != nullptr, "stream, slot or scan is missing");
    stream->stream.scan(static_cast<const uint8_t*>(slot), from, to, *scan);
  });
}

int32_t gp_receiver_open(gp_engine* engine, gp_stream* stream, int32_t descriptor, gp_receiver** receiver, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(engine != nullptr && stream != nullptr && receiver != nullptr, "engine, stream or receiver is missing");
    *receiver = nullptr;
    *receiver = new gp_receiver(engine->receivers.next(), stream->stream, descriptor);
  });
}

int32_t gp_receiver_read(gp_receiver* receiver, void* slot, int64_t from, int64_t filled, int64_t capacity, int64_t least,
                         gp_received* received, int64_t id, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(receiver != nullptr && slot != nullptr && received != nullptr, "receiver, slot or received is missing");
    gp::abi::require(from >= 0 && from <= filled && filled < capacity, "from, filled and capacity are not in order");
    receiver->thread.read(receiver->receiver, {static_cast<uint8_t*>(slot), from, filled, capacity, least, received, id});
  });
}

int32_t gp_receiver_offer(gp_receiver* receiver, void* slot, int64_t capacity, int64_t least, gp_received* received, int64_t id,
                          int32_t* taken, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(status, [&] {
    gp::abi::require(receiver != nullptr && slot != nullptr && received != nullptr && taken != nullptr,
                     "receiver, slot, received or taken is missing");
    gp::abi::require(capacity > 0, "capacity must be over 0");
    *taken = receiver->receiver.offer({static_cast<uint8_t*>(slot), 0, 0, capacity, least, received, id}) ? 1 : 0;
  });
}

void gp_receiver_stop(gp_receiver* receiver) {
  if (receiver != nullptr) receiver->receiver.stop();
}

int32_t gp_receiver_status(gp_receiver* receiver, gp_status* status) {
  return gp::abi::guarded<GP_INTERNAL>(nullptr, [&] {
    gp::abi::require(receiver != nullptr && status != nullptr, "receiver or status is missing");
    receiver->receiver.status(status);
  });
}

void gp_receiver_close(gp_receiver* receiver) { delete receiver; }

}  // extern "C"

#endif
