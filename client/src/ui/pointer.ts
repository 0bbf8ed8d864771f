/**
 * Whether a field may take the focus by itself: with a mouse and a keyboard it saves a press; on a phone the keyboard would
 * cover half of what there is to see.
 */
export const mayTakeFocus = (): boolean => matchMedia("(hover: hover) and (pointer: fine)").matches;
