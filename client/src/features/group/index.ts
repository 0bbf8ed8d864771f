export { PersonDialog, type PersonDialogProps } from "./person-dialog.tsx";
export { ChatInfo, type ChatInfoProps } from "./chat-info.tsx";
