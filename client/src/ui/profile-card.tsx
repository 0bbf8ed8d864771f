import type { ReactNode } from "react";
import { Avatar, type AvatarProps } from "./avatar.tsx";

export interface ProfileCardProps {
  id: string;
  name: string;
  avatar?: string | null;
  kind?: NonNullable<AvatarProps["kind"]>;
  online?: boolean;
  /** Under the name: "@asha", "12 members". */
  detail?: ReactNode;
  /** "online", "last seen yesterday". */
  status?: string;
  /** Beside the name: a button that changes it. */
  edit?: ReactNode;
  /** What the person says of themselves, with its lines. */
  bio?: string;
  bioLabel?: string;
  /** The name is a heading here; off where the title of a window says it already. */
  heading?: boolean;
}

/** Who this is, large: picture, name, and what they say of themselves. */
export function ProfileCard({
  id,
  name,
  avatar = null,
  kind = "person",
  online = false,
  detail,
  status,
  edit,
  bio = "",
  bioLabel,
  heading = true,
}: ProfileCardProps) {
  return (
    <div className="flex flex-col items-center px-6 text-center">
      <Avatar id={id} name={name} src={avatar} kind={kind} size="xl" online={online} />
      {heading && (
        <div className="mt-4 flex max-w-full items-center justify-center gap-1">
          {/* As wide as the button on the other side, so that the name stays in the middle. */}
          {edit && <span className="w-10 shrink-0 pointer-coarse:w-11" />}
          <h2 className="min-w-0 text-xl font-bold tracking-tight wrap-anywhere">
            <bdi>{name}</bdi>
          </h2>
          {edit}
        </div>
      )}
      {detail && <p className="mt-2 max-w-full text-ink-soft wrap-anywhere">{detail}</p>}
      {status && <p className={online ? "mt-1 text-sm font-medium text-leaf-ink" : "mt-1 text-sm text-ink-soft"}>{status}</p>}
      {bio && (
        <p dir="auto" aria-label={bioLabel} className="mt-4 max-w-prose text-pretty wrap-anywhere whitespace-pre-line">
          {bio}
        </p>
      )}
    </div>
  );
}
