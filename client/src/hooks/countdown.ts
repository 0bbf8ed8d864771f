import { useEffect, useState } from "react";

/** Seconds until another letter may be asked for, counted from when this one came. 0: now. */
export function useCountdown(letter: { resendAfter: number }): number {
  const [left, setLeft] = useState(() => Math.ceil(letter.resendAfter));
  useEffect(() => {
    const end = Date.now() + letter.resendAfter * 1_000;
    const tick = (): void => {
      const now = Math.max(0, Math.ceil((end - Date.now()) / 1_000));
      setLeft(now);
      if (now === 0) clearInterval(timer);
    };
    const timer = setInterval(tick, 500);
    tick();
    return () => clearInterval(timer);
  }, [letter]);
  return left;
}
