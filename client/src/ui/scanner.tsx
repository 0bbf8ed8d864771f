import { useEffect, useEffectEvent, useRef, useState } from "react";

import { Button } from "./button.tsx";
import { Trouble } from "./trouble.tsx";

/** What browsers with a camera may have (Shape Detection API); TypeScript's library does not know it yet. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
declare global {
  interface Window {
    BarcodeDetector?: new (options: { formats: string[] }) => Detector;
  }
}

/** Milliseconds between looks at the picture. */
const LOOK = 250;
/** Looks in a row that may fail: the first ones come before there is a picture. */
const PATIENCE = 12;

/** Where this browser cannot read codes, people read digits. */
export const canScan = (): boolean => window.BarcodeDetector !== undefined && Boolean(navigator.mediaDevices);

export interface ScannerProps {
  /** What the picture is. */
  label: string;
  /** What to do where the camera may not be used. */
  refusedText: string;
  stopLabel: string;
  /** Called with every code in view, again and again while it is there. */
  onCode: (code: string) => void;
  onClose: () => void;
}

/** The camera's picture, read for QR codes. Nothing of it leaves this page. */
export function Scanner({ label, refusedText, stopLabel, onCode, onClose }: ScannerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [refused, setRefused] = useState(false);
  const tell = useEffectEvent(onCode);

  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stream: MediaStream | null = null;
    const stop = (): void => stream?.getTracks().forEach((track) => track.stop());

    const giveUp = (): void => {
      stop();
      if (!over) setRefused(true);
    };

    const look = async (detector: Detector, failures = 0): Promise<void> => {
      const codes = video.current ? await detector.detect(video.current).catch(() => null) : [];
      if (over) return;
      // There is the interface, and nothing behind it that reads these codes.
      if (codes === null && failures === PATIENCE) return giveUp();
      for (const { rawValue } of codes ?? []) tell(rawValue);
      timer = setTimeout(() => void look(detector, codes === null ? failures + 1 : 0), LOOK);
    };
    const begin = async (): Promise<void> => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        // Closed while the browser asked for permission.
        if (over || !video.current || !window.BarcodeDetector) return stop();
        video.current.srcObject = stream;
        await video.current.play();
        await look(new window.BarcodeDetector({ formats: ["qr_code"] }));
      } catch {
        giveUp();
      }
    };
    void begin();
    return () => {
      over = true;
      clearTimeout(timer);
      stop();
    };
  }, []);

  return (
    <div className="flex flex-col items-center gap-3">
      {refused ? (
        <Trouble>{refusedText}</Trouble>
      ) : (
        <video ref={video} muted playsInline aria-label={label} className="aspect-square w-full max-w-56 rounded-md bg-sunken object-cover" />
      )}
      <Button look="quiet" size="sm" onClick={onClose}>
        {stopLabel}
      </Button>
    </div>
  );
}
