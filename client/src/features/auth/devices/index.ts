export { ActivityPage } from "./activity-page.tsx";
export { SessionsPage } from "./sessions-page.tsx";
