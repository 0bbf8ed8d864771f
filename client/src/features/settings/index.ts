export type { AccountPage } from "./account-pages.tsx";
export { Settings, type SettingsProps } from "./settings.tsx";
