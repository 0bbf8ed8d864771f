import { Invites } from "@/core/identity/invites.ts";
import type { Profile } from "@/core/services.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { forgetInvitation, keepInvitation, keptFragment } from "@/hooks/invitation.ts";
import { useResource } from "@/hooks/resource.ts";
import { useServices } from "@/hooks/services.ts";

export interface Inviter {
  /** null: nobody; undefined: not known yet. */
  profile: Profile | null | undefined;
  /** Why the invitation is worth nothing. */
  problem: string | null;
  /** Once signed up: the chat with them, which the server has opened; null when it cannot be found now. */
  meet: () => Promise<string | null>;
}

/** Who invites, when somebody does. */
export function useInviter(code: string | null): Inviter {
  const services = useServices();
  const invites = useIdentity(Invites);
  const { value, problem } = useResource(async () => {
    if (code === null) return null;
    keepInvitation(code);
    return (await invites.look(code)).inviter;
  });

  const meet = async (): Promise<string | null> => {
    if (!value || code === null) return null;
    try {
      const chatId = await services.invitations.open(value.id, keptFragment(code));
      forgetInvitation();
      return chatId;
    } catch (error) {
      // It comes with the other chats.
      reportError(error);
      return null;
    }
  };
  return { profile: value, problem, meet };
}
