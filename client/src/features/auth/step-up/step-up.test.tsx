import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";

import { ApiError } from "@/core/errors.ts";
import type { ProofMethod } from "@/core/services.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { StepUpDialog } from "./step-up-dialog.tsx";

let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  core.server.on("POST /api/auth/step-up", () => null);
});

async function show(...methods: ProofMethod[]): Promise<void> {
  core.show(<StepUpDialog />);
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  await act(async () => core.stepUp.wanted.set(methods));
}

describe("the window that asks once more who this is", () => {
  it("lets the request go on after the password", async () => {
    await show("password");
    expect(await screen.findByRole("dialog", { name: "Is it you?" })).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText("Password"), "long enough{Enter}");
    await waitFor(() => expect(core.stepUp.answer).toHaveBeenCalledExactlyOnceWith(true));
    expect(core.server.bodies("POST /api/auth/step-up")).toEqual([{ password: "long enough" }]);
  });

  it("says at the field that the password is wrong, and stays", async () => {
    core.server.on("POST /api/auth/step-up", () => {
      throw new ApiError({ code: "invalid_password", message: "This password is wrong." });
    });
    await show("password");
    await userEvent.type(screen.getByLabelText("Password"), "wrong{Enter}");
    await waitFor(() => expect(screen.getByLabelText("Password")).toHaveAccessibleDescription("This password is wrong."));
    expect(core.stepUp.answer).not.toHaveBeenCalled();
  });

  it("calls the request off when it is closed", async () => {
    await show("password");
    await userEvent.keyboard("{Escape}");
    expect(core.stepUp.answer).toHaveBeenCalledExactlyOnceWith(false);
  });

  it("says what to do where there is no way at all", async () => {
    await show();
    expect(await screen.findByText(/sign in again, and come back/)).toBeInTheDocument();
  });

  it("sends a letter only when it is asked to, and goes on after its code", async () => {
    core.server.on("POST /api/auth/step-up/request-code", () => ({
      expiresAt: "2026-01-01T00:10:00Z",
      resendAfter: 30,
      delivery: "mail",
    }));
    await show("code");
    expect(core.server.asked).toEqual([]);
    await userEvent.click(await screen.findByRole("button", { name: "Send the code" }));
    await userEvent.type(await screen.findByLabelText("Code"), "123456");
    await waitFor(() => expect(core.stepUp.answer).toHaveBeenCalledExactlyOnceWith(true));
    expect(core.server.bodies("POST /api/auth/step-up")).toEqual([{ emailCode: "123456" }]);
  });

  it("offers the other ways beside the first", async () => {
    await show("password", "totp", "code");
    await userEvent.click(await screen.findByRole("button", { name: "Use the authenticator app" }));
    await userEvent.type(screen.getByLabelText("Code of the authenticator app"), "123456{Enter}");
    await waitFor(() => expect(core.server.bodies("POST /api/auth/step-up")).toEqual([{ totp: "123456" }]));
  });
});
