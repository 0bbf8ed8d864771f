import { Camera } from "lucide-react";
import { useState } from "react";

import type { Me } from "@/core/services.ts";
import { asApiError } from "@/core/errors.ts";
import { useProblem } from "@/hooks/problem.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { Section } from "@/ui/section.tsx";
import { TextArea } from "@/ui/text-area.tsx";
import { TextField } from "@/ui/text-field.tsx";
import { toast } from "@/ui/toast-store.ts";

import { AvatarDialog } from "./avatar-dialog.tsx";

/** The server's limits (batiyoun/users/model.py). */
const MAX_NAME = 64;
const MAX_BIO = 300;
const length = (text: string): number => [...text.trim().normalize("NFC")].length;

/** What others see of oneself. */
export function ProfileForm({ me }: { me: Me }) {
  const t = useT();
  const services = useServices();
  const say = useProblem();
  // null: not touched, so that a change made elsewhere shows.
  const [name, setName] = useState<string | null>(null);
  const [bio, setBio] = useState<string | null>(null);
  const [picturing, setPicturing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});

  const shownName = name ?? me.displayName;
  const shownBio = bio ?? me.bio;
  const extra = length(shownBio) - MAX_BIO;
  const nameError =
    length(shownName) === 0 ? t("settings.emptyName") : length(shownName) > MAX_NAME ? t("forms.longName") : null;
  const bioError = extra > 0 ? t("settings.longBio", { count: extra }) : null;
  const changed = shownName.trim() !== me.displayName || shownBio.trim() !== me.bio;

  const save = async (): Promise<void> => {
    if (nameError || bioError || !changed) return;
    setBusy(true);
    try {
      await services.session.updateProfile({ displayName: shownName.trim(), bio: shownBio.trim() });
      setName(null);
      setBio(null);
      setRefused({});
      toast(t("settings.saved"), "good");
    } catch (thrown) {
      const error = asApiError(thrown);
      setRefused(error.fields);
      if (Object.keys(error.fields).length === 0) toast(say(error), "danger");
    } finally {
      setBusy(false);
    }
  };

  return (
    <Section title={t("settings.profile")}>
      <div className="flex items-center gap-4">
        <button
          type="button"
          aria-label={t("settings.changePicture")}
          onClick={() => setPicturing(true)}
          className="group relative shrink-0 rounded-full"
        >
          <Avatar id={me.id} name={shownName || me.username} src={me.avatar} size="lg" />
          <span
            aria-hidden="true"
            className="absolute -end-1 -bottom-1 flex size-7 items-center justify-center rounded-full bg-raised text-brand shadow-raised group-hover:bg-hover"
          >
            <Camera className="size-4" strokeWidth={2} />
          </span>
        </button>
        <div className="min-w-0">
          <p className="truncate text-lg font-semibold text-ink">{shownName || me.username}</p>
          <p className="truncate text-ink-soft">@{me.username}</p>
          <p className="flex flex-wrap gap-x-1.5 text-sm text-ink-soft">
            <span className="min-w-0 truncate">{me.email}</span>
            <span>({t("settings.emailHint")})</span>
          </p>
        </div>
      </div>
      <AvatarDialog me={me} open={picturing} onClose={() => setPicturing(false)} />
      <form
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label={t("settings.name")}
          hint={t("settings.nameHint")}
          error={nameError ?? refused["displayName"] ?? null}
          autoComplete="name"
          value={shownName}
          onChange={(event) => {
            setName(event.target.value);
            setRefused({});
          }}
        />
        <TextArea
          label={t("settings.bio")}
          hint={t("settings.bioHint")}
          error={bioError ?? refused["bio"] ?? null}
          value={shownBio}
          onChange={(event) => {
            setBio(event.target.value);
            setRefused({});
          }}
        />
        <div className="flex justify-end">
          <Button type="submit" size="sm" busy={busy} disabled={!changed || nameError !== null || bioError !== null}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
