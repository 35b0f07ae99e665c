/** A stream that text for people goes to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type Color = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';
export type Paint = (color: Color, text: string) => string;

const CODES: Readonly<Record<Color, string>> = { red: '31', green: '32', yellow: '33', cyan: '36', bold: '1', dim: '2' };

/** Colors for a terminal; none elsewhere, with NO_COLOR (https://no-color.org) or TERM=dumb. */
export function painter(output: Output, environment: Environment): Paint {
  if (!isScreen(output, environment) || (environment.NO_COLOR ?? '') !== '') return (_color, text) => text;
  return (color, text) => `\u001b[${CODES[color]}m${text}\u001b[0m`;
}

/** Whether lines can be redrawn. */
export function isScreen(output: Output, environment: Environment): boolean {
  return output.isTTY === true && environment.TERM !== 'dumb';
}

/** Columns a text takes on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += characterWidth(character);
  return columns;
}

/** The text's start in at most `columns` columns, with an ellipsis where it was cut. */
export function fit(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? '' : `${kept}…`;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (/\p{Mn}|\p{Me}|\u200b|\u200d/u.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
