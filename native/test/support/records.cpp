#include "test/support/records.h"

#include <cstdio>
#include <cstring>

#include "test/support/harness.h"

namespace gp::test {
namespace {

struct Node {
  std::string name;
  int repetition = 0;  // 0 required, 1 optional, 2 repeated
  int definition = 0, repeats = 0;
  int physical = -1;
  size_t firstLeaf = 0, leaves = 0;
  std::vector<Node> children;
};

template <class T>
T as(const std::string& bytes) {
  T v;
  std::memcpy(&v, bytes.data(), sizeof v);
  return v;
}

std::string valueText(int physical, const std::string& v) {
  char text[64];
  switch (physical) {
    case 0: return v[0] ? "true" : "false";
    case 1: return std::to_string(as<int32_t>(v));
    case 2: return std::to_string(as<int64_t>(v));
    case 4: std::snprintf(text, sizeof text, "%.9g", static_cast<double>(as<float>(v))); return text;
    case 5: std::snprintf(text, sizeof text, "%.17g", as<double>(v)); return text;
    case 6: return "\"" + v + "\"";
    default: {
      std::string out;
      for (const char c : v) {
        std::snprintf(text, sizeof text, "%02x", static_cast<unsigned char>(c));
        out += text;
      }
      return out;
    }
  }
}

class Assembly {
 public:
  explicit Assembly(const File& file) : file_(file), at_(file.columns.size()) {
    const std::vector<Thing>& elements = file.footer.at(2).list;
    for (next_ = 1; next_ < elements.size();) fields_.push_back(take(elements, 0, 0));
  }

  std::string row() {
    std::string out = "{";
    for (const Node& field : fields_) out += (out.size() > 1 ? ", " : "") + field.name + ": " + read(field);
    return out + "}";
  }
  void end() const {
    for (size_t i = 0; i < at_.size(); i++) expect(at_[i], file_.columns[i].values.size(), "every value is in a row");
  }

 private:
  Node take(const std::vector<Thing>& elements, int definition, int repeats) {
    const Thing& e = elements.at(next_++);
    Node node;
    node.name = e.at(4).bytes;
    node.repetition = static_cast<int>(e.at(3).number);
    node.definition = definition + (node.repetition != 0);
    node.repeats = repeats + (node.repetition == 2);
    node.firstLeaf = leaf_;
    if (e.has(5)) {
      for (int64_t i = e.at(5).number; i > 0; i--) node.children.push_back(take(elements, node.definition, node.repeats));
    } else {
      node.physical = static_cast<int>(e.at(1).number);
      leaf_++;
    }
    node.leaves = leaf_ - node.firstLeaf;
    return node;
  }

  uint32_t definition(const Node& node) const { return file_.columns[node.firstLeaf].definitions.at(at_[node.firstLeaf]); }
  void skip(const Node& node) {
    for (size_t i = 0; i < node.leaves; i++) at_[node.firstLeaf + i]++;
  }

  std::string read(const Node& node) {
    if (node.repetition == 2) {
      if (definition(node) < static_cast<uint32_t>(node.definition)) {
        skip(node);
        return "[]";
      }
      std::string out = "[";
      const ColumnRead& first = file_.columns[node.firstLeaf];
      do out += (out.size() > 1 ? ", " : "") + content(node);
      while (at_[node.firstLeaf] < first.values.size() && first.repetitions[at_[node.firstLeaf]] == static_cast<uint32_t>(node.repeats));
      return out + "]";
    }
    if (node.repetition == 1 && definition(node) < static_cast<uint32_t>(node.definition)) {
      skip(node);
      return "null";
    }
    return content(node);
  }

  std::string content(const Node& node) {
    if (node.physical >= 0) {
      const ColumnRead& column = file_.columns[node.firstLeaf];
      const auto& value = column.values.at(at_[node.firstLeaf]++);
      holds(value.has_value(), "a value is where the levels say so");
      return valueText(node.physical, *value);
    }
    // the wrappers of lists are not shown
    if (node.children.size() == 1 && (node.children[0].repetition == 2 || node.repetition == 2)) return read(node.children[0]);
    std::string out = "{";
    for (const Node& child : node.children) out += (out.size() > 1 ? ", " : "") + child.name + ": " + read(child);
    return out + "}";
  }

  const File& file_;
  std::vector<size_t> at_;
  size_t next_ = 0, leaf_ = 0;
  std::vector<Node> fields_;
};

}  // namespace

std::vector<std::string> records(const File& file) {
  Assembly assembly(file);
  std::vector<std::string> out;
  for (int64_t i = 0; i < file.rows; i++) out.push_back(assembly.row());
  assembly.end();
  return out;
}

}  // namespace gp::test
