import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { FakeCore } from "@/hooks/testing/services.tsx";

import { ForgotPassword } from "./forgot-password.tsx";
import { ResetPassword } from "./reset-password.tsx";

let core: FakeCore;
const sent = { expiresAt: "2026-01-01T01:00:00Z", resendAfter: 30, delivery: "mail" };

beforeEach(() => {
  core = new FakeCore();
  core.server
    .on("POST /api/auth/password/request-reset", () => sent)
    .on("POST /api/auth/password/reset", () => null);
});

it("asks for a link, and never says whether there is an account", async () => {
  core.show(<ForgotPassword signInHref="/login" />);
  await userEvent.type(screen.getByLabelText("E-mail"), "asha@example.org{Enter}");
  expect(await screen.findByText(/If asha@example.org has an account here/)).toBeInTheDocument();
  expect(core.server.bodies("POST /api/auth/password/request-reset")).toEqual([{ email: "asha@example.org" }]);
  expect(screen.queryByText(/printed on its console/)).not.toBeInTheDocument();
});

const reset = (token = "from-the-letter") =>
  core.show(<ResetPassword token={token} signInHref="/login" forgotHref="/forgot-password" />);

it("chooses a new password with the link, and leads to signing in", async () => {
  reset();
  await userEvent.type(screen.getByLabelText("New password"), "long enough{Enter}");
  expect(await screen.findByRole("heading", { name: "Your password is new" })).toBeInTheDocument();
  expect(core.server.bodies("POST /api/auth/password/reset")).toEqual([{ token: "from-the-letter", password: "long enough" }]);
  expect(screen.getByRole("link", { name: "Sign in" })).toHaveAttribute("href", "/login");
});

it("says that a link is used, and where to get another", async () => {
  core.server.on("POST /api/auth/password/reset", () => {
    throw new ApiError({ code: "invalid_link", message: "This link is used." });
  });
  reset();
  await userEvent.type(screen.getByLabelText("New password"), "long enough{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("This link is used.");
  expect(screen.getByRole("link", { name: "Ask for a new link" })).toHaveAttribute("href", "/forgot-password");
});

it("tells a link that was cut short before anything is filled in", () => {
  reset("");
  expect(screen.getByRole("alert")).toHaveTextContent("This link is not complete.");
  expect(screen.queryByLabelText("New password")).not.toBeInTheDocument();
});
