/** `postgres://`, `jdbc:postgresql:`, `mysql://`, also in quotes or after spaces: what people paste where no URL belongs. */
const BEGINS = /^[\s'"]*((?:jdbc:)?[a-z][a-z\d+.-]*:\/\/|jdbc:|postgres\w*:)/i;
/** One within other text, as in `url=postgres://...`. */
const HOLDS = /postgres\w*(?:\+\w+)?:\/\//i;

/** Whether a text is meant as a URL. Such a text may hold a password: of one that is refused nothing but its scheme is shown or sent. */
export function looksLikeUrl(text: string): boolean {
  return BEGINS.test(text) || HOLDS.test(text);
}

/** By libpq's rule. */
export function isServerUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text);
}

/** The text, or of one that looks like a URL the scheme alone: `mysql://...`. */
export function withoutUrl(text: string): string {
  if (!looksLikeUrl(text)) return text;
  const scheme = BEGINS.exec(text)?.[1];
  return `${scheme ?? ''}...`;
}

/** How a URL of a server is written, for hints. */
export const URL_FORM = 'postgresql://user@host:port/database';
