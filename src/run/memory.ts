import { totalmem } from 'node:os';

/** Bytes that this process and its children may use: the machine's or, where it is less, what a container grants. */
export function usableMemory(): number {
  // Above 2^62: how Linux says that a control group has no limit. 0: not known.
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
