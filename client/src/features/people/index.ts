export { NewChat, type NewChatProps } from "./new-chat.tsx";
export { NewGroup, type NewGroupProps } from "./new-group.tsx";
