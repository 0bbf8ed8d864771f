export interface SignUpProps {
  signInHref: string;
  /** The code of an invitation; null: nobody invited them. */
  invite: string | null;
  /** They were invited and are in: the chat with whoever invited. */
  onChat: (chatId: string) => void;
}
