export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualified({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

/** Fit for either value of standard_conforming_strings. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** On one line, whatever it holds: a line break in an expression must not end the comment. */
export function remark(text: string): string {
  return `-- ${text.replace(/[\r\n]+/g, ' ')}`;
}

/** SQL as a comment that is that SQL again without its dashes, line by line. */
export function disabled(sql: string): string {
  return sql.replace(/^|\r\n|\r|\n/g, (end) => `${end}-- `);
}
