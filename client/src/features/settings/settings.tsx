import { useLive, useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Pane } from "@/ui/pane.tsx";

import { About } from "./about.tsx";
import { AccountPages, type AccountPage } from "./account-pages.tsx";
import { Appearance } from "./appearance.tsx";
import { Keyboard } from "./keyboard.tsx";
import { Privacy } from "./privacy.tsx";
import { ProfileForm } from "./profile.tsx";
import { SignOut } from "./sign-out.tsx";
import { StorageSection } from "./storage.tsx";

export interface SettingsProps {
  onBack: () => void;
  /** Opens one of the pages of the account. */
  onPage: (page: AccountPage | "storage" | "blocked") => void;
}

/** Everything about oneself and this browser, on one page. */
export function Settings({ onBack, onPage }: SettingsProps) {
  const t = useT();
  const session = useLive(useServices().session.status);
  if (session.state !== "signedIn") return null;
  return (
    <Pane title={t("settings.title")} backLabel={t("common.back")} onBack={onBack}>
      <div className="flex flex-col gap-9 px-4 pt-2 sm:px-6">
        <ProfileForm key={session.me.id} me={session.me} />
        <AccountPages onPage={onPage} />
        <Appearance />
        <Privacy onBlocked={() => onPage("blocked")} />
        <StorageSection onChats={() => onPage("storage")} />
        {/* Nothing to say where no keyboard is likely. */}
        <div className="[@media(any-hover:none)]:hidden">
          <Keyboard />
        </div>
        <About />
        <SignOut />
      </div>
    </Pane>
  );
}
