export { ChatInfo, type ChatInfoProps } from "./chat-info.tsx";
