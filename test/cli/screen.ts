import type { Output } from '../../src/cli/terminal.js';

/** A terminal in memory: lines, a cursor, and the escape sequences that progress uses; any other one is an error. */
export class Screen implements Output {
  readonly isTTY = true;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(
    public columns = 80,
    public rows = 24,
  ) {}

  write(text: string): void {
    for (const [part] of text.matchAll(/\u001b\[\d*[A-Za-z]|[\r\n]|[^\u001b\r\n]+|\u001b/g)) {
      const up = /^\u001b\[(\d+)A$/.exec(part);
      if (up) this.#row -= Number(up[1]);
      else if (part === '\u001b[J') this.#lines.splice(this.#row, Infinity, this.#line.slice(0, this.#column));
      else if (part === '\n') [this.#row, this.#column] = [this.#row + 1, 0];
      else if (part === '\r') this.#column = 0;
      else if (/^\u001b\[\d+m$/.test(part))
        continue; // a color
      else if (part.startsWith('\u001b')) throw new Error(`unknown sequence ${JSON.stringify(part)}`);
      else this.#put(part);
      if (this.#row < 0) throw new Error('above the screen');
      this.#lines[this.#row] ??= '';
    }
  }

  /** As most terminals do: what is wider than the new width goes on in the next row, and the cursor stays at its character. */
  narrow(columns: number): void {
    this.columns = columns;
    const rowsOf = (line: string) => Math.max(1, Math.ceil(line.length / columns));
    const above = this.#lines.slice(0, this.#row).reduce((sum, line) => sum + rowsOf(line), 0);
    this.#lines = this.#lines.flatMap((line) => Array.from({ length: rowsOf(line) }, (_, i) => line.slice(i * columns, (i + 1) * columns)));
    this.#row = above + Math.floor(this.#column / columns);
    this.#column %= columns;
  }

  get text(): string {
    return this.#lines.join('\n').trimEnd();
  }

  get widest(): number {
    return Math.max(...this.#lines.map((line) => [...line].length));
  }

  get #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  #put(text: string): void {
    this.#lines[this.#row] = this.#line.slice(0, this.#column).padEnd(this.#column) + text + this.#line.slice(this.#column + text.length);
    this.#column += text.length;
  }
}
