import { render } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";

import { drawList } from "./first-picture.ts";

const page = globalThis as { batiyounFrame?: (() => string) | undefined };

beforeEach(() => {
  page.batiyounFrame = () => "en today";
});
afterEach(() => {
  delete page.batiyounFrame;
  document.body.replaceChildren();
});

function shown(rows: React.ReactNode, pane = "flex"): void {
  const root = document.createElement("div");
  root.id = "root";
  document.body.append(root);
  render(
    <div className={`${pane} invisible`} inert>
      <nav aria-label="Chats">
        <ul>{rows}</ul>
      </nav>
    </div>,
    { container: root },
  );
}

const row = (index: number, id: string, inside: React.ReactNode) => (
  <li key={id} data-index={index} className="absolute top-0" style={{ transform: "translateY(40px)" }}>
    <a href={`/c/${id}`} data-chat={id} aria-current="page" tabIndex={0}>
      {inside}
    </a>
  </li>
);

test("the rows are drawn as they are, without what is true only now", () => {
  shown([row(0, "one", <>Asha<span data-now> (here)</span></>), row(1, "two", <img alt="" src="data:image/webp;base64,AA" />)]);
  expect(drawList(["one", "two"])).toEqual({
    frame: "en today",
    tree: [
      "div",
      { class: "flex" },
      [
        "nav",
        { "aria-label": "Chats" },
        [
          "ul",
          {},
          ["li", { "data-index": "0", class: "top-0" }, ["a", { href: "/c/one" }, "Asha"]],
          ["li", { "data-index": "1", class: "top-0" }, ["a", { href: "/c/two" }, ["img", { alt: "", src: 1 }]]],
        ],
      ],
    ],
  });
});

test("rows after those that are kept are not drawn", () => {
  shown([row(0, "one", "Asha"), row(1, "two", "Ravi")]);
  const drawn = JSON.stringify(drawList(["one"]));
  expect(drawn).toContain("Asha");
  expect(drawn).not.toContain("Ravi");
});

test("a list of others, or in another order, is no picture", () => {
  shown([row(0, "one", "Asha"), row(1, "two", "Ravi")]);
  expect(drawList(["two", "one"])).toBeNull();
  expect(drawList(["one", "two", "three"])).toBeNull();
  document.body.replaceChildren();
  expect(drawList(["one"])).toBeNull();
});
