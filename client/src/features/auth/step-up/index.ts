export { StepUpDialog } from "./step-up-dialog.tsx";
