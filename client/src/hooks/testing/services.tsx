// Core without a database or a server, for tests of the screens: what is shown is set, what is done is remembered.

import { render, type RenderResult } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";

import type { KeyDesk } from "@/core/crypto/devices/desk.ts";
import { Cell, constant } from "@/core/live.ts";
import type { LocalDesk } from "@/core/local/model.ts";
import type {
  Blocked,
  ChatDetail,
  ChatItem,
  Connection,
  KeysState,
  Me,
  MemberItem,
  Presence,
  Profile,
  ProofMethod,
  Role,
  SearchDesk,
  SearchState,
  Services,
  Session,
  StorageInfo,
  Trusted,
} from "@/core/services.ts";
import { TooltipProvider } from "@/ui/tooltip.tsx";

import { ServicesContext } from "../services.ts";
import { FakeServer } from "./server.ts";

const SINCE = Date.UTC(2026, 0, 1);

export const person = (id: string, displayName: string, more: Partial<Profile> = {}): Profile => ({
  id,
  username: displayName.toLowerCase().replaceAll(" ", "."),
  displayName,
  avatar: null,
  bio: "",
  createdAt: SINCE,
  ...more,
});

export const ME: Me = { ...person("me", "Asha Devi"), email: "asha@example.org", verified: true };

export function chatItem(id: string, more: Partial<ChatItem> = {}): ChatItem {
  const partner = more.partner ?? null;
  return {
    id,
    type: partner ? "direct" : "group",
    encryption: "none",
    name: partner ? null : id,
    picture: null,
    partnerId: partner?.id ?? null,
    memberCount: 2,
    createdAt: SINCE,
    activeAt: SINCE,
    preview: null,
    readSeq: 0,
    unread: 0,
    membership: "member",
    counts: { delivered: null, read: null },
    partner,
    some: [],
    previewSender: null,
    hushed: false,
    previewState: null,
    draft: null,
    mutedUntil: null,
    archived: false,
    pinned: null,
    ...more,
  };
}

export const directWith = (partner: Profile, more: Partial<ChatItem> = {}): ChatItem =>
  chatItem(`with-${partner.id}`, { partner, ...more });

/** A message as a chat's preview. */
export const saying = (text: string, senderId: string): ChatItem["preview"] => ({
  key: text,
  order: 1,
  seq: 1,
  senderId,
  body: { t: "text", text },
  timestamp: SINCE,
  failed: false,
});

export const member = (chatId: string, profile: Profile, role: Role = "member"): MemberItem => ({
  chatId,
  userId: profile.id,
  role,
  deliveredSeq: 0,
  readSeq: 0,
  profile,
});

export function groupOf(id: string, members: MemberItem[], more: Partial<ChatDetail> = {}): ChatDetail {
  const myRole = members.find((each) => each.userId === ME.id)?.role ?? "member";
  return { ...chatItem(id, { name: id, memberCount: members.length }), members, myRole, lasts: 0, goesOn: null, ...more };
}

/** A core whose values a test sets, and whose actions are mocks that do nothing. */
export class FakeCore {
  readonly connection = new Cell<Connection>({ state: "online", syncing: false });
  readonly list = new Cell<ChatItem[] | undefined>([]);
  readonly details = new Cell<ReadonlyMap<string, ChatDetail>>(new Map());
  readonly people = new Cell<ReadonlyMap<string, Presence>>(new Map());
  readonly typing = new Cell<ReadonlyMap<string, readonly string[]>>(new Map());
  readonly profiles = new Map<string, Profile>();
  readonly chats = {
    createDirect: vi.fn<Services["chats"]["createDirect"]>(async (userId) => `with-${userId}`),
    continueSealed: vi.fn<Services["chats"]["continueSealed"]>(async (chatId) => `after-${chatId}`),
    createGroup: vi.fn<Services["chats"]["createGroup"]>(async () => "new-group"),
    rename: vi.fn<Services["chats"]["rename"]>(async () => {}),
    setPicture: vi.fn<Services["chats"]["setPicture"]>(async () => {}),
    setTimer: vi.fn<Services["chats"]["setTimer"]>(async () => {}),
    addMembers: vi.fn<Services["chats"]["addMembers"]>(async () => {}),
    removeMember: vi.fn<Services["chats"]["removeMember"]>(async () => {}),
    setRole: vi.fn<Services["chats"]["setRole"]>(async () => {}),
    leave: vi.fn<Services["chats"]["leave"]>(async () => {}),
    forget: vi.fn<Services["chats"]["forget"]>(async () => {}),
    wish: vi.fn<Services["chats"]["wish"]>(async () => {}),
  };
  /** Who is signed in, as it changes. */
  readonly status = new Cell<Session>({ state: "signedIn", me: ME, expired: false });
  readonly storage = new Cell<StorageInfo>({
    mode: "plaintext",
    persisted: null,
    background: true,
    recovered: false,
  });
  readonly session = {
    enter: vi.fn<Services["session"]["enter"]>(async (ask) => void (await ask())),
    change: vi.fn<Services["session"]["change"]>(async (ask) => void (await ask())),
    deleteAccount: vi.fn<Services["session"]["deleteAccount"]>(async (ask) => void (await ask())),
    signOut: vi.fn<Services["session"]["signOut"]>(async () => {}),
    unsent: vi.fn<Services["session"]["unsent"]>(async () => 0),
    updateProfile: vi.fn<Services["session"]["updateProfile"]>(async () => {}),
    clear: vi.fn<Services["session"]["clear"]>(async () => {}),
    recoverySeen: vi.fn<Services["session"]["recoverySeen"]>(async () => {}),
  };
  readonly server = new FakeServer();
  /** How the window that asks for a proof was answered. */
  readonly stepUp = { wanted: new Cell<readonly ProofMethod[] | null>(null), answer: vi.fn<(proved: boolean) => void>() };
  readonly keysState = new Cell<KeysState>({ state: "unknown", deviceId: null, resetAt: null, resetHere: false, recoveryAt: null, passkeyAt: null });
  /** What the desk of keys does, as far as a test says. */
  readonly desk = {
    askIn: vi.fn<KeyDesk["askIn"]>(() => new Promise(() => {})),
    whoAsks: vi.fn<KeyDesk["whoAsks"]>(() => new Promise(() => {})),
    newCode: vi.fn<KeyDesk["newCode"]>(async () => "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG"),
    keepCode: vi.fn<KeyDesk["keepCode"]>(async () => {}),
    restore: vi.fn<KeyDesk["restore"]>(async () => {}),
    lookAtWays: vi.fn<KeyDesk["lookAtWays"]>(async () => {}),
    passkeySalt: vi.fn<KeyDesk["passkeySalt"]>(async () => new Uint8Array(32)),
    keepByPasskey: vi.fn<KeyDesk["keepByPasskey"]>(async () => {}),
    restoreByPasskey: vi.fn<KeyDesk["restoreByPasskey"]>(async () => {}),
    startOver: vi.fn<KeyDesk["startOver"]>(async () => null),
    keepKeys: vi.fn<KeyDesk["keepKeys"]>(async () => {}),
    devices: vi.fn<KeyDesk["devices"]>(async () => []),
    removeDevice: vi.fn<KeyDesk["removeDevice"]>(async () => {}),
  };
  readonly trusted = new Cell<Trusted | undefined>(new Map());
  readonly trust = {
    number: vi.fn<Services["trust"]["number"]>(async () => null),
    compare: vi.fn<Services["trust"]["compare"]>(async () => "not_a_code"),
    verify: vi.fn<Services["trust"]["verify"]>(async () => {}),
    unverify: vi.fn<Services["trust"]["unverify"]>(async () => {}),
    accept: vi.fn<Services["trust"]["accept"]>(async () => {}),
    invitation: vi.fn<Services["trust"]["invitation"]>(async () => null),
  };
  readonly blocked = new Cell<Blocked | undefined>(new Map());
  readonly blocks = {
    set: vi.fn<Services["blocks"]["set"]>(async () => {}),
    report: vi.fn<Services["blocks"]["report"]>(async () => {}),
  };
  readonly history = new Cell<{ keep: boolean; full: boolean } | undefined>({ keep: true, full: false });
  readonly keepHistory = vi.fn<Services["history"]["keep"]>(async (_chatId, keep) => {
    this.history.set({ keep, full: false });
  });
  readonly openInvited = vi.fn<Services["invitations"]["open"]>(async (inviterId) => `with-${inviterId}`);
  readonly search = vi.fn<Services["people"]["search"]>(async () => []);
  /** What searching this device finds. */
  readonly finder = {
    state: new Cell<SearchState>({ phase: "ready", done: 9, total: 9 }),
    turn: new Cell(0),
    find: vi.fn<SearchDesk["find"]>(async () => ({ hits: [], more: false })),
    people: vi.fn<SearchDesk["people"]>(async () => []),
    build: vi.fn<SearchDesk["build"]>(),
    close: vi.fn<SearchDesk["close"]>(),
  };
  /** What this browser keeps, as far as a test says. */
  readonly local = {
    measure: vi.fn<LocalDesk["measure"]>(async (tell) => tell([], { done: 0, total: 0 })),
    fate: vi.fn<LocalDesk["fate"]>(() => new Promise(() => {})),
    clear: vi.fn<LocalDesk["clear"]>(async () => 0),
    day: vi.fn<LocalDesk["day"]>(async () => null),
    export: vi.fn<LocalDesk["export"]>(() => new Promise(() => {})),
  };

  /** Only what the tested screens use; anything else fails the test that touches it. */
  get services(): Services {
    const detail = (chatId: string) => ({
      get: () => this.details.get().get(chatId) ?? null,
      subscribe: this.details.subscribe,
    });
    const services: Partial<Services> = {
      session: { ...this.session, status: this.status },
      connection: this.connection,
      chats: { ...this.chats, list: () => this.list, detail, open: () => () => {} } as unknown as Services["chats"],
      people: { search: this.search, profile: (id) => constant(this.profiles.get(id)) },
      blocks: { ...this.blocks, people: this.blocked },
      presence: { people: this.people, typing: this.typing },
      storage: this.storage,
      stepUp: this.stepUp,
      keys: { state: this.keysState, desk: async () => this.desk as unknown as KeyDesk },
      invitations: { open: this.openInvited },
      trust: { ...this.trust, people: this.trusted },
      history: { state: () => this.history, keep: this.keepHistory },
      search: { open: async () => this.finder },
      local: { open: async () => this.local },
      rest: this.server,
    };
    return services as Services;
  }

  show(screen: ReactNode): RenderResult {
    return render(
      <ServicesContext value={this.services}>
        <TooltipProvider>{screen}</TooltipProvider>
      </ServicesContext>,
    );
  }
}
