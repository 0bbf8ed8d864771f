import "./trusted-types.ts";
import "@/ui/styles.css";

import { createRoot } from "react-dom/client";

const root = document.getElementById("root");
if (root) createRoot(root).render(<main>Batiyoun</main>);
