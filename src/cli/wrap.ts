/** A text in lines of at most `columns`, broken at spaces. */
export function wrapped(text: string, columns: number): string[] {
  return fill(text.split(' '), columns, '');
}

/** Text beside less than this much is easier to read below. */
const NARROW = 30;

/** What stands on the left, and a text beside it from column `width + 2` on, or below where there is no room. */
export function entry(left: string, text: string, width: number, columns: number): string[] {
  const beside = columns - width - 2 >= NARROW;
  const indent = beside ? width + 2 : 8;
  const lines = wrapped(text, columns - indent);
  const below = lines.map((line) => ' '.repeat(indent) + line);
  if (!beside) return [`  ${left.trimStart()}`, ...below];
  if (left.length > width) return [left, ...below];
  return [left.padEnd(indent) + lines[0], ...below.slice(1)];
}

/** A command for a shell, broken by backslashes at spaces outside quotes. */
export function shellLines(command: string, columns: number): string[] {
  const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [command];
  const lines = fill(words, columns - 2, '  ');
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
}

function fill(words: readonly string[], columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent + word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
