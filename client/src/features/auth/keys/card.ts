export { KeysCard, useKeysNews } from "./keys-card.tsx";
