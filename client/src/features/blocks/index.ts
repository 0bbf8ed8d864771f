export { BlockDialog } from "./block-dialog.tsx";
export { BlockedPage, type BlockedPageProps } from "./blocked-page.tsx";
export { ReportDialog } from "./report-dialog.tsx";
