export { ActivityPage } from "./activity-page.tsx";
export { SessionsPage } from "./sessions-page.tsx";
export { TokensPage } from "./tokens-page.tsx";
