import { act, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { ErrorBoundary } from "./error-boundary.tsx";
import { onDemand } from "./on-demand.tsx";

const Hello = ({ name }: { name: string }) => <p>Hello {name}</p>;

describe("a screen on demand", () => {
  it("is fetched once, when it is first wanted", async () => {
    const load = vi.fn<() => Promise<typeof Hello>>(async () => Hello);
    const Screen = onDemand(load);
    expect(load).not.toHaveBeenCalled();
    const { rerender } = await act(async () => render(<Screen name="Asha" />));
    expect(screen.getByText("Hello Asha")).toBeInTheDocument();
    rerender(<Screen name="Bala" />);
    expect(screen.getByText("Hello Bala")).toBeInTheDocument();
    expect(load).toHaveBeenCalledOnce();
  });

  it("renders in the same moment when its code is here already", async () => {
    const Screen = onDemand(async () => Hello);
    await act(async () => Screen.preload());
    const { container } = render(<Screen name="Asha" />);
    expect(container).toHaveTextContent("Hello Asha");
  });

  it("tells a failure to the error boundary and tries again the next time", async () => {
    const quiet = vi.spyOn(console, "error").mockImplementation(() => {});
    const load = vi.fn<() => Promise<typeof Hello>>(async () => Hello).mockRejectedValueOnce(new TypeError("no network"));
    const Screen = onDemand(load);
    const first = await act(async () => render(<ErrorBoundary><Screen name="Asha" /></ErrorBoundary>));
    expect(screen.getByRole("alert")).toHaveTextContent("no network");
    expect(load).toHaveBeenCalledOnce();
    first.unmount();
    await act(async () => render(<ErrorBoundary><Screen name="Asha" /></ErrorBoundary>));
    expect(screen.getByText("Hello Asha")).toBeInTheDocument();
    quiet.mockRestore();
  });

  it("forgets a failure of fetching ahead", async () => {
    const load = vi.fn<() => Promise<typeof Hello>>(async () => Hello).mockRejectedValueOnce(new TypeError("no network"));
    const Screen = onDemand(load);
    await act(async () => Screen.preload());
    await act(async () => render(<Screen name="Asha" />));
    expect(screen.getByText("Hello Asha")).toBeInTheDocument();
  });
});
