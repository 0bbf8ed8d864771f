import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Banner } from "./banner.tsx";

/** What went wrong with what was just asked for, where it was asked; announced. */
export function Trouble({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <Banner icon={CircleAlert} tone="danger" shape="card" role="alert" action={action}>
      {children}
    </Banner>
  );
}
