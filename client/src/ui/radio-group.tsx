import type { LucideIcon } from "lucide-react";
import { RadioGroup as Radix } from "radix-ui";

export interface RadioOption<Value extends string> {
  value: Value;
  label: string;
  icon?: LucideIcon;
  /** The language of the label when it is not the page's. */
  lang?: string;
}

export interface RadioGroupProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly RadioOption<Value>[];
  onChange: (value: Value) => void;
}

/** One of a few, side by side as one strip. */
export function RadioGroup<Value extends string>({ label, value, options, onChange }: RadioGroupProps<Value>) {
  return (
    <Radix.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => {
        const option = options.find((one) => one.value === next);
        if (option) onChange(option.value);
      }}
      className="flex gap-1 rounded-md border border-line bg-sunken p-1"
    >
      {options.map(({ value: option, label: text, icon: Icon, lang }) => (
        <Radix.Item
          key={option}
          value={option}
          lang={lang}
          className="flex min-h-10 min-w-0 flex-1 items-center justify-center gap-2 rounded-sm px-2 text-sm font-medium text-ink-soft transition-colors hover:text-ink data-[state=checked]:bg-raised data-[state=checked]:text-ink data-[state=checked]:shadow-raised pointer-coarse:min-h-11"
        >
          {Icon && <Icon aria-hidden="true" className="size-4.5 shrink-0" />}
          <span className="truncate">{text}</span>
        </Radix.Item>
      ))}
    </Radix.Root>
  );
}
