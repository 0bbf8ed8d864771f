import { Search, X } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { IconButton } from "./icon-button.tsx";

export type SearchFieldProps = Omit<ComponentProps<"input">, "className" | "type" | "value" | "onChange"> & {
  label: string;
  value: string;
  onChange: (value: string) => void;
  clearLabel: string;
  /** Shown in place of the magnifier, e.g. a ring while looking. */
  start?: ReactNode;
};

/** A pill to type a query into. The label is its accessible name; the placeholder may say the same more briefly. */
export function SearchField({ label, value, onChange, clearLabel, start, placeholder, onKeyDown, ...input }: SearchFieldProps) {
  return (
    <div role="search" aria-label={label} className="relative">
      <span aria-hidden="true" className="absolute inset-y-0 start-3.5 flex items-center text-ink-soft">
        {start ?? <Search className="size-4.5" />}
      </span>
      <input
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-label={label}
        placeholder={placeholder ?? label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          onKeyDown?.(event);
          if (event.key === "Escape" && value) {
            event.stopPropagation();
            onChange("");
          }
        }}
        className="h-11 w-full rounded-full border border-transparent bg-pressed/60 ps-10 pe-11 text-base text-ink transition-colors placeholder:text-ink-soft hover:bg-pressed focus:border-brand focus:bg-surface focus:outline-1 focus:outline-offset-0 focus:outline-brand"
        {...input}
      />
      {value && (
        <span className="absolute inset-y-0 end-0.5 flex items-center">
          <IconButton icon={X} label={clearLabel} onClick={() => onChange("")} />
        </span>
      )}
    </div>
  );
}
