export { InvitationEntrance, type InvitationEntranceProps } from "./invitation-entrance.tsx";
