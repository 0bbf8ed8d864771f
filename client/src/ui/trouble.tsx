import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Banner } from "./banner.tsx";

/** What went wrong with what was just asked for, where it was asked; announced. */
export function Trouble({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <Banner icon={CircleAlert} tone="danger" shape="card" role="alert">
      {children}
      {/* Below, because beside it a sentence would be squeezed on a phone. */}
      {action && <div className="-ms-4 mt-1 -mb-1">{action}</div>}
    </Banner>
  );
}
