import { useEffect, useRef, useState } from "react";

import { OwnAccount } from "@/core/identity/own-account.ts";
import type { Me } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import { Button } from "@/ui/button.tsx";
import { wholeOf, type Crop } from "@/ui/crop-model.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { Progress } from "@/ui/progress.tsx";
import { SquareCrop } from "@/ui/square-crop.tsx";
import { toast } from "@/ui/toast-store.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { cut, open, type Picture } from "./picture.ts";

export interface AvatarDialogProps {
  me: Me;
  open: boolean;
  onClose: () => void;
}

/** Chooses a picture of oneself, cuts a square out of it and sends that: what is outside never leaves this device. */
export function AvatarDialog({ me, open: shown, onClose }: AvatarDialogProps) {
  const t = useT();
  return (
    <Dialog open={shown} onClose={onClose} title={t("settings.picture")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pt-1 pb-6">
        <Body me={me} onDone={onClose} />
      </div>
    </Dialog>
  );
}

function Body({ me, onDone }: { me: Me; onDone: () => void }) {
  const t = useT();
  const account = useIdentity(OwnAccount);
  const { busy, problem, run } = useAction();
  const [picture, setPicture] = useState<Picture | null>(null);
  const [crop, setCrop] = useState<Crop | null>(null);
  const [unreadable, setUnreadable] = useState(false);
  const [share, setShare] = useState(0);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => () => picture?.close(), [picture]);

  const choose = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    const opened = await open(chosen);
    setUnreadable(opened === null);
    if (!opened) return;
    setPicture(opened);
    setCrop(wholeOf(opened));
  };

  const save = async (): Promise<void> => {
    if (!picture || !crop) return;
    setShare(0);
    const done = await run(async () => account.setAvatar(await cut(picture, crop), setShare));
    if (!done) return;
    toast(t("settings.pictureSaved"), "good");
    onDone();
  };

  const remove = async (): Promise<void> => {
    if (!(await run(() => account.removeAvatar()))) return;
    toast(t("settings.pictureRemoved"), "good");
    onDone();
  };

  return (
    <>
      {picture && crop ? (
        <SquareCrop
          src={picture.url}
          size={picture}
          crop={crop}
          onChange={setCrop}
          label={t("settings.cropLabel")}
          zoomLabel={t("settings.zoom")}
        />
      ) : (
        <div className="flex justify-center py-4">
          <Avatar id={me.id} name={me.displayName} src={me.avatar} size="xl" />
        </div>
      )}
      {unreadable && <Trouble>{t("settings.unreadable")}</Trouble>}
      {problem && <Trouble>{problem}</Trouble>}
      {busy && picture && <Progress value={share} label={t("settings.sending")} />}
      <input
        ref={file}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        aria-label={t("settings.choosePicture")}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          void choose(event.target.files?.[0]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
      <div className="flex flex-wrap justify-end gap-2">
        {me.avatar && !picture && (
          <Button look="quiet-danger" busy={busy} onClick={() => void remove()}>
            {t("settings.removePicture")}
          </Button>
        )}
        <Button look={picture ? "quiet" : "primary"} disabled={busy} onClick={() => file.current?.click()}>
          {picture ? t("settings.otherPicture") : t("settings.choosePicture")}
        </Button>
        {picture && (
          <Button busy={busy} onClick={() => void save()}>
            {t("common.save")}
          </Button>
        )}
      </div>
    </>
  );
}
