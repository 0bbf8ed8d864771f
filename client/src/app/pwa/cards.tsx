import { KeysCard, useKeysNews } from "@/features/auth/keys/card.ts";
import { useMe } from "@/hooks/me.ts";
import { useQuery } from "@/hooks/services.ts";

import { InstallCard, type InstallCardProps } from "./install-card.tsx";
import { hasTalked } from "./install.ts";

export interface CardsProps extends InstallCardProps {
  /** To the page of keys. */
  onKeys: () => void;
  /** Where there is room for it, the page of keys is open beside the list. */
  beside: boolean;
}

/** What is to be said below the list of chats, one thing at a time: what concerns the messages first. */
export function Cards({ install, onKeys, beside }: CardsProps) {
  const me = useMe();
  const chats = useQuery((services) => services.chats.list(), []);
  const { news, later } = useKeysNews(me !== null && hasTalked(chats, me.id));
  if (news === "none") return <InstallCard install={install} />;
  return <KeysCard news={news} onlyNarrow={beside && news === "locked"} onOpen={onKeys} onLater={later} />;
}
