import { AlertDialog as Radix } from "radix-ui";
import { Button } from "./button.tsx";
import { useFocusReturn } from "./focus-return.ts";
import { Trouble } from "./trouble.tsx";

export interface ConfirmProps {
  open: boolean;
  title: string;
  /** What will happen, so that the answer needs no guessing. */
  text: string;
  /** Other things that happen, or do not. */
  more?: readonly string[];
  /** A verb ("Leave group"), not "OK". */
  confirmLabel: string;
  cancelLabel: string;
  danger?: boolean;
  busy?: boolean;
  /** Why it did not work; the question stays, so that the person can try again. */
  problem?: string | null;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something that cannot be undone. The focus starts on the harmless answer. */
export function Confirm({ open, title, text, more, confirmLabel, cancelLabel, danger, busy, problem, onConfirm, onCancel }: ConfirmProps) {
  const returnFocus = useFocusReturn(open);
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onCancel()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 animate-appear bg-scrim" />
        <Radix.Content
          data-surface
          onCloseAutoFocus={returnFocus}
          className="fixed inset-0 z-50 m-auto flex h-fit w-[min(25rem,calc(100vw-2rem))] animate-rise flex-col gap-2 rounded-xl bg-raised p-6 text-ink shadow-overlay focus:outline-none"
        >
          <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
          <Radix.Description className="text-ink-soft text-pretty">{text}</Radix.Description>
          {more?.map((each) => (
            <p key={each} className="text-ink-soft text-pretty">
              {each}
            </p>
          ))}
          {problem && <Trouble>{problem}</Trouble>}
          <div className="mt-4 flex flex-wrap justify-end gap-2">
            <Radix.Cancel asChild>
              <Button look="quiet">{cancelLabel}</Button>
            </Radix.Cancel>
            <Button look={danger ? "danger" : "primary"} busy={busy ?? false} onClick={onConfirm}>
              {confirmLabel}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
