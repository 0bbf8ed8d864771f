import { Camera } from "lucide-react";
import { useState } from "react";

import { MAX_PICTURE } from "@/core/limits.ts";
import { useAction } from "@/hooks/action.ts";
import { usePictureWords } from "@/hooks/picture-words.ts";
import { useT } from "@/i18n/index.ts";
import { Avatar } from "@/ui/avatar.tsx";
import type { Crop } from "@/ui/crop-model.ts";
import { Dialog } from "@/ui/dialog.tsx";
import { PictureForm } from "@/ui/picture-form.tsx";
import { cutSmall, type Picture } from "@/ui/picture.ts";

export interface Look {
  picture: Blob;
  /** For an `<img>`; whoever keeps the look frees it. */
  url: string;
}

export interface GroupLookProps {
  name: string;
  look: Look | null;
  onChange: (look: Look | null) => void;
}

/** The picture that a new group will have, and the way to another one: nobody is sent anything before there is a group. */
export function GroupLook({ name, look, onChange }: GroupLookProps) {
  const t = useT();
  const [choosing, setChoosing] = useState(false);
  const done = (chosen: Look | null): void => {
    onChange(chosen);
    setChoosing(false);
  };
  return (
    <>
      <button
        type="button"
        aria-label={t(look ? "people.changePicture" : "people.addPicture")}
        onClick={() => setChoosing(true)}
        className="group relative mt-4 rounded-[32%]"
      >
        <Avatar id="" name={name} src={look?.url ?? null} kind="group" size="lg" />
        <span className="absolute -end-1.5 -bottom-1.5 inline-flex size-7 items-center justify-center rounded-full bg-brand text-on-brand ring-2 ring-surface transition-colors group-hover:bg-brand-hover">
          <Camera aria-hidden="true" className="size-4" />
        </span>
      </button>
      <Dialog open={choosing} onClose={() => setChoosing(false)} title={t("pictures.group")} closeLabel={t("common.close")}>
        <div className="flex flex-col gap-5 px-6 pt-1 pb-6">
          <p className="text-sm text-pretty text-ink-soft">{t("pictures.secret")}</p>
          <Body name={name} look={look} onDone={done} />
        </div>
      </Dialog>
    </>
  );
}

function Body({ name, look, onDone }: { name: string; look: Look | null; onDone: (look: Look | null) => void }) {
  const words = usePictureWords();
  const { busy, problem, run } = useAction();
  const take = async (whole: Picture, crop: Crop): Promise<void> => {
    await run(async () => {
      const picture = await cutSmall(whole, crop, MAX_PICTURE);
      onDone({ picture, url: URL.createObjectURL(picture) });
    });
  };
  return (
    <PictureForm
      words={words}
      kind="group"
      before={<Avatar id="" name={name} src={look?.url ?? null} kind="group" size="xl" />}
      removable={look !== null}
      busy={busy}
      problem={problem}
      onSave={(picture, crop) => void take(picture, crop)}
      onRemove={() => onDone(null)}
    />
  );
}
