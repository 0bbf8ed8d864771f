import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { LiveRegion } from "./live-region.tsx";

/** How long the button says that it worked, in ms. */
const SAID = 2_500;

export interface CopyButtonProps {
  text: string;
  label: string;
  /** What it says after that; announced. */
  copiedLabel: string;
  /** The clipboard is closed to us: say so. */
  onFailed: () => void;
}

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label, copiedLabel, onFailed }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      onFailed();
    }
  };
  return (
    <>
      <Button look="soft" size="sm" onClick={() => void copy()}>
        {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
        {copied ? copiedLabel : label}
      </Button>
      <LiveRegion text={copied ? copiedLabel : ""} />
    </>
  );
}
