// What this browser keeps, by chat: how much, and what can be done with it.

export { ExportDialog, type ExportDialogProps } from "./export-dialog.tsx";
export { StoragePage, type StoragePageProps } from "./storage-page.tsx";
