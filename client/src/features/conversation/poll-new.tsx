import { useState, type FormEvent } from "react";

import { MAX_OPTION, MAX_OPTIONS, MAX_QUESTION, MIN_OPTIONS, overlong } from "@/core/limits.ts";
import { useAction } from "@/hooks/action.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { Dialog } from "@/ui/dialog.tsx";
import { Switch } from "@/ui/switch.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { Trouble } from "@/ui/trouble.tsx";

export interface NewPollProps {
  chatId: string;
  onSent: () => void;
  onClose: () => void;
}

/** Makes a poll. There is always one empty answer more than was written, until there are enough. */
export function NewPoll({ chatId, onSent, onClose }: NewPollProps) {
  const t = useT();
  const services = useServices();
  const [question, setQuestion] = useState("");
  const [options, setOptions] = useState<readonly string[]>(["", ""]);
  const [several, setSeveral] = useState(false);
  const [tried, setTried] = useState(false);
  const { busy, problem, run } = useAction();

  const tooLong = (line: string, most: number): string | null => {
    const count = overlong(line, most);
    return count > 0 ? t("polls.long", { count }) : null;
  };
  const lines = options.map((option) => option.trim());
  const written = lines.filter((line) => line !== "");
  const twice = (place: number): boolean => lines[place] !== "" && lines.indexOf(lines[place] ?? "") < place;
  const wrongQuestion = tooLong(question, MAX_QUESTION) ?? (question.trim() === "" ? t("polls.needQuestion") : null);
  const wrongOptions = lines.map((line, place) => {
    if (twice(place)) return t("polls.twice");
    return tooLong(line, MAX_OPTION) ?? (line === "" && place < MIN_OPTIONS && written.length < MIN_OPTIONS ? t("polls.needOptions") : null);
  });
  const fine = wrongQuestion === null && wrongOptions.every((wrong) => wrong === null);

  function write(place: number, text: string): void {
    const next = options.map((option, each) => (each === place ? text : option));
    if (next.at(-1)?.trim() !== "" && next.length < MAX_OPTIONS) next.push("");
    setOptions(next);
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (!fine) return;
    if (!(await run(() => services.messages.ask(chatId, { question, options: written, several })))) return;
    onSent();
    onClose();
  }

  return (
    <Dialog open onClose={onClose} title={t("polls.new")} closeLabel={t("common.close")}>
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4 px-6 pb-5">
        {problem && <Trouble>{problem}</Trouble>}
        <TextField
          // The window is there for this first of all.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          label={t("polls.question")}
          value={question}
          autoComplete="off"
          error={tried ? wrongQuestion : tooLong(question, MAX_QUESTION)}
          onChange={(event) => setQuestion(event.target.value)}
        />
        <fieldset className="flex flex-col gap-2.5">
          <legend className="sr-only">{t("polls.options")}</legend>
          {options.map((option, place) => (
            <TextField
              // The answers of a poll never change places.
              // oxlint-disable-next-line react/no-array-index-key
              key={place}
              label={t("polls.option", { number: place + 1 })}
              value={option}
              autoComplete="off"
              error={tried || option !== "" ? (wrongOptions[place] ?? null) : null}
              onChange={(event) => write(place, event.target.value)}
            />
          ))}
        </fieldset>
        <Switch label={t("polls.severalSwitch")} checked={several} onChange={setSeveral} />
        <p className="text-sm text-ink-soft text-pretty">{t("polls.open")}</p>
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" busy={busy}>
            {t("polls.ask")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
