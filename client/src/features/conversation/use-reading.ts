// Telling how far the person has read: what is on the screen while the window is looked at.

import { useEffect } from "react";

import { useServices } from "@/hooks/services.ts";

const looking = (): boolean => document.visibilityState === "visible" && document.hasFocus();

/** `seq`: the newest message fully on the screen, or null. */
export function useReading(chatId: string, seq: number | null): void {
  const { chats } = useServices();
  useEffect(() => {
    if (seq === null) return;
    const tell = (): void => {
      if (looking()) chats.markRead(chatId, seq);
    };
    tell();
    window.addEventListener("focus", tell);
    document.addEventListener("visibilitychange", tell);
    return () => {
      window.removeEventListener("focus", tell);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [chatId, chats, seq]);
}
