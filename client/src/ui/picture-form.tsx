import { useEffect, useRef, useState, type ReactNode } from "react";

import { Button } from "./button.tsx";
import { wholeOf, type Crop } from "./crop-model.ts";
import { open, type Picture } from "./picture.ts";
import { Progress } from "./progress.tsx";
import { SquareCrop } from "./square-crop.tsx";
import { Trouble } from "./trouble.tsx";

export interface PictureWords {
  choose: string;
  other: string;
  remove: string;
  /** What the square is, and how it is moved, for screen readers. */
  crop: string;
  zoom: string;
  unreadable: string;
  sending: string;
  save: string;
}

export interface PictureFormProps {
  words: PictureWords;
  kind: "person" | "group";
  /** What there is before one is chosen. */
  before: ReactNode;
  /** There is a picture that can be removed. */
  removable: boolean;
  busy: boolean;
  problem: string | null;
  /** How much has been sent, from 0 to 1; absent: it is not worth telling. */
  share?: number;
  onSave: (picture: Picture, crop: Crop) => void;
  onRemove: () => void;
}

/** Chooses a picture from this device and a square of it: what is outside never leaves the device. */
export function PictureForm({ words, kind, before, removable, busy, problem, share, onSave, onRemove }: PictureFormProps) {
  const [picture, setPicture] = useState<Picture | null>(null);
  const [crop, setCrop] = useState<Crop | null>(null);
  const [unreadable, setUnreadable] = useState(false);
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

  return (
    <>
      {picture && crop ? (
        <SquareCrop src={picture.url} size={picture} crop={crop} kind={kind} onChange={setCrop} label={words.crop} zoomLabel={words.zoom} />
      ) : (
        <div className="flex justify-center py-4">{before}</div>
      )}
      {unreadable && <Trouble>{words.unreadable}</Trouble>}
      {problem && <Trouble>{problem}</Trouble>}
      {busy && picture && share !== undefined && <Progress value={share} label={words.sending} />}
      <input
        ref={file}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        aria-label={words.choose}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          void choose(event.target.files?.[0]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
      <div className="flex flex-wrap justify-end gap-2 max-sm:*:grow">
        {removable && !picture && (
          <Button look="quiet-danger" busy={busy} onClick={onRemove}>
            {words.remove}
          </Button>
        )}
        <Button look={picture ? "quiet" : "primary"} disabled={busy} onClick={() => file.current?.click()}>
          {picture ? words.other : words.choose}
        </Button>
        {picture && crop && (
          <Button busy={busy} onClick={() => onSave(picture, crop)}>
            {words.save}
          </Button>
        )}
      </div>
    </>
  );
}
