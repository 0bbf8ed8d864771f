import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { OPTIONS } from "@/hooks/testing/server.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { SecurityPage } from "./security-page.tsx";

let core: FakeCore;
let on: boolean;
const CODES = Array.from({ length: 10 }, (_, index) => `code-${index}`);

beforeEach(() => {
  core = new FakeCore();
  on = false;
  core.server
    .on("GET /api/auth/options", () => OPTIONS)
    .on("GET /api/auth/passkeys", () => ({ passkeys: [] }))
    .on("GET /api/auth/second-factor", () => ({ totp: on, recoveryCodesLeft: on ? 10 : 0 }))
    .on("POST /api/auth/totp/setup", () => ({ secret: "ABCDEFGHIJKLMNOP", uri: "otpauth://totp/Batiyoun:asha?secret=ABCD" }))
    .on("POST /api/auth/totp/confirm", () => {
      on = true;
      return { recoveryCodes: CODES };
    })
    .on("DELETE /api/auth/totp", () => null)
    .on("POST /api/auth/password/check", () => ({ acceptable: true }))
    .on("PUT /api/auth/password", () => null);
});

const show = () => core.show(<SecurityPage onBack={() => {}} />);
const press = async (name: string) => userEvent.click(await screen.findByRole("button", { name }));

describe("the authenticator app", () => {
  it("is taught the key by camera or by hand, and its first code turns it on; the recovery codes are shown once", async () => {
    show();
    await press("Turn on");
    const dialog = await screen.findByRole("dialog", { name: "Set up the app" });
    expect(within(dialog).getByRole("img", { name: "The key as a QR code" })).toBeInTheDocument();
    expect(dialog).toHaveTextContent("ABCD EFGH IJKL MNOP");
    await userEvent.type(within(dialog).getByLabelText(/six digits that the app shows/), "123456");
    await userEvent.click(within(dialog).getByRole("button", { name: "Turn on" }));
    const codes = await screen.findByRole("dialog", { name: "Your recovery codes" });
    expect(core.server.bodies("POST /api/auth/totp/confirm")).toEqual([{ code: "123456" }]);
    expect(within(codes).getAllByRole("listitem").map((each) => each.textContent)).toEqual(CODES);
    await press("I have kept them");
    expect(await screen.findByText(/10 recovery codes are left/)).toBeInTheDocument();
    expect(screen.queryByText("code-0")).not.toBeInTheDocument();
  });

  it("says at the field that the code is wrong", async () => {
    core.server.on("POST /api/auth/totp/confirm", () => {
      throw new ApiError({ code: "invalid_code", message: "This code is wrong.", fields: { code: "This code is wrong." } });
    });
    show();
    await press("Turn on");
    const field = await screen.findByLabelText(/six digits that the app shows/);
    await userEvent.type(field, "123456{Enter}");
    await waitFor(() => expect(field).toHaveAccessibleDescription("This code is wrong."));
  });

  it("stays off, without a word, for who does not prove who they are", async () => {
    core.server.on("POST /api/auth/totp/setup", () => {
      throw ApiError.local("cancelled");
    });
    show();
    await press("Turn on");
    await waitFor(() => expect(core.server.asked.map((each) => each.operation)).toContain("POST /api/auth/totp/setup"));
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("is turned off after a question", async () => {
    on = true;
    show();
    await press("Turn off");
    const question = await screen.findByRole("alertdialog");
    await userEvent.click(within(question).getByRole("button", { name: "Turn off" }));
    expect(await screen.findByRole("button", { name: "Turn on" })).toBeInTheDocument();
  });
});

describe("the recovery codes", () => {
  it("are copied, saved and printed", async () => {
    const write = vi.fn<(text: string) => Promise<void>>(async () => {});
    vi.stubGlobal("print", vi.fn<() => void>());
    show();
    await press("Turn on");
    await userEvent.type(await screen.findByLabelText(/six digits that the app shows/), "123456{Enter}");
    await screen.findByRole("dialog", { name: "Your recovery codes" });
    vi.spyOn(navigator.clipboard, "writeText").mockImplementation(write);
    await press("Copy");
    expect(write).toHaveBeenCalledExactlyOnceWith(CODES.join("\n"));
    expect(await screen.findByRole("button", { name: "Copied" })).toBeInTheDocument();
    await press("Print");
    expect(print).toHaveBeenCalledOnce();
    vi.unstubAllGlobals();
  });
});

describe("the password", () => {
  it("is changed without asking for the old one here: who asks is proved by the window for that", async () => {
    show();
    await press("Change password");
    await userEvent.type(await screen.findByLabelText("New password"), "a new long password");
    await press("Save the password");
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(core.server.bodies("PUT /api/auth/password")).toEqual([{ newPassword: "a new long password" }]);
  });

  it("that everybody tries first is refused while it is chosen", async () => {
    core.server.on("POST /api/auth/password/check", () => ({ acceptable: false, reason: "Too common. Choose another." }));
    show();
    await press("Change password");
    await userEvent.type(await screen.findByLabelText("New password"), "password1");
    await waitFor(() => expect(screen.getByLabelText("New password")).toHaveAccessibleDescription("Too common. Choose another."));
  });
});
