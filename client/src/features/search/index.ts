export { Find, type FindProps } from "./find.tsx";
export { SearchPanel, type SearchPanelProps } from "./search-panel.tsx";
