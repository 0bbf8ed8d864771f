import { MAX_PICTURE } from "@/core/limits.ts";
import type { ChatDetail } from "@/core/services.ts";
import { useAction } from "@/hooks/action.ts";
import { usePictureWords } from "@/hooks/picture-words.ts";
import { useServices } from "@/hooks/services.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import type { Crop } from "@/ui/crop-model.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { PictureForm } from "@/ui/picture-form.tsx";
import { cutSmall, type Picture } from "@/ui/picture.ts";
import { toast } from "@/ui/toast-store.ts";

export interface GroupPictureProps {
  open: boolean;
  chat: ChatDetail;
  name: string;
  onClose: () => void;
}

/** Chooses the picture of an encrypted group: it is said in the group, so it is made small. */
export function GroupPicture({ open, chat, name, onClose }: GroupPictureProps) {
  const t = useT();
  return (
    <Dialog open={open} onClose={onClose} title={t("pictures.group")} closeLabel={t("common.close")}>
      <div className="flex flex-col gap-5 px-6 pt-1 pb-6">
        <p className="text-sm text-pretty text-ink-soft">{t("pictures.secret")}</p>
        <Body chat={chat} name={name} onDone={onClose} />
      </div>
    </Dialog>
  );
}

function Body({ chat, name, onDone }: { chat: ChatDetail; name: string; onDone: () => void }) {
  const t = useT();
  const words = usePictureWords();
  const services = useServices();
  const { busy, problem, run } = useAction();

  const save = async (picture: Picture, crop: Crop): Promise<void> => {
    const done = await run(async () => services.chats.setPicture(chat.id, await cutSmall(picture, crop, MAX_PICTURE)));
    if (!done) return;
    toast(t("pictures.saved"), "good");
    onDone();
  };

  const remove = async (): Promise<void> => {
    if (!(await run(() => services.chats.setPicture(chat.id, null)))) return;
    toast(t("pictures.removed"), "good");
    onDone();
  };

  return (
    <PictureForm
      words={words}
      kind="group"
      before={<Avatar id={chat.id} name={name} src={chat.picture} kind="group" size="xl" />}
      removable={chat.picture !== null}
      busy={busy}
      problem={problem}
      onSave={(picture, crop) => void save(picture, crop)}
      onRemove={() => void remove()}
    />
  );
}
