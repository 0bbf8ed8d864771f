import { useState } from "react";

import { OwnAccount } from "@/core/identity/own-account.ts";
import type { Me } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { usePictureWords } from "@/hooks/picture-words.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import type { Crop } from "@/ui/crop-model.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { PictureForm } from "@/ui/picture-form.tsx";
import { cut, type Picture } from "@/ui/picture.ts";
import { toast } from "@/ui/toast-store.ts";

export interface AvatarDialogProps {
  me: Me;
  open: boolean;
  onClose: () => void;
}

/** Chooses a picture of oneself and sends the square of it. */
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
  const words = usePictureWords();
  const account = useIdentity(OwnAccount);
  const { busy, problem, run } = useAction();
  const [share, setShare] = useState(0);

  const save = async (picture: Picture, crop: Crop): Promise<void> => {
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
    <PictureForm
      words={words}
      kind="person"
      before={<Avatar id={me.id} name={me.displayName} src={me.avatar} size="xl" />}
      removable={me.avatar !== null}
      busy={busy}
      problem={problem}
      share={share}
      onSave={(picture, crop) => void save(picture, crop)}
      onRemove={() => void remove()}
    />
  );
}
