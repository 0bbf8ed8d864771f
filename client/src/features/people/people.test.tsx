import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "@/core/errors.ts";
import { directWith, FakeCore, ME, person } from "@/hooks/testing/services.tsx";

import { cutSmall, open } from "@/ui/picture.ts";

import { NewChat } from "./new-chat.tsx";
import { NewGroup } from "./new-group.tsx";

// There is no canvas here.
vi.mock(import("@/ui/picture.ts"));

const bala = person("bala", "Bala Kumar");
const bina = person("bina", "Bina Das");
const chand = person("chand", "Chand Rani");
const onOpen = vi.fn<(chatId: string) => void>();
let core: FakeCore;

beforeEach(() => {
  core = new FakeCore();
  core.list.set([directWith(bala), directWith(ME), directWith(chand)]);
  onOpen.mockReset();
});

const field = () => screen.getByRole("textbox", { name: "Search people by name or username" });
const peopleShown = () => screen.queryAllByRole("listitem").map((each) => each.querySelector("bdi")?.textContent);

describe("a new chat", () => {
  const show = () => core.show(<NewChat onOpen={onOpen} onNewGroup={() => {}} onBack={() => {}} />);

  it("suggests people one talks to, and not oneself", () => {
    show();
    expect(peopleShown()).toEqual(["Bala Kumar", "Chand Rani"]);
    expect(core.search).not.toHaveBeenCalled();
  });

  it("shows known people at once and adds those whom the server knows, without doubles and without oneself", async () => {
    core.search.mockResolvedValue([bala, ME, bina]);
    show();
    await userEvent.type(field(), "b");
    expect(peopleShown()).toEqual(["Bala Kumar"]);
    await waitFor(() => expect(peopleShown()).toEqual(["Bala Kumar", "Bina Das"]));
    expect(screen.getByText("2 people found")).toBeInTheDocument();
  });

  it("asks the server once for what is typed in one go, and stops what it asked before", async () => {
    const signals: AbortSignal[] = [];
    core.search.mockImplementation((_, signal) => {
      if (signal) signals.push(signal);
      return new Promise(() => {});
    });
    show();
    await userEvent.type(field(), "bin");
    await waitFor(() => expect(core.search).toHaveBeenCalledTimes(1));
    expect(core.search.mock.lastCall?.[0]).toBe("bin");
    await userEvent.type(field(), "a");
    expect(signals[0]?.aborted).toBe(true);
    await waitFor(() => expect(core.search.mock.lastCall?.[0]).toBe("bina"));
  });

  it("opens the chat with whoever is pressed", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: /Chand Rani/ }));
    expect(core.chats.createDirect).toHaveBeenCalledExactlyOnceWith("chand");
    await waitFor(() => expect(onOpen).toHaveBeenCalledExactlyOnceWith("with-chand"));
  });

  it("opens one's own notes", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: /Notes to self/ }));
    await waitFor(() => expect(onOpen).toHaveBeenCalledExactlyOnceWith("with-me"));
  });

  it("says why a chat could not be opened, and lets one try again", async () => {
    core.chats.createDirect.mockRejectedValueOnce(ApiError.local("offline"));
    show();
    await userEvent.click(screen.getByRole("button", { name: /Bala Kumar/ }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached.");
    expect(onOpen).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: /Bala Kumar/ }));
    await waitFor(() => expect(onOpen).toHaveBeenCalledExactlyOnceWith("with-bala"));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("says that nobody has that name", async () => {
    show();
    await userEvent.type(field(), "zz");
    expect(await screen.findByRole("heading", { name: "Nobody is called “zz”" })).toBeInTheDocument();
  });

  it("without the server shows known people and why there are no more; asks again by itself when it is back", async () => {
    core.search.mockRejectedValueOnce(ApiError.local("offline"));
    core.connection.set({ state: "offline" });
    show();
    await userEvent.type(field(), "b");
    expect(await screen.findByRole("alert")).toHaveTextContent("Until then you see only people you know.");
    expect(peopleShown()).toEqual(["Bala Kumar"]);

    core.search.mockResolvedValue([bina]);
    act(() => core.connection.set({ state: "online", syncing: false }));
    await waitFor(() => expect(peopleShown()).toEqual(["Bala Kumar", "Bina Das"]));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("asks again when told to", async () => {
    core.search.mockRejectedValueOnce(new ApiError({ code: "rate_limited", message: "That was too fast." }));
    show();
    await userEvent.type(field(), "bi");
    await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
    core.search.mockResolvedValue([bina]);
    await waitFor(() => expect(peopleShown()).toEqual(["Bina Das"]));
  });
});

describe("a new group", () => {
  const show = () => core.show(<NewGroup onOpen={onOpen} onBack={() => {}} />);
  const nameField = () => screen.getByRole("textbox", { name: "Group name" });
  const create = () => userEvent.click(screen.getByRole("button", { name: "Create group" }));
  const tick = (name: RegExp) => userEvent.click(screen.getByRole("checkbox", { name }));

  it("is made of a name and people, in the order of choosing", async () => {
    core.search.mockResolvedValue([bina]);
    show();
    await userEvent.type(nameField(), "Roof{Enter}");
    expect(field()).toHaveFocus();
    await tick(/Chand/);
    await tick(/Bala/);
    await userEvent.type(field(), "bina");
    await waitFor(() => expect(peopleShown()).toContain("Bina Das"));
    await userEvent.keyboard("{Enter}");
    expect(field()).toHaveValue("");
    expect(screen.getByText("3 people chosen")).toBeInTheDocument();
    await create();
    expect(core.chats.createGroup).toHaveBeenCalledExactlyOnceWith("Roof", ["chand", "bala", "bina"], undefined);
    await waitFor(() => expect(onOpen).toHaveBeenCalledExactlyOnceWith("new-group"));
  });

  it("lets somebody be taken out again, from the list and from the chosen", async () => {
    show();
    await tick(/Chand/);
    await tick(/Bala/);
    await userEvent.click(screen.getByRole("button", { name: "Take out Chand Rani" }));
    expect(screen.getByRole("checkbox", { name: /Chand/ })).not.toBeChecked();
    await tick(/Bala/);
    expect(screen.getByText("Nobody chosen yet")).toBeInTheDocument();
  });

  it("asks for a name first, then for people, and makes nothing without them", async () => {
    show();
    await create();
    expect(nameField()).toHaveFocus();
    expect(nameField()).toHaveAccessibleDescription("Give the group a name.");
    await userEvent.type(nameField(), "Roof");
    await create();
    expect(screen.getByText("Choose at least one person.")).toBeInTheDocument();
    expect(core.chats.createGroup).not.toHaveBeenCalled();
  });

  it("counts what is too long in characters, not in halves of an emoji", async () => {
    show();
    await userEvent.click(nameField());
    await userEvent.paste("🛶".repeat(100));
    expect(nameField()).not.toHaveAttribute("aria-invalid");
    await userEvent.paste("ab");
    expect(nameField()).toHaveAccessibleDescription("2 characters too many.");
    await tick(/Bala/);
    await create();
    expect(core.chats.createGroup).not.toHaveBeenCalled();
  });

  it("keeps everything when the server cannot be reached", async () => {
    core.chats.createGroup.mockRejectedValueOnce(ApiError.local("offline"));
    show();
    await userEvent.type(nameField(), "Roof");
    await tick(/Bala/);
    await create();
    expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached.");
    await create();
    expect(core.chats.createGroup).toHaveBeenLastCalledWith("Roof", ["bala"], undefined);
    await waitFor(() => expect(onOpen).toHaveBeenCalledOnce());
  });

  it("is made once however often one presses", async () => {
    let finish = (): void => {};
    core.chats.createGroup.mockImplementation(() => new Promise((resolve) => (finish = () => resolve("new-group"))));
    show();
    await userEvent.type(nameField(), "Roof");
    await tick(/Bala/);
    const button = screen.getByRole("button", { name: "Create group" });
    await userEvent.dblClick(button);
    expect(button).toHaveAttribute("aria-disabled", "true");
    await act(async () => finish());
    expect(core.chats.createGroup).toHaveBeenCalledOnce();
  });

  it("may have a picture, chosen with the keyboard and taken away again", async () => {
    const small = new Blob(["small"], { type: "image/webp" });
    vi.mocked(open).mockResolvedValue({ url: "blob:chosen", width: 400, height: 300, bitmap: {} as ImageBitmap, close: () => {} });
    vi.mocked(cutSmall).mockResolvedValue(small);
    URL.createObjectURL = () => "blob:small";
    URL.revokeObjectURL = () => {};
    core.keysState.set({ ...core.keysState.get(), state: "ready" });
    const { container } = show();
    await userEvent.type(nameField(), "Roof");
    await tick(/Bala/);
    const way = screen.getByRole("button", { name: "Choose a picture of the group" });
    way.focus();
    await userEvent.keyboard("{Enter}");
    await userEvent.upload(screen.getByLabelText("Choose a picture"), new File(["large"], "roof.png", { type: "image/png" }));
    await userEvent.click(await screen.findByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(container.querySelector("img")).toHaveAttribute("src", "blob:small");
    await create();
    expect(core.chats.createGroup).toHaveBeenLastCalledWith("Roof", ["bala"], small);

    await userEvent.click(screen.getByRole("button", { name: "Change the picture of the group" }));
    await userEvent.click(screen.getByRole("button", { name: "Remove picture" }));
    expect(screen.getByRole("button", { name: "Choose a picture of the group" })).toHaveFocus();
    await create();
    expect(core.chats.createGroup).toHaveBeenLastCalledWith("Roof", ["bala"], undefined);
  });

  it("has no picture where the server could see it", () => {
    core.keysState.set({ ...core.keysState.get(), state: "off" });
    show();
    expect(screen.queryByRole("button", { name: /picture/ })).toBeNull();
  });
});
