import { RotateCw } from "lucide-react";
import { useEffect, useState } from "react";

import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { LogoMark } from "@/ui/logo.tsx";

/** When a start is slow enough to say so, and to offer a way out; in ms. The server is given 8 s to say who we are. */
const SLOW = 9_000;

/** While the app looks at what this browser remembers: the mark stays where the page itself (`index.html`) has put it. */
export function Splash() {
  const t = useT();
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="flex h-full flex-col items-center justify-center gap-6 bg-canvas px-6 text-center">
      <LogoMark size="lg" />
      <p role="status" className={slow ? "max-w-sm text-ink-soft text-pretty" : "sr-only"}>
        {slow ? t("app.slow") : t("app.starting")}
      </p>
      {slow && (
        <Button onClick={() => location.reload()}>
          <RotateCw aria-hidden="true" />
          {t("common.reload")}
        </Button>
      )}
    </main>
  );
}
