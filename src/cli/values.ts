/** What an option accepts: how it looks in help, what shells complete, and how text becomes a value. */
export interface ValueType<T> {
  /** In help: `ROWS`, `auto|cpu|cuda`. */
  readonly placeholder: string;
  readonly choices?: readonly string[];
  readonly completes?: 'file' | 'directory';
  /** What follows "must be" in the message about a bad value. */
  readonly expects: string;
  /** The value, or undefined when the text is none. */
  parse(text: string): T | undefined;
  /** What to do about this text, where more can be said than what is expected. */
  advise?(text: string): string | undefined;
}

export interface Pair {
  readonly min: number;
  readonly max: number;
}

export function text(placeholder: string, completes?: 'file' | 'directory'): ValueType<string> {
  return { placeholder, completes, expects: 'a text of one character or more', parse: (given) => (given === '' ? undefined : given) };
}

/** Text that may be empty, as a password may. */
export function anyText(placeholder: string): ValueType<string> {
  return { placeholder, expects: 'a text', parse: (given) => given };
}

/** Decimal digits only: no sign, separator, fraction or exponent. */
export function integer(placeholder: string, { min, max }: Pair): ValueType<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
  return {
    placeholder,
    expects: `a whole number, ${range}`,
    parse(given) {
      const value = Number(given);
      return /^\d+$/.test(given) && value >= min && value <= max ? value : undefined;
    },
    advise(given) {
      const plain = given.replace(/[,_ ']/g, '');
      if (plain !== given && /^\d+$/.test(plain)) return `Write ${plain}, without separators.`;
      const scaled = /^(\d+(?:\.\d+)?)([kmg]|e\d+)$/i.exec(given);
      if (!scaled) return undefined;
      const unit = scaled[2]!.toLowerCase();
      const power = unit.startsWith('e') ? Number(unit.slice(1)) : { k: 3, m: 6, g: 9 }[unit]!;
      const value = Number(`${scaled[1]}e${power}`);
      return Number.isSafeInteger(value) ? `Write ${value}.` : undefined;
    },
  };
}

/** @param others words that people use for one of the choices, to be told of it. */
export function choice<const C extends string>(choices: readonly C[], others: Readonly<Record<string, C>> = {}): ValueType<C> {
  return {
    placeholder: choices.join('|'),
    choices,
    expects: `one of ${choices.join(', ')}`,
    parse: (given) => choices.find((known) => known === given),
    advise(given) {
      const lower = given.toLowerCase();
      if (Object.hasOwn(others, lower)) return `Write ${others[lower]}.`;
      return choices.some((known) => known === lower) ? `Write ${lower}, in lower case.` : undefined;
    },
  };
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  K: 2 ** 10,
  KIB: 2 ** 10,
  KB: 1e3,
  M: 2 ** 20,
  MIB: 2 ** 20,
  MB: 1e6,
  G: 2 ** 30,
  GIB: 2 ** 30,
  GB: 1e9,
  T: 2 ** 40,
  TIB: 2 ** 40,
  TB: 1e12,
};

/** Bytes: `536870912`, `512MiB` and `1.5G` (powers of 1024), `2GB` (of 1000). */
export function size(placeholder: string, minMiB: number): ValueType<number> {
  return {
    placeholder,
    expects: `${minMiB}MiB or more, such as 2GiB, 512MiB or 536870912 (bytes)`,
    parse(given) {
      const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(given);
      const unit = match ? SIZE_UNITS[match[2]!.toUpperCase()] : undefined;
      if (!match || unit === undefined) return undefined;
      const bytes = Math.floor(Number(match[1]) * unit);
      return bytes >= minMiB * 2 ** 20 && Number.isSafeInteger(bytes) ? bytes : undefined;
    },
  };
}

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000 };

/** A time, in milliseconds. */
export function duration(placeholder: string): ValueType<number> {
  return {
    placeholder,
    expects: 'a time such as 2s, 500ms or 5min',
    parse(given) {
      const match = /^(\d+(?:\.\d+)?) ?(ms|s|min)$/.exec(given);
      const time = match ? Math.round(Number(match[1]) * (DURATION_MS[match[2] as string] as number)) : 0;
      return time >= 1 && time < 2 ** 31 ? time : undefined;
    },
    advise: (given) => (/^\d+(\.\d+)?$/.test(given) ? `Write ${given}s, or ${given}ms.` : undefined),
  };
}

/** Names between commas; a name with a comma, a quote or outer spaces stands in double quotes, as in SQL. */
export function names(placeholder: string): ValueType<readonly string[]> {
  return {
    placeholder,
    expects: 'names between commas, such as id,name or "odd, name",id',
    parse(given) {
      const found: string[] = [];
      const pattern = /\s*(?:"((?:[^"]|"")+)"|([^",]*[^",\s]))\s*(,|$)/y;
      for (;;) {
        const match = pattern.exec(given);
        if (!match) return undefined;
        found.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
        if (match[3] === '') return found;
      }
    },
  };
}

/** What is said of one column, or of all where the column is undefined. */
export interface ColumnValue<T> {
  readonly column: string | undefined;
  readonly value: T;
}

/** `VALUE` for all columns or `COLUMN=VALUE` for one; the last `=` counts, and the name may stand in double quotes, as in SQL. */
export function perColumn<T>(value: ValueType<T>): ValueType<readonly ColumnValue<T>[]> {
  const behind = (given: string) => given.slice(given.lastIndexOf('=') + 1);
  return {
    placeholder: `[COLUMN=]${value.placeholder}`,
    choices: value.choices,
    expects: `${value.expects}, or the same behind COLUMN=`,
    parse(given) {
      if (!given.includes('=')) {
        const all = value.parse(given);
        return all === undefined ? undefined : [{ column: undefined, value: all }];
      }
      const column = columnName(given.slice(0, given.lastIndexOf('=')));
      const one = value.parse(behind(given));
      return column === undefined || one === undefined ? undefined : [{ column, value: one }];
    },
    advise: (given) => value.advise?.(behind(given)),
  };
}

/** `COLUMN=FORM`; which forms there are, and which types they hold, the library knows. */
export function columnForm(): ValueType<readonly ColumnValue<string>[]> {
  return {
    placeholder: 'COLUMN=FORM',
    expects: 'COLUMN=FORM, such as price=decimal(18,4), payload=text or x=double',
    parse(given) {
      const equals = given.lastIndexOf('=');
      const column = equals < 0 ? undefined : columnName(given.slice(0, equals));
      const form = given.slice(equals + 1);
      return column === undefined || form === '' ? undefined : [{ column, value: form }];
    },
  };
}

/** `OLD=NEW`: two names, in double quotes where they hold what else would be read otherwise. */
export function newName(): ValueType<readonly ColumnValue<string>[]> {
  return {
    placeholder: 'OLD=NEW',
    expects: 'OLD=NEW, such as cust_id=customer_id or "a=b"=c',
    parse(given) {
      const match = /^\s*("(?:[^"]|"")+"|[^"=]+)=("(?:[^"]|"")+"\s*|[^"=]+)$/.exec(given);
      const [column, value] = [match?.[1], match?.[2]].map((part) => (part === undefined ? undefined : columnName(part)));
      return column === undefined || value === undefined ? undefined : [{ column, value }];
    },
  };
}

function columnName(text: string): string | undefined {
  const quoted = /^\s*"((?:[^"]|"")+)"\s*$/.exec(text);
  return quoted ? quoted[1]!.replaceAll('""', '"') : text === '' || text.includes('"') ? undefined : text;
}

/** `string`, `double` or `decimal(P,S)` with 1 <= P <= 38 and 0 <= S <= P. */
export function numericPolicy(): ValueType<string> {
  return {
    placeholder: 'string|double|decimal(P,S)',
    choices: ['string', 'double'],
    expects: 'string, double, or decimal(P,S) with P from 1 to 38 and S from 0 to P',
    parse(given) {
      if (given === 'string' || given === 'double') return given;
      const match = /^decimal\((\d{1,2}),\s*(\d{1,2})\)$/.exec(given);
      if (!match) return undefined;
      const [precision, scale] = [Number(match[1]), Number(match[2])];
      return precision >= 1 && precision <= 38 && scale <= precision ? `decimal(${precision},${scale})` : undefined;
    },
  };
}
