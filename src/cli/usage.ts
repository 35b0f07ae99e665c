import { GpuParserError } from '../errors.js';
import { withoutUrl } from '../url-like.js';
import { type OptionName, optionNamed } from './options.js';

/** `--rows (-r)`. */
export function spelled(name: OptionName): string {
  const { short } = optionNamed(name);
  return short === undefined ? `--${name}` : `--${name} (-${short})`;
}

export function usage(message: string, hint: string): GpuParserError {
  return new GpuParserError('USAGE', message, { hint });
}

/** What was given, for a message: one line of at most 60 characters, and of a URL only its scheme. */
export function shorten(text: string): string {
  const visible = withoutUrl(text).replace(/[\u0000-\u001f\u007f]/g, '\ufffd');
  return visible.length <= 60 ? visible : `${visible.slice(0, 57)}...`;
}
