export type { Shortcut } from "./keyboard.tsx";
export { Settings, type SettingsProps } from "./settings.tsx";
