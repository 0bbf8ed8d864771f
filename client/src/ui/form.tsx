import { CircleAlert } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { flushSync } from "react-dom";

import { Banner } from "./banner.tsx";
import { Button } from "./button.tsx";

export interface FormProps {
  submit: {
    busy: boolean;
    /** What went wrong as a whole; null: nothing, or it stands at a field. */
    problem: string | null;
    /** It may not be sent right now; `problem` says why. */
    waiting: boolean;
    run: () => Promise<void>;
  };
  /** On the button. */
  label: string;
  /** What cannot be taken back is red. */
  look?: "primary" | "danger";
  /** Says what is wrong before the server is asked; true: nothing is. */
  check: () => boolean;
  children: ReactNode;
}

/** A column of fields and its button. With a mouse the first empty field has the focus at once; after a refusal the focus is on the first field that must be changed. */
export function Form({ submit, label, look = "primary", check, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  // Under a finger it would only call the screen keyboard before anything was read.
  useEffect(() => {
    if (!matchMedia("(pointer: fine)").matches) return;
    const inputs = form.current?.querySelectorAll("input") ?? [];
    [...inputs].find((input) => input.value === "")?.focus();
  }, []);
  const focusInvalid = (): void => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();

  const send = async (): Promise<void> => {
    // The marks must be in the document before they can be looked for.
    if (flushSync(check)) await submit.run();
    // After the render that shows what the server said.
    requestAnimationFrame(focusInvalid);
  };

  return (
    <form
      ref={form}
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {children}
      {submit.problem && (
        <Banner icon={CircleAlert} tone="danger" shape="card" role="alert">
          {submit.problem}
        </Banner>
      )}
      <Button type="submit" look={look} wide busy={submit.busy} disabled={submit.waiting}>
        {label}
      </Button>
    </form>
  );
}
