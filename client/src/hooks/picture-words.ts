// The words of choosing a picture, for whoever asks for one; in the section `pictures`.

import { useT } from "@/i18n/index.ts";
import type { PictureWords } from "@/ui/picture-form.tsx";

export function usePictureWords(): PictureWords {
  const t = useT();
  return {
    choose: t("pictures.choose"),
    other: t("pictures.other"),
    remove: t("pictures.remove"),
    crop: t("pictures.crop"),
    zoom: t("pictures.zoom"),
    unreadable: t("pictures.unreadable"),
    sending: t("pictures.sending"),
    save: t("common.save"),
  };
}
