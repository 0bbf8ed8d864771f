import { pieces } from "./rich-text.ts";

/** What somebody wrote: words as they are, links that open elsewhere; `large` for a few emoji alone. */
export function Text({ text, large }: { text: string; large: boolean }) {
  if (large) return <span className="block text-3xl">{text}</span>;
  return (
    <span className="wrap-anywhere whitespace-pre-wrap">
      {pieces(text).map((piece, index) =>
        piece.kind === "text" ? (
          piece.text
        ) : (
          <a
            // The pieces of one text never change places.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="text-read underline decoration-1 underline-offset-2"
          >
            {piece.text}
          </a>
        ),
      )}
    </span>
  );
}
