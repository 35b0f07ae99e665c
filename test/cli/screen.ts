import type { Output } from '../../src/cli/terminal.js';

/** A terminal in memory: lines, a cursor, and the escape sequences that progress uses; any other one is an error. */
export class Screen implements Output {
  readonly isTTY = true;
  #lines: string[] = [''];
  #row = 0;

  constructor(
    public columns = 80,
    public rows = 24,
  ) {}

  write(text: string): void {
    for (const [part] of text.matchAll(/\u001b\[\d*[A-Za-z]|[\r\n]|[^\u001b\r\n]+|\u001b/g)) {
      const up = /^\u001b\[(\d+)A$/.exec(part);
      if (up) this.#row -= Number(up[1]);
      else if (part === '\u001b[J') this.#lines.splice(this.#row, Infinity, '');
      else if (part === '\n') this.#row++;
      else if (part === '\r') continue;
      else if (part.startsWith('\u001b')) throw new Error(`unknown sequence ${JSON.stringify(part)}`);
      else this.#lines[this.#row] = (this.#lines[this.#row] ?? '') + part;
      if (this.#row < 0) throw new Error('above the screen');
      this.#lines[this.#row] ??= '';
    }
  }

  get text(): string {
    return this.#lines.join('\n').trimEnd();
  }

  get widest(): number {
    return Math.max(...this.#lines.map((line) => [...line].length));
  }
}
