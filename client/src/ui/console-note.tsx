import { SquareTerminal } from "lucide-react";
import { Banner } from "./banner.tsx";

/** Said wherever somebody waits for a letter that no mail server will bring. */
export function ConsoleNote({ text }: { text: string }) {
  return (
    <Banner icon={SquareTerminal} shape="card">
      {text}
    </Banner>
  );
}
