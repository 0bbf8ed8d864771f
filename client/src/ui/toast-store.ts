import { create } from "zustand";

export interface Toast {
  id: number;
  text: string;
  tone: "good" | "danger" | "quiet";
}

interface ToastStore {
  toasts: readonly Toast[];
  show: (one: Omit<Toast, "id">) => void;
  dismiss: (id: number) => void;
}

let next = 1;

/** Short-lived notices. At most three are kept; the oldest gives way. */
export const useToasts = create<ToastStore>((set) => ({
  toasts: [],
  show: (one) => set((state) => ({ toasts: [...state.toasts.slice(-2), { ...one, id: next++ }] })),
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((one) => one.id !== id) })),
}));

/** Shows a notice from anywhere. Errors stay until dismissed: they may say what to do. */
export function toast(text: string, tone: Toast["tone"] = "quiet"): void {
  useToasts.getState().show({ text, tone });
}
