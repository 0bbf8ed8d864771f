export { Invitation, type InvitationProps } from "./invitation.tsx";
export { InvitesPage } from "./invites-page.tsx";
