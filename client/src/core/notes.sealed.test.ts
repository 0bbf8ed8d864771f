// Chats that the server cannot read.

import { notesTests } from "./testing/notes.ts";

notesTests();
