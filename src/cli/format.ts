/** Three digits and a decimal unit: `987`, `1.23 M`, `45.6 k`. */
export function short(value: number): string {
  const [number, unit] = scaled(value, ['', ' k', ' M', ' G', ' T'], 1000);
  return `${number}${unit}`;
}

/** `987 B`, `1.23 MiB`: powers of 1024, as --memory takes them. */
export function bytes(value: number): string {
  const [number, unit] = scaled(value, [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'], 1024);
  return `${number}${unit}`;
}

/** `0.31 s`, `12.4 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return wholeSeconds(seconds);
}

/** A time that still runs: `3 s`, `3 min 05 s`, `2 h 07 min`. */
export function wholeSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => value.toString().padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A time to come, which nobody knows more exactly: `1 s`, `45 s`, `3 min`, `1 h 5 min`. */
export function roughly(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `37%`; never 100% before all is done, never 0% of something. */
export function percent(share: number): string {
  return `${Math.min(share >= 1 ? 100 : 99, Math.max(share > 0 ? 1 : 0, Math.round(share * 100)))}%`;
}

/** Text with control characters made visible, so that names from a server cannot steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

function scaled(value: number, units: readonly string[], base: number): [string, string] {
  let unit = 0;
  let number = value;
  while (unit < units.length - 1 && Math.abs(number) >= 999.5) {
    number /= base;
    unit++;
  }
  const digits = unit === 0 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
  return [number.toFixed(digits), units[unit]!];
}
