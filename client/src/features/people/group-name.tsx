import type { ReactNode, Ref } from "react";

import { useT } from "@/i18n/index.ts";
import { mayTakeFocus } from "@/ui/pointer.ts";
import { TextField } from "@/ui/text-field.tsx";

export interface GroupNameProps {
  name: string;
  look: ReactNode;
  error: string | null;
  onChange: (name: string) => void;
  onEnter: () => void;
  ref: Ref<HTMLInputElement>;
}

/** The name of a group that is being made, beside the picture that it will have. */
export function GroupName({ name, look, error, onChange, onEnter, ref }: GroupNameProps) {
  const t = useT();
  return (
    <div className="flex items-start gap-4 px-4 pt-1 sm:px-6">
      {look}
      <div className="min-w-0 flex-1">
        <TextField
          ref={ref}
          // The first thing to fill in on a page that is a form.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus={mayTakeFocus()}
          label={t("people.groupName")}
          hint={t("people.groupNameHint")}
          error={error}
          value={name}
          autoComplete="off"
          enterKeyHint="next"
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => event.key === "Enter" && !event.nativeEvent.isComposing && onEnter()}
        />
      </div>
    </div>
  );
}
