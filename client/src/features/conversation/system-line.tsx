import type { MessageItem } from "@/core/services.ts";
import { useNames } from "@/hooks/people.ts";
import { peopleOf, systemSentence } from "@/hooks/system-sentence.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";

/** The sentence for a change of the group: "Asha added Ravi and you". */
export function useSystemSentence(message: MessageItem, myId: string): string {
  const [t, format] = [useT(), useFormat()];
  return systemSentence(message, myId, useNames(peopleOf(message)), { t, format });
}

/** A change of the group among the messages. */
export function SystemLine({ message, myId }: { message: MessageItem; myId: string }) {
  const sentence = useSystemSentence(message, myId);
  return (
    <p className="mx-auto my-1.5 w-fit max-w-[85%] rounded-xl bg-surface px-3.5 py-1 text-center text-xs text-ink-soft text-pretty">
      {sentence}
    </p>
  );
}
