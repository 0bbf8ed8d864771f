import { ChartBarBig, Plus, SendHorizontal, X } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";

import { MAX_TEXT, type MemberItem } from "@/core/services.ts";
import { mentionsIn } from "@/core/talk/mentions.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { cx } from "@/ui/cx.ts";
import { DeferredMenu } from "@/ui/deferred-menu.tsx";
import { IconButton } from "@/ui/icon-button.tsx";
import { toast } from "@/ui/toast-store.ts";

import { nameable } from "./complete/nameable.ts";
import { useCompletion } from "./complete/use-completion.tsx";
import { Answering } from "./quote.tsx";
import type { Writing } from "./use-asks.tsx";
import { useDraft } from "./use-draft.ts";

/** From here on the number of characters left is shown. */
const WARN = 200;

export interface ComposerProps {
  chatId: string;
  myId: string;
  /** Who can be named. */
  members: readonly MemberItem[];
  /** Whether all of them can be named at once. */
  group: boolean;
  /** The message that is being changed, or answered. */
  writing: Writing;
  /** It was changed or answered, or the person thought better of it. */
  onDone: () => void;
  /** The arrow up in an empty field. */
  onEditLast: () => void;
  /** Something was put in the outbox. */
  onSent: () => void;
  /** The person wants to ask the others something. */
  onPoll: () => void;
}

/** Shared by the field and by its double that gives it its height. */
const shape = "col-start-1 row-start-1 min-h-11 min-w-0 rounded-xl border px-4 py-2.5 text-base leading-6";

/** How many more characters (Unicode code points, as the server counts) fit; exact near the limit, cheap before it. */
function charactersLeft(text: string): number {
  const units = MAX_TEXT - text.length;
  return units > WARN ? units : MAX_TEXT - [...text.trim()].length;
}

const fits = (text: string): boolean => text.trim() !== "" && charactersLeft(text) >= 0;

/** Where one writes. Enter sends where there is a keyboard; on touch screens Enter is a new line and the button sends. */
export function Composer({ chatId, myId, members, group, writing, onDone, onEditLast, onSent, onPoll }: ComposerProps) {
  const editing = writing?.for === "edit" ? writing.message : null;
  const answered = writing?.for === "reply" ? writing.message : null;
  const t = useT();
  const services = useServices();
  const draft = useDraft(chatId);
  const [change, setChange] = useState("");
  const [editingKey, setEditingKey] = useState<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const everyone = group ? t("conversation.everyone") : null;

  if ((editing?.key ?? null) !== editingKey) {
    setEditingKey(editing?.key ?? null);
    setChange(editing?.body.t === "text" ? editing.body.text : "");
  }
  const text = editing ? change : draft.text;
  const left = charactersLeft(text);
  const ready = fits(text);

  useEffect(() => {
    if (editing || answered || matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, [editing, answered]);

  function write(next: string): void {
    if (editing) return setChange(next);
    draft.set(next);
    if (next.trim()) services.chats.typing(chatId);
  }
  const completion = useCompletion({ field: area, text, write, members, myId, everyone });

  async function submit(): Promise<void> {
    if (editing) {
      if (!fits(change)) return;
      const words = change.trim();
      const before = editing.body.t === "text" ? editing.body : undefined;
      const mentions = mentionsIn(words, nameable(members, myId, everyone), before);
      const { edit } = services.messages;
      const changed = mentions.length > 0 ? edit(editing.key, words, mentions) : edit(editing.key, words);
      if (!(await changed)) toast(t("conversation.tooLate"), "danger");
      onDone();
    } else {
      const send = (words: string): Promise<unknown> => {
        const said = words.trim();
        const mentions = mentionsIn(said, nameable(members, myId, everyone));
        if (mentions.length > 0) return services.messages.send(chatId, said, answered?.key, mentions);
        return answered ? services.messages.send(chatId, said, answered.key) : services.messages.send(chatId, said);
      };
      try {
        if (!(await draft.send(fits, send))) return;
        if (answered) onDone();
      } catch (error) {
        toast(error instanceof Error ? error.message : t("conversation.failed"), "danger");
        return;
      }
    }
    onSent();
    area.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    // An Enter that ends a composition belongs to the input method.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (completion.press(event)) return;
    if (event.key === "Escape" && writing) {
      event.stopPropagation();
      onDone();
    }
    if (event.key === "ArrowUp" && !editing && text === "") {
      event.preventDefault();
      onEditLast();
    }
    if (event.key !== "Enter" || event.shiftKey || !matchMedia("(pointer: fine)").matches) return;
    event.preventDefault();
    void submit();
  }

  return (
    <form
      className="relative pad-safe-bottom border-t border-line bg-surface"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {completion.list}
      {answered && <Answering message={answered} myId={myId} onStop={onDone} />}
      {editing && (
        <div className="mx-auto flex w-full max-w-4xl items-center gap-2 ps-5 pe-3 pt-1.5 text-sm text-ink-soft">
          <span className="flex-1">{t("conversation.editing")}</span>
          <IconButton icon={X} label={t("conversation.stopEditing")} onClick={onDone} />
        </div>
      )}
      <div className="mx-auto flex max-w-4xl items-end gap-2 px-3 py-2.5">
        {!editing && (
          <DeferredMenu
            align="start"
            items={[{ label: t("polls.new"), icon: ChartBarBig, opensWindow: true, onSelect: onPoll }]}
            onUnavailable={() => toast(t("problems.offline"), "danger")}
            trigger={<IconButton icon={Plus} label={t("polls.more")} size="lg" />}
          />
        )}
        <div className="grid min-w-0 flex-1">
          {/* As tall as the text, up to a third of a phone's screen. Measuring the field itself would have to collapse it
              first, and the list above would jump with every key. */}
          <div aria-hidden="true" className={cx(shape, "invisible max-h-45 overflow-hidden whitespace-pre-wrap wrap-anywhere")}>
            {text + "\u200b"}
          </div>
          <textarea
            ref={area}
            rows={1}
            value={text}
            aria-label={t("conversation.composer")}
            aria-describedby={left < WARN ? "composer-left" : undefined}
            aria-invalid={left < 0 || undefined}
            placeholder={t("conversation.placeholder")}
            enterKeyHint="enter"
            autoComplete="off"
            {...completion.aria}
            onChange={(event) => {
              write(event.target.value);
              completion.look(event.target);
            }}
            onSelect={(event) => completion.look(event.currentTarget)}
            onBlur={completion.close}
            onKeyDown={onKeyDown}
            className={cx(
              shape,
              "h-full resize-none border-line-strong bg-canvas text-ink transition-colors placeholder:truncate placeholder:text-ink-soft",
              "hover:border-ink-soft focus:border-brand focus:outline-1 focus:outline-offset-0 focus:outline-brand",
              "aria-invalid:border-danger aria-invalid:outline-danger",
            )}
          />
        </div>
        <IconButton
          type="submit"
          icon={SendHorizontal}
          label={t("conversation.send")}
          look="primary"
          size="lg"
          // A press must not take the focus: on a phone the keyboard would close and open again.
          onMouseDown={(event) => event.preventDefault()}
          disabled={!ready}
        />
      </div>
      {left < WARN && (
        <p
          id="composer-left"
          role={left < 0 ? "alert" : undefined}
          className={cx("mx-auto w-full max-w-4xl px-7 pb-2 text-xs", left < 0 ? "text-danger" : "text-ink-soft")}
        >
          {left < 0 ? t("conversation.tooLong", { count: -left }) : t("conversation.left5000", { count: left })}
        </p>
      )}
    </form>
  );
}
