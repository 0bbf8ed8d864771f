import { Crown, HeartHandshake, TriangleAlert } from "lucide-react";

import { useT } from "@/i18n/index.ts";
import { Banner } from "@/ui/banner.tsx";

import type { Inviter } from "./use-inviter.ts";

/** Above the first step: who invites, or that this account will own the server. */
export function SignUpNotes({ inviter: { profile, problem }, first }: { inviter: Inviter; first: boolean }) {
  const t = useT();
  return (
    <div className="mb-5 flex flex-col gap-3 empty:hidden">
      {profile && (
        <Banner icon={HeartHandshake} tone="good" shape="card">
          {t("auth.invitedBy", { name: profile.displayName })}
        </Banner>
      )}
      {problem && (
        <Banner icon={TriangleAlert} shape="card" role="status">
          {problem}
        </Banner>
      )}
      {first && (
        <Banner icon={Crown} shape="card">
          {t("auth.first")}
        </Banner>
      )}
    </div>
  );
}
