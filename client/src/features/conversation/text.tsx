import type { ReactNode } from "react";

import type { Mention as Mentioned } from "@/core/services.ts";
import { blocks, type Block, type Piece, type Style } from "@/core/talk/marks.ts";

import { Mention } from "./mention.tsx";

const TAGS = { bold: "strong", italic: "em", struck: "s" } as const satisfies Record<Style, string>;

export interface TextProps {
  text: string;
  /** Whom it names. */
  mentions?: readonly Mentioned[] | undefined;
  /** For a few emoji alone. */
  large: boolean;
}

const NOBODY: readonly Mentioned[] = [];

/** What somebody wrote: its marks shown as what they mean, links that open elsewhere, names of people. */
export function Text({ text, mentions = NOBODY, large }: TextProps) {
  if (large) return <span className="block text-3xl">{text}</span>;
  // Each paragraph has the direction of its own first letter.
  return <span className="wrap-anywhere whitespace-pre-wrap [unicode-bidi:plaintext]">{keyed(blocks(text, mentions), Part)}</span>;
}

function Part({ of: block }: { of: Block }) {
  if (block.kind === "code") {
    // Long lines turn, instead of being scrolled inside what is scrolled.
    return (
      <pre dir="ltr" className="my-1 rounded-md bg-current/8 px-2.5 py-1.5 text-start font-mono text-sm whitespace-pre-wrap">
        <code>{block.text}</code>
      </pre>
    );
  }
  if (block.kind === "words") return keyed(block.parts, Words);
  return (
    <blockquote className="my-0.5 border-s-3 border-current/35 ps-2.5 [unicode-bidi:plaintext]">
      {keyed(block.parts, Words)}
    </blockquote>
  );
}

function Words({ of: piece }: { of: Piece }): ReactNode {
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "code":
      return <code className="rounded-sm bg-current/8 px-1 font-mono text-[0.9em]">{piece.text}</code>;
    case "mention":
      return <Mention of={piece} />;
    case "link":
      return (
        <a
          href={piece.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="text-read underline decoration-1 underline-offset-2"
        >
          {piece.text}
        </a>
      );
    default: {
      const Tag = TAGS[piece.kind];
      return <Tag>{keyed(piece.parts, Words)}</Tag>;
    }
  }
}

/** The parts of one text never change places. */
function keyed<Of>(parts: readonly Of[], As: (props: { of: Of }) => ReactNode): ReactNode {
  // oxlint-disable-next-line react/no-array-index-key
  return parts.map((part, index) => <As key={index} of={part} />);
}
