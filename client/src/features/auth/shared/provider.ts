/** Where the browser goes to sign in with the server's OpenID Connect provider, to come back at `next`. */
export const providerPath = (intent: "login" | "link", next: string): string =>
  `/api/auth/google?${new URLSearchParams({ intent, next })}`;
