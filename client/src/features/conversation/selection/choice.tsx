import { useEffect, useRef } from "react";

import type { MessageItem } from "@/core/services.ts";
import { shortened } from "@/core/talk/marks.ts";
import { saidIn } from "@/core/talk/polls.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";

import { STOP } from "../roving.ts";

/** How one message is chosen among others. */
export interface Choice {
  chosen: boolean;
  /** Who said it. */
  name: string;
  /** Whether the box of the message takes the focus as it comes; true only once. */
  takesFocus: (key: string) => boolean;
  onToggle: (message: MessageItem, upTo: boolean) => void;
}

export interface ChoiceBoxProps {
  message: MessageItem;
  /** Of a run of bubbles: there is more room above it. */
  first: boolean;
  choice: Choice;
  stop: boolean;
}

/** Long texts are not read out for every box. */
const EXCERPT = 200;

/** The box of a message, below the whole row: wherever one presses, it is that message. With Shift: all up to there. */
export function ChoiceBox({ message, first, choice, stop }: ChoiceBoxProps) {
  const t = useT();
  const box = useRef<HTMLInputElement>(null);
  const { chosen, name, takesFocus, onToggle } = choice;
  useEffect(() => {
    if (takesFocus(message.key)) box.current?.focus({ preventScroll: true });
  }, [takesFocus, message.key]);
  const said = saidIn(message.body);
  const words = said === null ? t(message.body.t === "sealed" ? "chats.sealed" : "conversation.newer") : shortened(said, EXCERPT);
  return (
    <label
      className={cx(
        "absolute inset-y-0 -inset-x-3 flex cursor-pointer items-center ps-3 transition-colors select-none min-[900px]:-inset-x-6 min-[900px]:ps-6",
        first ? "pt-2.5" : "pt-0.5",
        chosen ? "bg-brand-soft" : "hover:bg-hover",
      )}
    >
      <input
        ref={box}
        type="checkbox"
        checked={chosen}
        tabIndex={stop ? 0 : -1}
        aria-label={t("conversation.says", { name, text: words })}
        // A box changes on a click, also when a key or its label makes it.
        onChange={({ nativeEvent }) => onToggle(message, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)}
        {...{ [STOP]: message.key }}
        className="size-5 animate-appear cursor-pointer"
      />
    </label>
  );
}
