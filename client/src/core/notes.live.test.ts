// Chats that the server can read.

import { notesTests } from "./testing/notes.ts";

notesTests();
