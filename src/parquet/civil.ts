// Dates and times as PostgreSQL writes them (DateStyle ISO), for the whole range of its types, which JavaScript's Date lacks.

const perSecond: Readonly<Record<string, bigint>> = { ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n };

/** Days since 1970-01-01, proleptic Gregorian: `2024-01-31`, `0044-03-15 BC`, `294276-12-31`. */
export function dateText(days: number): string {
  const { text, isBC } = civil(days);
  return isBC ? `${text} BC` : text;
}

/** Units (`ms`, `us`, `ns`) since 1970-01-01 00:00: `2024-01-31 12:34:56.000000`, with all digits of the unit. */
export function timestampText(value: bigint, unit: string): string {
  const perDay = 86_400n * (perSecond[unit] ?? 1n);
  const time = ((value % perDay) + perDay) % perDay;
  const { text, isBC } = civil(Number((value - time) / perDay));
  return `${text} ${timeText(time, unit)}${isBC ? ' BC' : ''}`;
}

/** Units since midnight: `12:34:56.000000`. */
export function timeText(value: bigint, unit: string): string {
  const units = perSecond[unit] ?? 1n;
  const seconds = Number(value / units);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const fraction = String(value % units).padStart(String(units).length - 1, '0');
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}${units === 1n ? '' : `.${fraction}`}`;
}

/** Counts from 0000-03-01 in eras of 400 years, where leap days come last (Howard Hinnant, "chrono-compatible date algorithms"). */
function civil(days: number): { text: string; isBC: boolean } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const isBC = year <= 0;
  const pad = (n: number, width: number): string => String(n).padStart(width, '0');
  return { text: `${pad(isBC ? 1 - year : year, 4)}-${pad(month, 2)}-${pad(day, 2)}`, isBC };
}
