// Sizes for people.

const UNITS = ["kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A size in the unit that people would choose, with as many digits as tell something. */
export function bytes(count: number, language: string): string {
  let [size, step] = [count / 1000, 0];
  while (size >= 1000 && step < UNITS.length - 1) [size, step] = [size / 1000, step + 1];
  const digits = size < 10 ? 1 : 0;
  const format = { style: "unit", unit: UNITS[step], unitDisplay: "short", maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(language, format).format(size);
}
