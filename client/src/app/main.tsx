import "./trusted-types.ts";
import "@/ui/styles.css";

import { boot } from "./boot.tsx";

void boot();
