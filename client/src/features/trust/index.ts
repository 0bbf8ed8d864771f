export { Held } from "./held.tsx";
export { SafetyDialog, type SafetyDialogProps } from "./safety-dialog.tsx";
