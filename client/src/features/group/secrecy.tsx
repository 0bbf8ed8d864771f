import { Eye, Lock } from "lucide-react";

import type { ChatDetail } from "@/core/services.ts";
import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";

/** Who can read this chat, as it is and not as it ought to be. */
export function Secrecy({ chat }: { chat: ChatDetail }) {
  const t = useT();
  const open = chat.encryption === "none";
  return (
    <div className="mx-4 sm:mx-6">
      <Banner icon={open ? Eye : Lock} tone={open ? "note" : "good"} shape="card">
        {t(open ? "group.plain" : "group.sealed")}
      </Banner>
    </div>
  );
}
