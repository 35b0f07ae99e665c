// Growable memory that is never zero-filled and keeps its capacity when cleared, so that recycled columns fault no pages in.
#ifndef GPUPARSER_BASE_BUFFER_H
#define GPUPARSER_BASE_BUFFER_H

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace gp {

template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { std::free(data_); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* end() { return data_ + size_; }
  void clear() { size_ = 0; }
  void setSize(size_t size) { size_ = size; }

  // Room for count elements in all, without changing the size.
  void reserve(size_t count) {
    if (count > capacity_) grow(count);
  }
  // Room for count more elements; returns where they go. The caller sets the size afterwards, by advance.
  T* room(size_t count) {
    reserve(size_ + count);
    return data_ + size_;
  }
  void advance(size_t count) { size_ += count; }
  void push(const T& value) {
    if (size_ == capacity_) grow(size_ + 1);
    data_[size_++] = value;
  }
  void append(const void* from, size_t count) {
    if (count == 0) return;
    std::memcpy(room(count), from, count * sizeof(T));
    size_ += count;
  }
  // Empty, and without memory where it had grown beyond `most` elements: one huge value must not stay for the next batches.
  void clearBeyond(size_t most) {
    if (capacity_ > most) release();
    size_ = 0;
  }
  // Empty, keeping only memory that is worth it: see kWorthKeeping.
  void recycle();
  void release() {
    std::free(data_);
    data_ = nullptr;
    size_ = capacity_ = 0;
  }
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  [[gnu::noinline]] void grow(size_t count) {
    size_t wanted = capacity_ + capacity_ / 2;
    if (wanted < count) wanted = count;
    if (wanted * sizeof(T) < 64) wanted = 64 / sizeof(T) + 1;
    if (wanted > SIZE_MAX / 2 / sizeof(T)) throw std::bad_alloc();
    T* data = static_cast<T*>(std::realloc(static_cast<void*>(data_), wanted * sizeof(T)));
    if (data == nullptr) throw std::bad_alloc();
    data_ = data;
    capacity_ = wanted;
  }

  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

using Bytes = Buffer<uint8_t>;

constexpr size_t kKeptBytes = 32 << 20;  // the most that one recycled buffer keeps
// Less than this, malloc hands from one column to the next without faulting a page in, while a buffer kept by each of 1,600 columns
// of each recycled batch adds up to more than the batch.
constexpr size_t kWorthKeeping = 64 << 10;

template <class T>
void Buffer<T>::recycle() {
  if (capacity_ * sizeof(T) < kWorthKeeping || capacity_ * sizeof(T) > kKeptBytes) release();
  size_ = 0;
}

}  // namespace gp

#endif
