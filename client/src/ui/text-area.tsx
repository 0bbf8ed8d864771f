import { useId, type ComponentProps } from "react";
import { cx } from "./cx";
import { controlClass, Field, type FieldProps } from "./field";

export type TextAreaProps = Omit<ComponentProps<"textarea">, "className"> & Omit<FieldProps, "children" | "id">;

/** A few lines of text with their label, hint and error; grows with what is written where the browser can. */
export function TextArea({ label, hint, error, success, id, ...input }: TextAreaProps) {
  const own = useId();
  return (
    <Field id={id ?? own} label={label} hint={hint} error={error} success={success}>
      {(control) => (
        <textarea
          rows={2}
          className={cx(controlClass, "field-sizing-content h-auto max-h-48 min-h-20 resize-none py-2.5")}
          {...control}
          {...input}
        />
      )}
    </Field>
  );
}
