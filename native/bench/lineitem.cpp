#include "bench/lineitem.h"

#include <cstring>

namespace gp::bench {
namespace {

const char* const kNouns[] = {"packages",    "requests",     "accounts",       "deposits", "foxes",     "ideas",      "theodolites",
                              "pinto beans", "instructions", "dependencies",   "excuses",  "platelets", "asymptotes", "courts",
                              "dolphins",    "multipliers",  "sauternes",      "warthogs", "frets",     "dinos",      "attainments",
                              "somas",       "braids",       "hockey players", "frays",    "warhorses", "dugouts",    "notornis",
                              "epitaphs",    "pearls",       "tithes",         "waters",   "orbits",    "gifts",      "sheaves",
                              "depths",      "sentiments",   "decoys",         "realms",   "pains",     "grouches",   "escapades"};
const char* const kVerbs[] = {"sleep",     "wake",     "are",    "cajole", "haggle", "nag",     "use",     "boost",  "affix",   "detect",
                              "integrate", "maintain", "nod",    "was",    "lose",   "sublate", "solve",   "thrash", "promise", "engage",
                              "hinder",    "print",    "x-ray",  "breach", "eat",    "grow",    "impress", "mold",   "poach",   "serve",
                              "run",       "dazzle",   "snooze", "doze",   "unwind", "kindle",  "play",    "hang",   "believe", "doubt"};
const char* const kAdjectives[] = {"special", "pending", "unusual",  "express",   "furious",  "sly",  "careful", "blithe",
                                   "quick",   "fluffy",  "slow",     "quiet",     "ruthless", "thin", "close",   "dogged",
                                   "daring",  "brave",   "stealthy", "permanent", "enticing", "idle", "busy",    "regular",
                                   "final",   "ironic",  "even",     "bold",      "silent"};
const char* const kAdverbs[] = {"sometimes", "always",    "never",   "furiously",  "slyly",       "carefully",  "blithely",
                                "quickly",   "fluffily",  "slowly",  "quietly",    "ruthlessly",  "thinly",     "closely",
                                "doggedly",  "daringly",  "bravely", "stealthily", "permanently", "enticingly", "idly",
                                "busily",    "regularly", "finally", "ironically", "evenly",      "boldly",     "silently"};
const char* const kPrepositions[] = {
    "about",   "above",  "according to", "across", "after",   "against",     "along",   "alongside of", "among",  "around",
    "at",      "atop",   "before",       "behind", "beneath", "beside",      "besides", "between",      "beyond", "by",
    "despite", "during", "except",       "for",    "from",    "in place of", "inside",  "instead of",   "into",   "near",
    "of",      "on",     "outside",      "over",   "past",    "since",       "through", "throughout",   "to",     "toward",
    "under",   "until",  "up",           "upon",   "without", "with",        "within"};
const char* const kInstructions[] = {"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"};
const char* const kModes[] = {"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"};

constexpr int kFirstDate = -2922;  // 1992-01-01
constexpr int kDates = 2405;       // order dates end 151 days before 1999
constexpr int kCurrent = -1659;    // 1995-06-17, TPC-H's current date

class Row {
 public:
  explicit Row(std::vector<uint8_t>& out) : out_(out) {}
  void big(uint64_t v, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) out_.push_back(static_cast<uint8_t>(v >> (8 * i)));
  }
  void integer(int64_t v, int bytes) {
    big(static_cast<uint64_t>(bytes), 4);
    big(static_cast<uint64_t>(v), bytes);
  }
  void text(const char* p, size_t length) {
    big(length, 4);
    out_.insert(out_.end(), p, p + length);
  }
  void padded(const char* p, size_t length) {
    std::string s(p);
    s.resize(length, ' ');
    text(s.data(), length);
  }
  // cents, as numeric(15,2)
  void money(int64_t cents) {
    uint16_t digits[8];
    int count = 0, weight = -1;
    int64_t whole = cents / 100;
    uint16_t high[6];
    int n = 0;
    for (; whole > 0; whole /= 10000) high[n++] = static_cast<uint16_t>(whole % 10000);
    weight = n - 1;
    while (n > 0) digits[count++] = high[--n];
    const auto fraction = static_cast<uint16_t>(cents % 100 * 100);
    digits[count++] = fraction;
    int from = 0;
    while (count > from && digits[count - 1] == 0) count--;
    if (count == 0) weight = 0;
    big(static_cast<uint64_t>(8 + 2 * count), 4);
    big(static_cast<uint64_t>(count), 2);
    big(static_cast<uint16_t>(weight), 2);
    big(0, 2);
    big(2, 2);
    for (int i = 0; i < count; i++) big(digits[i], 2);
  }

 private:
  std::vector<uint8_t>& out_;
};

}  // namespace

std::vector<gp_column> lineitemColumns() {
  const auto column = [](const char* name, int kind, int precision = 0, int scale = 0) {
    gp_column c{};
    c.name = name;
    c.kind = kind;
    c.required = 1;
    c.precision = precision;
    c.scale = scale;
    c.logical = kind == GP_TEXT ? GP_LOGICAL_STRING : GP_LOGICAL_NONE;
    c.parent = -1;
    return c;
  };
  return {column("l_orderkey", GP_INT8),
          column("l_partkey", GP_INT4),
          column("l_suppkey", GP_INT4),
          column("l_linenumber", GP_INT4),
          column("l_quantity", GP_DECIMAL, 15, 2),
          column("l_extendedprice", GP_DECIMAL, 15, 2),
          column("l_discount", GP_DECIMAL, 15, 2),
          column("l_tax", GP_DECIMAL, 15, 2),
          column("l_returnflag", GP_TEXT),
          column("l_linestatus", GP_TEXT),
          column("l_shipdate", GP_DATE),
          column("l_commitdate", GP_DATE),
          column("l_receiptdate", GP_DATE),
          column("l_shipinstruct", GP_TEXT),
          column("l_shipmode", GP_TEXT),
          column("l_comment", GP_TEXT)};
}

Lineitem::Lineitem(uint64_t seed) : state_{seed * 0x9E3779B97F4A7C15u + 1, seed ^ 0xC2B2AE3D27D4EB4Fu} {
  const auto pick = [&](const auto& list) { return std::string(list[below(sizeof list / sizeof *list)]); };
  while (pool_.size() < 4 << 20) {
    if (below(2)) pool_ += pick(kAdverbs) + " ";
    if (below(2)) pool_ += pick(kAdjectives) + " ";
    pool_ += pick(kNouns) + " " + pick(kVerbs) + " ";
    if (below(2)) pool_ += pick(kAdverbs) + " ";
    if (below(2)) pool_ += pick(kPrepositions) + " the " + (below(2) ? pick(kAdjectives) + " " : "") + pick(kNouns);
    pool_ += below(4) == 0 ? "; " : ". ";
  }
}

uint64_t Lineitem::random() {  // xorshift128+
  uint64_t a = state_[0];
  const uint64_t b = state_[1];
  state_[0] = b;
  a ^= a << 23;
  state_[1] = a ^ b ^ a >> 18 ^ b >> 5;
  return state_[1] + b;
}

void Lineitem::next(std::vector<uint8_t>& out) {
  if (linesLeft_ == 0) {
    orderNumber_++;
    order_ = (orderNumber_ >> 3) << 5 | (orderNumber_ & 7);  // TPC-H's sparse keys
    linesLeft_ = 1 + static_cast<int>(below(7));
    line_ = 0;
    orderDate_ = kFirstDate + static_cast<int>(below(kDates));
  }
  linesLeft_--;
  line_++;
  const size_t start = out.size();
  out.insert(out.end(), {'d', 0, 0, 0, 0});
  Row row(out);
  if (!begun_) {
    begun_ = true;
    const uint8_t header[19] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xFF, '\r', '\n'};
    out.insert(out.end(), header, header + 19);
  }
  const auto part = static_cast<int64_t>(1 + below(200000));
  const int64_t supplier = (part + static_cast<int64_t>(below(4)) * (2500 + (part - 1) / 10000)) % 10000 + 1;
  const auto quantity = static_cast<int64_t>(1 + below(50));
  const int64_t price = 90000 + part / 10 % 20001 + 100 * (part % 1000);
  const int ship = orderDate_ + 1 + static_cast<int>(below(121)), commit = orderDate_ + 30 + static_cast<int>(below(61)),
            receipt = ship + 1 + static_cast<int>(below(30));
  row.big(16, 2);
  row.integer(order_, 8);
  row.integer(part, 4);
  row.integer(supplier, 4);
  row.integer(line_, 4);
  row.money(quantity * 100);
  row.money(quantity * price);
  row.money(static_cast<int64_t>(below(11)));
  row.money(static_cast<int64_t>(below(9)));
  row.text(receipt <= kCurrent ? (below(2) ? "R" : "A") : "N", 1);
  row.text(ship > kCurrent ? "O" : "F", 1);
  row.integer(ship, 4);
  row.integer(commit, 4);
  row.integer(receipt, 4);
  row.padded(kInstructions[below(4)], 25);
  row.padded(kModes[below(7)], 10);
  const size_t length = 10 + below(34);
  row.text(pool_.data() + below(pool_.size() - 64), length);
  const auto size = static_cast<uint32_t>(out.size() - start - 1);
  for (int i = 0; i < 4; i++) out[start + 1 + static_cast<size_t>(i)] = static_cast<uint8_t>(size >> (24 - 8 * i));
}

}  // namespace gp::bench
