// An OpenID provider on loopback: node provider.mjs PORT REDIRECT_URI. Prints its address when it listens.
//
// Whoever comes with the header `x-account` (claims as JSON) is signed in and agrees to everything; `x-account: no` says
// no. PKCE is required, and an authorization code that is shown twice revokes what was given for it.
import Provider from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const accounts = new Map();

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "batiyoun",
      client_secret: "a secret of two: 100% +&",
      redirect_uris: [redirectUri],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  pkce: { required: () => true },
  scopes: ["openid", "email", "profile"],
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["name", "preferred_username"],
  },
  // as Google does, unless PROFILE_AT=userinfo: then only the userinfo endpoint tells
  conformIdTokenClaims: process.env.PROFILE_AT === "userinfo",
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ["a key of the test"] },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: async (_, id) => ({ accountId: id, claims: async () => accounts.get(id) ?? { sub: id } }),
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  const wish = ctx.get("x-account");
  let result;
  if (wish === "no") {
    result = { error: "access_denied", error_description: "they said no" };
  } else if (prompt.name === "login") {
    const claims = JSON.parse(wish);
    accounts.set(claims.sub, claims);
    result = { login: { accountId: claims.sub } };
  } else {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope("openid email profile");
    result = { consent: { grantId: await grant.save() } };
  }
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
});

provider.listen(Number(port), "127.0.0.1", () => console.log(issuer));
