export type { AccountPage } from "./account-pages.tsx";
export type { Shortcut } from "./keyboard.tsx";
export { Settings, type SettingsProps } from "./settings.tsx";
