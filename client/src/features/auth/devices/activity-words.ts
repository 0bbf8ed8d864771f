// What can happen to an account, as words and a picture (batiyoun/audit/model.py has the kinds).

import {
  AtSign,
  Ban,
  CircleCheck,
  CircleUser,
  Download,
  Fingerprint,
  Key as KeyIcon,
  Link2,
  MonitorSmartphone,
  RotateCcwKey,
  LogIn,
  LogOut,
  ShieldAlert,
  ShieldCheck,
  Ticket,
  type LucideIcon,
} from "lucide-react";

import type { Key } from "@/i18n/index.ts";

export interface EventWords {
  icon: LucideIcon;
  words: Key;
  /** Worth a second look when it was not oneself. */
  grave?: boolean;
}

export const EVENTS: Readonly<Record<string, EventWords>> = {
  signed_up: { icon: CircleUser, words: "devices.signedUp" },
  signed_in: { icon: LogIn, words: "devices.signedIn" },
  sign_in_failed: { icon: ShieldAlert, words: "devices.signInFailed", grave: true },
  signed_out: { icon: LogOut, words: "devices.signedOut" },
  session_revoked: { icon: LogOut, words: "devices.sessionRevoked" },
  step_up_failed: { icon: ShieldAlert, words: "devices.stepUpFailed", grave: true },
  second_factor_failed: { icon: ShieldAlert, words: "devices.secondFactorFailed", grave: true },
  password_set: { icon: KeyIcon, words: "devices.passwordSet" },
  password_changed: { icon: KeyIcon, words: "devices.passwordChanged" },
  password_reset_requested: { icon: KeyIcon, words: "devices.passwordResetRequested" },
  password_reset: { icon: KeyIcon, words: "devices.passwordReset", grave: true },
  email_changed: { icon: AtSign, words: "devices.emailChanged", grave: true },
  email_verified: { icon: AtSign, words: "devices.emailVerified" },
  username_changed: { icon: AtSign, words: "devices.usernameChanged" },
  passkey_added: { icon: Fingerprint, words: "devices.passkeyAdded" },
  passkey_removed: { icon: Fingerprint, words: "devices.passkeyRemoved", grave: true },
  totp_on: { icon: ShieldCheck, words: "devices.totpOn" },
  totp_off: { icon: ShieldAlert, words: "devices.totpOff", grave: true },
  recovery_code_used: { icon: ShieldAlert, words: "devices.recoveryCodeUsed", grave: true },
  recovery_codes_made: { icon: ShieldCheck, words: "devices.recoveryCodesMade" },
  identity_linked: { icon: Link2, words: "devices.identityLinked" },
  identity_unlinked: { icon: Link2, words: "devices.identityUnlinked" },
  api_token_made: { icon: KeyIcon, words: "devices.apiTokenMade" },
  api_token_revoked: { icon: KeyIcon, words: "devices.apiTokenRevoked" },
  account_disabled: { icon: Ban, words: "devices.accountDisabled", grave: true },
  account_enabled: { icon: CircleCheck, words: "devices.accountEnabled" },
  data_exported: { icon: Download, words: "devices.dataExported", grave: true },
  admin_granted: { icon: ShieldCheck, words: "devices.adminGranted" },
  admin_revoked: { icon: ShieldAlert, words: "devices.adminRevoked" },
  invite_made: { icon: Ticket, words: "devices.inviteMade" },
  invite_used: { icon: Ticket, words: "devices.inviteUsed" },
  invite_revoked: { icon: Ticket, words: "devices.inviteRevoked" },
  device_added: { icon: MonitorSmartphone, words: "devices.deviceAdded" },
  device_removed: { icon: MonitorSmartphone, words: "devices.deviceRemoved", grave: true },
  identity_reset_asked: { icon: RotateCcwKey, words: "devices.identityResetAsked", grave: true },
  identity_reset_cancelled: { icon: RotateCcwKey, words: "devices.identityResetCancelled" },
  identity_reset: { icon: RotateCcwKey, words: "devices.identityReset", grave: true },
  key_recovery_set: { icon: ShieldCheck, words: "devices.keyRecoverySet", grave: true },
  key_recovery_read: { icon: ShieldAlert, words: "devices.keyRecoveryRead", grave: true },
  key_passkey_set: { icon: ShieldCheck, words: "devices.keyPasskeySet", grave: true },
  key_passkey_read: { icon: ShieldAlert, words: "devices.keyPasskeyRead", grave: true },
};

/** A kind that this app does not know yet. */
export const OTHER: EventWords = { icon: ShieldCheck, words: "devices.otherEvent" };
