// What tokens.css says, as numbers: OKLCH to linear sRGB to the WCAG contrast ratio.

/** One colour as written: lightness 0…1, chroma, hue in degrees. */
export interface Oklch {
  l: number;
  c: number;
  h: number;
}

/** A token's value on light and on dark ground; the same twice when it does not change. */
export interface Token {
  light: Oklch;
  dark: Oklch;
}

const COLOUR = /oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g;

/** Every opaque `--color-*` token of the stylesheet, by name without the prefix. */
export function readTokens(css: string): ReadonlyMap<string, Token> {
  const tokens = new Map<string, Token>();
  for (const [, name, value] of css.matchAll(/--color-([a-z0-9-]+):\s*([^;]+);/g)) {
    const [light, dark = light] = [...(value ?? "").matchAll(COLOUR)].map(([, l, c, h]) => ({
      l: Number(l),
      c: Number(c),
      h: Number(h),
    }));
    if (name && light && dark) tokens.set(name, { light, dark });
  }
  return tokens;
}

const clip = (value: number): number => Math.min(1, Math.max(0, value));

/** Linear-light sRGB, clipped to the gamut as browsers do (CSS Color 4, §9.2 "OKLab and OKLCH"). */
export function linearRgb({ l, c, h }: Oklch): [number, number, number] {
  const angle = (h * Math.PI) / 180;
  const a = c * Math.cos(angle);
  const b = c * Math.sin(angle);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    clip(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    clip(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    clip(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

/** 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: Oklch, other: Oklch): number {
  const luminance = (colour: Oklch): number => {
    const [r, g, b] = linearRgb(colour);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, light] = [luminance(one), luminance(other)].toSorted((x, y) => x - y);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}
