// What is known here of the history that is kept for new devices: rows of `meta` that every tab reads.

/** Whether the history of the chat is kept; absent means that it is. */
export const switchName = (chatId: string): string => `history/${chatId}`;
/** There is no room for more. */
export const FULL = "history-full";
