// Sizes that bind the screens and the server alike.

/** The longest plaintext message, in characters (Unicode code points); the server refuses more (the seed's limit). */
export const MAX_TEXT = 5_000;
