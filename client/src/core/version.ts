// What this client calls itself to the server's `minClient`.

export const CLIENT_VERSION = "0.1.0";

const partsOf = (version: string): number[] => version.split(".").map((part) => Number.parseInt(part, 10) || 0);

/** Whether one dotted version is older than another; missing parts count as 0. */
export function isOlder(one: string, other: string): boolean {
  const [left, right] = [partsOf(one), partsOf(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
