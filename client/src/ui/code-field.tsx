import { useId, type ComponentProps } from "react";
import { cx } from "./cx.ts";
import { controlClass, Field, type FieldProps } from "./field.tsx";

/** The digits of what was typed or pasted, those of Devanagari as Western ones; spaces and dashes go. */
export function digitsOf(text: string, most: number): string {
  const western = text.replace(/[\u0966-\u096f]/g, (digit) => String(digit.charCodeAt(0) - 0x0966));
  return [...western].filter((char) => /\p{Nd}/u.test(char)).slice(0, most).join("");
}

export type CodeFieldProps = Omit<ComponentProps<"input">, "className" | "type" | "value" | "onChange" | "autoComplete"> &
  Omit<FieldProps, "children" | "id"> & {
    value: string;
    /** Gets digits only, at most `digits`. */
    onChange: (code: string) => void;
    digits?: number;
  };

/**
 * A short code of digits. One field, not one for each digit: it can be pasted, filled in by the phone from the letter,
 * read by a screen reader, and corrected in the middle.
 */
export function CodeField({ label, hint, error, success, id, value, onChange, digits = 6, ...input }: CodeFieldProps) {
  const own = useId();
  return (
    <Field id={id ?? own} label={label} hint={hint} error={error} success={success}>
      {(control) => (
        <input
          className={cx(controlClass, "h-14 ps-[0.35em] text-center text-2xl font-semibold tracking-[0.35em] tabular-nums")}
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoCorrect="off"
          spellCheck={false}
          {...control}
          {...input}
          value={value}
          onChange={(event) => onChange(digitsOf(event.target.value, digits))}
        />
      )}
    </Field>
  );
}
