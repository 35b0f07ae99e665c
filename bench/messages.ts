/** The rows of a binary COPY file as the CopyData messages that a server would have sent them in. */
export function copyMessages(file: Buffer): Buffer {
  const header = 19 + file.readInt32BE(15);
  const starts: number[] = [];
  let at = header;
  for (let fields = file.readInt16BE(at); fields >= 0; fields = file.readInt16BE(at)) {
    starts.push(at);
    at += 2;
    for (let i = 0; i < fields; i++) {
      const length = file.readInt32BE(at);
      at += 4 + Math.max(0, length);
    }
  }
  const out = Buffer.allocUnsafe(at + 2 + 5 * (starts.length + 2));
  let to = 0;
  const put = (from: number, end: number) => {
    to = out.writeInt8(0x64, to);
    to = out.writeInt32BE(end - from + 4, to);
    to += file.copy(out, to, from, end);
  };
  put(0, header);
  for (const [i, start] of starts.entries()) put(start, starts[i + 1] ?? at);
  put(at, at + 2);
  return out.subarray(0, to);
}
