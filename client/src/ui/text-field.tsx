import { useId, type ComponentProps, type ReactNode } from "react";
import { cx } from "./cx.ts";
import { controlClass, Field, type FieldProps } from "./field.tsx";

export type TextFieldProps = Omit<ComponentProps<"input">, "className" | "prefix"> &
  Omit<FieldProps, "children" | "id"> & {
    /** A sign before the value, e.g. "@". */
    prefix?: string;
    /** Something at the end of the control, e.g. a ring while it is checked. */
    end?: ReactNode;
  };

/** One line of text with its label, hint and error. */
export function TextField({ label, hint, error, success, prefix, end, id, ...input }: TextFieldProps) {
  const own = useId();
  return (
    <Field id={id ?? own} label={label} hint={hint} error={error} success={success}>
      {(control) => (
        <div className="relative">
          {prefix && (
            <span aria-hidden="true" className="absolute inset-y-0 start-3.5 flex items-center text-ink-soft">
              {prefix}
            </span>
          )}
          <input className={cx(controlClass, prefix && "ps-8", end != null && "pe-11")} {...control} {...input} />
          {end != null && <span className="absolute inset-y-0 end-3.5 flex items-center text-ink-soft">{end}</span>}
        </div>
      )}
    </Field>
  );
}
