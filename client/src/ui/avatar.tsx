import { NotebookPen, UsersRound } from "lucide-react";
import { useState } from "react";
import { clothOf, initials } from "./avatar-model.ts";
import { cx } from "./cx.ts";

// Written out, because Tailwind keeps only class names it finds in the source.
const cloths = [
  "bg-cloth-0 text-on-cloth-0",
  "bg-cloth-1 text-on-cloth-1",
  "bg-cloth-2 text-on-cloth-2",
  "bg-cloth-3 text-on-cloth-3",
  "bg-cloth-4 text-on-cloth-4",
  "bg-cloth-5 text-on-cloth-5",
  "bg-cloth-6 text-on-cloth-6",
  "bg-cloth-7 text-on-cloth-7",
];

/** The colour of a person's name in group bubbles; the text colour of their cloth. */
export const clothInk = [
  "text-name-0",
  "text-name-1",
  "text-name-2",
  "text-name-3",
  "text-name-4",
  "text-name-5",
  "text-name-6",
  "text-name-7",
];

const sizes = {
  xs: "size-7 text-2xs",
  sm: "size-9 text-xs",
  md: "size-12 text-base",
  lg: "size-16 text-xl",
  xl: "size-24 text-3xl",
};

export interface AvatarProps {
  /** Decides the colour; the user's or chat's id. */
  id: string;
  name: string;
  /** Address of a picture, if there is one. */
  src?: string | null;
  kind?: "person" | "group" | "self";
  size?: keyof typeof sizes;
  /** Shows the leaf-green dot. The words for it stand elsewhere: the whole avatar is hidden from screen readers. */
  online?: boolean;
}

/** A round picture, or initials on the person's own colour; groups are squarer, so that they differ without colour. */
export function Avatar({ id, name, src, kind = "person", size = "md", online = false }: AvatarProps) {
  const letters = initials(name);
  const [broken, setBroken] = useState<string | null>(null);
  const shape = kind === "group" ? "rounded-[32%]" : "rounded-full";
  return (
    <span aria-hidden="true" className="relative inline-flex size-fit shrink-0">
      {src && src !== broken ? (
        <img src={src} alt="" draggable={false} onError={() => setBroken(src)} className={cx("object-cover", shape, sizes[size])} />
      ) : (
        <span
          className={cx(
            "inline-flex items-center justify-center font-semibold tracking-tight select-none",
            shape,
            sizes[size],
            cloths[clothOf(id)],
          )}
        >
          {kind === "self" ? (
            <NotebookPen className="size-[46%]" strokeWidth={1.75} />
          ) : letters ? (
            // A picture of letters, not words of a button around it (WCAG 2.5.3).
            <span data-letters={letters} className="before:content-[attr(data-letters)]" />
          ) : (
            <UsersRound className="size-[46%]" strokeWidth={1.75} />
          )}
        </span>
      )}
      {online && (
        <span data-now className="absolute end-0 bottom-0 size-[26%] max-h-4 min-h-2.5 max-w-4 min-w-2.5 rounded-full bg-leaf ring-2 ring-surface" />
      )}
    </span>
  );
}
