/**
 * Says `text` politely to screen readers whenever it changes; shows nothing. It stays mounted while empty, because a region
 * that appears together with its text is not announced.
 */
export function LiveRegion({ text }: { text: string }) {
  return (
    <div role="status" aria-live="polite" aria-atomic="true" className="sr-only">
      {text}
    </div>
  );
}
