// Sizes that bind the screens and the server alike.

/** The longest plaintext message, in characters (Unicode code points); the server refuses more (the seed's limit). */
export const MAX_TEXT = 5_000;

/** The longest name of a group, in characters; the server refuses more. */
export const MAX_GROUP_NAME = 100;

/** A group's picture, in bytes; in base64 it is padded to 32 KiB with the message around it. */
export const MAX_PICTURE = 20_480;

/** People that one text names; and how long the name is with its "@", in UTF-16 units: the server allows 64 characters. */
export const MAX_MENTIONS = 32;
export const MAX_MENTION = 1 + 2 * 64;
/** Whom a text names that means everybody in a group: the nil UUID (RFC 9562 §5.9), which is nobody's own. */
export const EVERYONE = "00000000-0000-0000-0000-000000000000";

/** A poll's question and its answers, in characters; and how many answers there are. */
export const MAX_QUESTION = 300;
export const MAX_OPTION = 80;
export const [MIN_OPTIONS, MAX_OPTIONS] = [2, 10];

/** The longest that a message may last which is not there for good, in seconds: a year. */
export const MAX_LASTS = 366 * 86_400;

/** Members of a group, oneself included; the server refuses more. */
export const MAX_GROUP = 1_000;

/** People who can be added to a group at once; the server refuses more. */
export const MAX_ADDED = 100;

/** Chats on top; the server refuses more. */
export const MAX_PINNED = 5;

/** What is said with a report, in characters; and messages that go with it. The server refuses more. */
export const MAX_NOTE = 1_000;
export const MAX_ATTACHED = 20;

/** Mute "until I switch it on" is mute until then, in milliseconds since the epoch. */
export const FOREVER = Date.UTC(9999, 0, 1);

/** How many characters (Unicode code points) the trimmed text has too many; 0 when it fits. */
export const overlong = (text: string, most: number): number => Math.max(0, [...text.trim()].length - most);
