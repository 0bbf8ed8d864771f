import { defaultRangeExtractor, useVirtualizer, type Range } from "@tanstack/react-virtual";

import { RowList, useKeys, type Layout, type RowsProps } from "./rows.tsx";

/** Height of a row at the usual text size, in px; real rows are measured. */
const ROW = 70;

/** A long list: only those on the screen, and the one that the Tab key stops at, exist. Fetched by those who have one. */
export function ManyRows(props: RowsProps) {
  const keys = useKeys(props);
  const { ids, roving } = keys;
  // The compiler is not used: nothing memoizes what this returns.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => props.scroller,
    getItemKey: (index) => ids[index] ?? index,
    estimateSize: () => ROW,
    overscan: 8,
    rangeExtractor: (range: Range) => [...new Set([...defaultRangeExtractor(range), roving.stop])].toSorted((a, b) => a - b),
  });
  const layout: Layout = {
    placed: virtual.getVirtualItems(),
    height: virtual.getTotalSize(),
    measure: virtual.measureElement,
    bring: (index) => virtual.scrollToIndex(index),
  };
  return <RowList {...props} keys={keys} layout={layout} />;
}
