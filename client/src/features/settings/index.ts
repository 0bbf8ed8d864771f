export type { AccountPage } from "./account-pages.tsx";
export { KeyboardSheet } from "./keyboard.tsx";
export { Settings, type SettingsProps } from "./settings.tsx";
