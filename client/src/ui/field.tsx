import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx.ts";

/** What a control inside a `Field` must carry so that label, hint and error belong to it. */
export interface FieldControl {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

export interface FieldProps {
  id: string;
  label: string;
  /** Stays visible while typing (placeholders don't). */
  hint?: ReactNode;
  /** What is wrong and what to do; announced when it appears. */
  error?: string | null;
  /** Good news about the value, e.g. that a name is free. */
  success?: string | null;
  children: (control: FieldControl) => ReactNode;
}

/** Label above, one line of hint, error or success below, tied to the control by `aria-describedby`. */
export function Field({ id, label, hint, error, success, children }: FieldProps) {
  const note = error || success || hint;
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold text-ink">
        {label}
      </label>
      {children({
        id,
        "aria-describedby": note ? `${id}-note` : undefined,
        "aria-invalid": error ? true : undefined,
      })}
      <div id={`${id}-note`} aria-live="polite" className="text-sm empty:hidden">
        {note && (
          <span
            className={cx(
              "flex items-start gap-1.5",
              error ? "text-danger" : success ? "text-leaf-ink" : "text-ink-soft",
            )}
          >
            {error && <CircleAlert aria-hidden="true" className="mt-[0.15rem] size-4 shrink-0" />}
            {!error && success && <CircleCheck aria-hidden="true" className="mt-[0.15rem] size-4 shrink-0" />}
            <span>{note}</span>
          </span>
        )}
      </div>
    </div>
  );
}

/** The looks of a one-line control; shared by text and password fields. */
export const controlClass =
  "h-12 w-full rounded-md border border-line-strong bg-surface px-3.5 text-base text-ink transition-colors " +
  "placeholder:text-ink-soft hover:border-ink-soft focus:border-brand focus:outline-2 focus:outline-offset-0 focus:outline-brand " +
  "aria-invalid:border-danger aria-invalid:focus:outline-danger disabled:opacity-60";
