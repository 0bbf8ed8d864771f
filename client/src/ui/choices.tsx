import { RadioGroup as Radix } from "radix-ui";

export interface ChoicesProps<Value extends string> {
  label: string;
  /** null: nothing is chosen yet. */
  value: Value | null;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One of several, below each other. The whole line is the target. */
export function Choices<Value extends string>({ label, value, options, onChange }: ChoicesProps<Value>) {
  return (
    <Radix.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => {
        const option = options.find((one) => one.value === next);
        if (option) onChange(option.value);
      }}
      className="-mx-3 flex flex-col"
    >
      {options.map((option) => (
        <Radix.Item
          key={option.value}
          value={option.value}
          className="group/choice flex min-h-12 items-center gap-3.5 rounded-md px-3 text-start transition-colors hover:bg-hover focus-visible:-outline-offset-2"
        >
          <span className="flex size-5 shrink-0 items-center justify-center rounded-full border-2 border-ink-soft group-data-[state=checked]/choice:border-brand">
            <Radix.Indicator className="size-2.5 rounded-full bg-brand" />
          </span>
          {option.label}
        </Radix.Item>
      ))}
    </Radix.Root>
  );
}
