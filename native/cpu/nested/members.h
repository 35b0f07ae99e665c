// What composites and ranges share: a walk over values that have members.
#ifndef GPUPARSER_CPU_NESTED_MEMBERS_H
#define GPUPARSER_CPU_NESTED_MEMBERS_H

#include "cpu/nested/node.h"

namespace gp {

// Entries as the members see them: a value that is NULL ends at the level above.
struct MemberLevels {
  uint8_t definitions[kBlockRows];
  int count;
};

// Walks the entries of a node whose values have members. value(reader, entry): takes one that is there, or
// says in own why not.
template <class F>
void eachValue(const ColumnPlan& plan, const Entries& entries, MemberLevels& levels, Fault& own, F&& value) {
  int field = 0;
  for (levels.count = 0; levels.count < entries.count; levels.count++) {
    uint8_t& definition = levels.definitions[levels.count];
    definition = entries.definitions[levels.count];
    if (definition != kHere) continue;
    const Span at = entries.fields[field];
    if (isNull(at)) {
      definition = static_cast<uint8_t>(plan.definition - 1);
      if (plan.column.required) nullFault(0, own);
    } else if (isBad(at)) {
      lengthFault(0, at.length, "0 or more", own);
    } else {
      value(FieldReader(entries.memory, at), levels.count);
    }
    if (own) {
      own.row = entries.rowOfField(field);
      own.column = plan.index;
      return;
    }
    field++;
  }
}

// Hands on what a member gets: `here` fields, and the levels of as many entries as were walked. The fault of the earliest row wins.
inline void appendMember(Node& member, Work& work, const Entries& entries, const Span* fields, int here, int count,
                         const uint8_t* definitions, Fault& fault) {
  Fault found;
  member.append(work, {entries.memory, entries.safe, fields, here, count, definitions, entries.repetitions, entries.rowsBefore}, found);
  takeEarlier(fault, std::move(found));
}

}  // namespace gp

#endif
