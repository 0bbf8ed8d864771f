import { Eye, EyeOff } from "lucide-react";
import { useId, useState, type ComponentProps } from "react";
import { cx } from "./cx.ts";
import { controlClass, Field, type FieldProps } from "./field.tsx";
import { IconButton } from "./icon-button.tsx";

export type PasswordFieldProps = Omit<ComponentProps<"input">, "className" | "type" | "autoComplete"> &
  Omit<FieldProps, "children" | "id"> & {
    /** Tells password managers whether to fill in or to offer a new one. */
    autoComplete: "current-password" | "new-password";
    showLabel: string;
    hideLabel: string;
  };

/** A password that can be looked at. */
export function PasswordField({ label, hint, error, success, showLabel, hideLabel, id, ...input }: PasswordFieldProps) {
  const own = useId();
  const [visible, setVisible] = useState(false);
  return (
    <Field id={id ?? own} label={label} hint={hint} error={error} success={success}>
      {(control) => (
        <div className="relative">
          <input
            className={cx(controlClass, "pe-12")}
            type={visible ? "text" : "password"}
            spellCheck={false}
            autoCapitalize="off"
            {...control}
            {...input}
          />
          <span className="absolute inset-y-0 end-1 flex items-center">
            <IconButton
              icon={visible ? EyeOff : Eye}
              label={visible ? hideLabel : showLabel}
              aria-pressed={visible}
              aria-controls={control.id}
              onClick={() => setVisible(!visible)}
            />
          </span>
        </div>
      )}
    </Field>
  );
}
