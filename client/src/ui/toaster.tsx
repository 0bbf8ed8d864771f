import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton } from "./icon-button.tsx";
import { useToasts, type Toast } from "./toast-store.ts";

/** How long good news stays, in ms; WCAG 2.2.1 asks for a way to keep it, so hovering or focusing holds it. */
const STAY = 6_000;

/** The place where notices appear. Mounted once; an empty live region must exist before its first text is announced. */
export function Toaster({ dismissLabel, label }: { dismissLabel: string; label: string }) {
  const toasts = useToasts((state) => state.toasts);
  return (
    <section aria-label={label} className="pointer-events-none fixed inset-x-0 bottom-4 z-50 flex flex-col items-center gap-2 px-4 pad-safe-bottom">
      <div role="status" aria-live="polite" className="flex w-full max-w-md flex-col gap-2">
        {toasts.map((one) => (
          <ToastCard key={one.id} toast={one} dismissLabel={dismissLabel} />
        ))}
      </div>
    </section>
  );
}

function ToastCard({ toast, dismissLabel }: { toast: Toast; dismissLabel: string }) {
  const dismiss = useToasts((state) => state.dismiss);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || toast.tone === "danger") return;
    const timer = setTimeout(() => dismiss(toast.id), STAY);
    return () => clearTimeout(timer);
  }, [held, toast, dismiss]);
  const Icon = toast.tone === "danger" ? CircleAlert : CircleCheck;
  return (
    <div
      data-surface
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto flex animate-rise items-center gap-3 rounded-lg bg-raised py-1.5 ps-4 pe-1.5 text-sm text-ink shadow-overlay"
    >
      <Icon aria-hidden="true" className={toast.tone === "danger" ? "size-5 shrink-0 text-danger" : "size-5 shrink-0 text-leaf-ink"} />
      <p className="min-w-0 flex-1">{toast.text}</p>
      <IconButton icon={X} label={dismissLabel} tooltip={false} onClick={() => dismiss(toast.id)} />
    </div>
  );
}
