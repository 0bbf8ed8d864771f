import type { ReactNode } from "react";

import type { Resource } from "@/hooks/resource.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { SkeletonRows } from "@/ui/skeleton.tsx";
import { Trouble } from "@/ui/trouble.tsx";

export interface LoadedProps<T> {
  resource: Resource<T>;
  /** What is on its way, said once to screen readers. */
  label: string;
  rows?: number;
  children: (value: T) => ReactNode;
}

/** What the server knows, once it has said so; until then its outline, or what is in the way. */
export function Loaded<T>({ resource, label, rows = 2, children }: LoadedProps<T>) {
  const t = useT();
  const { value, problem, reload } = resource;
  return (
    <>
      {problem && (
        <Trouble
          action={
            <Button look="quiet" size="sm" onClick={reload}>
              {t("common.retry")}
            </Button>
          }
        >
          {problem}
        </Trouble>
      )}
      {value !== undefined && children(value)}
      {value === undefined && !problem && (
        <div className="-mx-4">
          <SkeletonRows rows={rows} label={label} />
        </div>
      )}
    </>
  );
}
