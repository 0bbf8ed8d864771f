import { ExternalLink } from "lucide-react";

import { leave } from "@/hooks/arrival.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";

export interface ProviderWayProps {
  /** "Google". */
  name: string;
  /** Where to go afterwards. */
  next: string;
}

/** Signing up or in with an account elsewhere: leaves the page and comes back. */
export function ProviderWay({ name, next }: ProviderWayProps) {
  const t = useT();
  return (
    <Button look="outline" wide asChild>
      <a href={`/api/auth/google?${new URLSearchParams({ next })}`} onClick={leave}>
        <ExternalLink aria-hidden="true" />
        {t("auth.withProvider", { name })}
      </a>
    </Button>
  );
}
